"""The runtime's state machine, every pair of it, as the emulator's source has it."""

import itertools

import pytest

from sandbox_runner.guest.apis.runtime_states import TABLE, RuntimeCall, RuntimeState, RuntimeStates

S, C = RuntimeState, RuntimeCall

ALLOWED = {
    (S.STARTED, C.NEXT): S.READY,
    (S.STARTED, C.INIT_ERROR): S.INIT_ERROR,
    (S.STARTED, C.RESTORE_NEXT): S.RESTORE_READY,
    (S.READY, C.NEXT): S.READY,
    (S.READY, C.EVENT): S.RUNNING,
    (S.RUNNING, C.NEXT): S.RUNNING,
    (S.RUNNING, C.RESPONSE): S.INVOCATION_RESPONSE,
    (S.RUNNING, C.ERROR): S.INVOCATION_ERROR_RESPONSE,
    (S.INVOCATION_RESPONSE, C.SENT): S.RESPONSE_SENT,
    (S.INVOCATION_ERROR_RESPONSE, C.SENT): S.RESPONSE_SENT,
    (S.RESPONSE_SENT, C.NEXT): S.READY,
    (S.RESTORE_READY, C.RESTORE): S.RESTORING,
    (S.RESTORING, C.NEXT): S.READY,
    (S.RESTORING, C.RESTORE_ERROR): S.RESTORE_ERROR,
    (S.RESTORING, C.INIT_ERROR): S.RESTORE_ERROR,
}


@pytest.mark.parametrize(("state", "call"), list(itertools.product(RuntimeState, RuntimeCall)))
def test_each_pair_leads_where_it_should_or_nowhere(state, call):
    states = RuntimeStates()
    states.state = state

    taken = states.take(call)

    assert taken is ((state, call) in ALLOWED)
    assert states.state is ALLOWED.get((state, call), state)


def test_every_state_has_a_row():
    assert set(TABLE) == set(RuntimeState)


def test_a_refusal_names_where_it_was_and_where_it_would_have_gone():
    states = RuntimeStates()
    states.take(C.NEXT)

    assert states.refusal(C.RESPONSE) == (
        "State transition from Ready to InvocationResponse failed for runtime. Error: State transition is not allowed"
    )
