"""The state machine of an extension, every pair of it, as the emulator's source has it."""

import itertools

import pytest

from sandbox_runner.guest.apis.extension_states import TABLE, ExtensionCall, ExtensionState, ExtensionStates

S, C = ExtensionState, ExtensionCall

ALLOWED = {
    (S.STARTED, C.REGISTER): S.REGISTERED,
    (S.STARTED, C.NOT_LAUNCHED): S.LAUNCH_ERROR,
    (S.REGISTERED, C.NEXT): S.READY,
    (S.REGISTERED, C.INIT_ERROR): S.INIT_ERROR,
    (S.REGISTERED, C.EXIT_ERROR): S.EXIT_ERROR,
    (S.READY, C.EVENT): S.RUNNING,
    (S.READY, C.EXIT_ERROR): S.EXIT_ERROR,
    (S.RUNNING, C.NEXT): S.READY,
    (S.RUNNING, C.EXIT_ERROR): S.EXIT_ERROR,
    (S.RUNNING, C.ENDED_WELL): S.EXITED,
    (S.RUNNING, C.ENDED_BADLY): S.SHUTDOWN_FAILED,
    (S.INIT_ERROR, C.INIT_ERROR): S.INIT_ERROR,
    (S.EXIT_ERROR, C.EXIT_ERROR): S.EXIT_ERROR,
}


@pytest.mark.parametrize(("state", "call"), list(itertools.product(ExtensionState, ExtensionCall)))
def test_each_pair_of_an_extension_leads_where_it_should_or_nowhere(state, call):
    states = ExtensionStates()
    states.state = state

    taken = states.take(call)

    assert taken is ((state, call) in ALLOWED)
    assert states.state is ALLOWED.get((state, call), state)


def test_every_state_of_an_extension_has_a_row():
    assert set(TABLE) == set(ExtensionState)


def test_a_refused_extension_learns_where_it_was_and_where_it_would_have_gone():
    assert ExtensionStates().refusal(C.NEXT, "tap") == (
        "State transition from Started to Ready failed for extension tap. Error: State transition is not allowed"
    )
