"""The lifecycle table, row by row, against a list that is written out here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.errors import IllegalTransition, OurFailure
from sandbox_runner.rules.lifecycle import TRANSITIONS, Lifecycle, State, Trigger, next_state

# Everything that is allowed. What is not here is refused.
ALLOWED = {
    ("created", "start_init"): "initializing",
    ("created", "destroyed"): "terminated",
    ("initializing", "init_done"): "idle",
    ("initializing", "init_failed"): "needs-init",
    ("initializing", "init_timed_out"): "needs-init",
    ("initializing", "destroyed"): "terminated",
    ("idle", "freeze"): "frozen",
    ("idle", "start_invoke"): "invoking",
    ("idle", "take_snapshot"): "snapshotted",
    ("idle", "shutdown"): "shutting-down",
    ("idle", "destroyed"): "terminated",
    ("frozen", "thaw"): "idle",
    ("frozen", "shutdown"): "shutting-down",
    ("frozen", "destroyed"): "terminated",
    ("invoking", "invoke_done"): "idle",
    ("invoking", "invoke_timed_out"): "resetting",
    ("invoking", "runtime_exited"): "resetting",
    ("invoking", "extension_exited"): "resetting",
    ("invoking", "destroyed"): "terminated",
    ("resetting", "reset_done"): "needs-init",
    ("resetting", "destroyed"): "terminated",
    ("needs-init", "start_invoke"): "suppressed-init",
    ("needs-init", "shutdown"): "shutting-down",
    ("needs-init", "destroyed"): "terminated",
    ("suppressed-init", "init_done"): "invoking",
    ("suppressed-init", "init_failed"): "resetting",
    ("suppressed-init", "init_timed_out"): "resetting",
    ("suppressed-init", "destroyed"): "terminated",
    ("snapshotted", "start_restore"): "restoring",
    ("snapshotted", "destroyed"): "terminated",
    ("restoring", "restore_done"): "idle",
    ("restoring", "restore_failed"): "terminated",
    ("restoring", "restore_timed_out"): "terminated",
    ("restoring", "destroyed"): "terminated",
    ("shutting-down", "shutdown_done"): "terminated",
    ("shutting-down", "destroyed"): "terminated",
}

triggers = st.lists(st.sampled_from(Trigger), max_size=30)


def in_state(state):
    lifecycle = Lifecycle()
    lifecycle.state = state
    return lifecycle


def reachable_from(state):
    found, waiting = set(), [state]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += [there for trigger in Trigger if (there := next_state(here, trigger))]
    return found


@pytest.mark.parametrize("trigger", Trigger)
@pytest.mark.parametrize("state", State)
def test_every_trigger_in_every_state_does_what_the_list_says(state, trigger):
    assert next_state(state, trigger) == ALLOWED.get((str(state), str(trigger)))


@pytest.mark.parametrize("trigger", Trigger)
@pytest.mark.parametrize("state", State)
def test_firing_moves_or_refuses_and_then_stays(state, trigger):
    lifecycle = in_state(state)
    expected = ALLOWED.get((str(state), str(trigger)))
    assert lifecycle.can(trigger) is (expected is not None)
    if expected is None:
        with pytest.raises(IllegalTransition):
            lifecycle.fire(trigger)
        assert lifecycle.state is state
    else:
        assert lifecycle.fire(trigger) == lifecycle.state == expected


def test_the_list_names_only_states_and_triggers_that_exist():
    assert {state for state, _ in ALLOWED} | set(ALLOWED.values()) <= set(State)
    assert {trigger for _, trigger in ALLOWED} == set(Trigger)


def test_every_state_has_a_row():
    assert set(TRANSITIONS) == set(State)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        TRANSITIONS[State.TERMINATED] = {}


def test_an_environment_begins_created():
    assert Lifecycle().state is State.CREATED


def test_every_state_can_be_reached():
    assert reachable_from(State.CREATED) == set(State)


@pytest.mark.parametrize("state", State)
def test_the_end_can_be_reached_from_everywhere(state):
    assert State.TERMINATED in reachable_from(state)


def test_nothing_follows_the_end():
    assert reachable_from(State.TERMINATED) == {State.TERMINATED}


def test_a_refusal_names_state_and_trigger_and_is_our_failure():
    with pytest.raises(OurFailure, match="frozen cannot take the trigger start_invoke"):
        in_state(State.FROZEN).fire(Trigger.START_INVOKE)


@given(triggers)
def test_an_invocation_never_begins_without_an_init_that_worked_since_the_last_reset(fired):
    lifecycle, initialised = Lifecycle(), False
    for trigger in filter(lifecycle.can, fired):
        lifecycle.fire(trigger)
        initialised = trigger is Trigger.INIT_DONE or (initialised and lifecycle.state is not State.RESETTING)
        assert initialised or lifecycle.state is not State.INVOKING
