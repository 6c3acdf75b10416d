"""The state machines of the runtime and of an extension, every pair of each, as the emulator's source has them."""

import itertools

import pytest

from sandbox_runner.guest.apis import extension_states, runtime_states
from sandbox_runner.guest.apis.extension_states import ExtensionCall, ExtensionState, ExtensionStates
from sandbox_runner.guest.apis.runtime_states import RuntimeCall, RuntimeState, RuntimeStates

R, RC = RuntimeState, RuntimeCall
E, EC = ExtensionState, ExtensionCall

OF_THE_RUNTIME = {
    (R.STARTED, RC.NEXT): R.READY,
    (R.STARTED, RC.INIT_ERROR): R.INIT_ERROR,
    (R.STARTED, RC.RESTORE_NEXT): R.RESTORE_READY,
    (R.READY, RC.NEXT): R.READY,
    (R.READY, RC.EVENT): R.RUNNING,
    (R.RUNNING, RC.NEXT): R.RUNNING,
    (R.RUNNING, RC.RESPONSE): R.INVOCATION_RESPONSE,
    (R.RUNNING, RC.ERROR): R.INVOCATION_ERROR_RESPONSE,
    (R.INVOCATION_RESPONSE, RC.SENT): R.RESPONSE_SENT,
    (R.INVOCATION_ERROR_RESPONSE, RC.SENT): R.RESPONSE_SENT,
    (R.RESPONSE_SENT, RC.NEXT): R.READY,
    (R.RESTORE_READY, RC.RESTORE): R.RESTORING,
    (R.RESTORING, RC.NEXT): R.READY,
    (R.RESTORING, RC.RESTORE_ERROR): R.RESTORE_ERROR,
    (R.RESTORING, RC.INIT_ERROR): R.RESTORE_ERROR,
}
OF_AN_EXTENSION = {
    (E.STARTED, EC.REGISTER): E.REGISTERED,
    (E.STARTED, EC.NOT_LAUNCHED): E.LAUNCH_ERROR,
    (E.REGISTERED, EC.NEXT): E.READY,
    (E.REGISTERED, EC.INIT_ERROR): E.INIT_ERROR,
    (E.REGISTERED, EC.EXIT_ERROR): E.EXIT_ERROR,
    (E.READY, EC.EVENT): E.RUNNING,
    (E.READY, EC.EXIT_ERROR): E.EXIT_ERROR,
    (E.RUNNING, EC.NEXT): E.READY,
    (E.RUNNING, EC.EXIT_ERROR): E.EXIT_ERROR,
    (E.RUNNING, EC.ENDED_WELL): E.EXITED,
    (E.RUNNING, EC.ENDED_BADLY): E.SHUTDOWN_FAILED,
    (E.INIT_ERROR, EC.INIT_ERROR): E.INIT_ERROR,
    (E.EXIT_ERROR, EC.EXIT_ERROR): E.EXIT_ERROR,
}
MACHINES = {
    "runtime": (RuntimeStates, RuntimeState, RuntimeCall, OF_THE_RUNTIME),
    "extension": (ExtensionStates, ExtensionState, ExtensionCall, OF_AN_EXTENSION),
}


@pytest.mark.parametrize(("machine", "states", "calls", "allowed"), MACHINES.values(), ids=MACHINES.keys())
def test_each_pair_leads_where_it_should_or_nowhere(machine, states, calls, allowed):
    for state, call in itertools.product(states, calls):
        one = machine()
        one.state = state

        taken = one.take(call)

        assert taken is ((state, call) in allowed), (state, call)
        assert one.state is allowed.get((state, call), state), (state, call)


@pytest.mark.parametrize(
    ("module", "states"), [(runtime_states, RuntimeState), (extension_states, ExtensionState)], ids=MACHINES.keys()
)
def test_every_state_has_a_row(module, states):
    assert set(module.TABLE) == set(states)


def test_a_refusal_names_where_the_runtime_was_and_where_it_would_have_gone():
    states = RuntimeStates()
    states.take(RC.NEXT)

    assert states.refusal(RC.RESPONSE) == (
        "State transition from Ready to InvocationResponse failed for runtime. Error: State transition is not allowed"
    )


def test_a_refused_extension_learns_where_it_was_and_where_it_would_have_gone():
    assert ExtensionStates().refusal(EC.NEXT, "tap") == (
        "State transition from Started to Ready failed for extension tap. Error: State transition is not allowed"
    )
