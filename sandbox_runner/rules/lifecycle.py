"""The lifecycle of an execution environment, as one table.

An environment is *created*, and the runtime inside it is *initialised*: module code runs until the runtime asks for its
first event. From then on the environment is *idle*; it is *frozen* whenever nothing waits for it, *thawed* when
something does, and *invoked* one request at a time.

Three things end an invocation badly: the function's timeout, the end of the runtime's process, and the end of an
extension's. All of them *reset* the environment: the processes die, ``/tmp`` stays, and initialisation is repeated only
with the next invocation, if there is one. That repeat is the *suppressed init*: it runs inside the invoke phase,
against the function's own timeout, and the log does not announce it. A first initialisation that fails or exceeds its
limit is repeated in the same way. A handler that merely raises resets nothing: the runtime reports the error and asks
for the next event as usual.

An idle environment can be snapshotted and restored later any number of times. Shutdown is possible from every state in
which nothing runs. The owner of the sandbox can also end it from outside at any moment (a cancelled run, a lost
machine): that is ``DESTROYED``, legal everywhere but at the end.

Deliberately not in the table: time limits (``limits``), which environment gets a request (``service``), and what the
log says (``logs``).

Sources: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html and the state machine of
aws/aws-lambda-runtime-interface-emulator, internal/lambda/core/states.go and internal/lambda/rapid/handlers.go.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sandbox_runner.errors import IllegalTransition


class State(StrEnum):
    """Where an environment is in its lifecycle."""

    CREATED = "created"
    INITIALIZING = "initializing"
    IDLE = "idle"
    FROZEN = "frozen"
    INVOKING = "invoking"
    RESETTING = "resetting"
    NEEDS_INIT = "needs-init"
    SUPPRESSED_INIT = "suppressed-init"
    SNAPSHOTTED = "snapshotted"
    RESTORING = "restoring"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"


class Trigger(StrEnum):
    """Something that can happen to an environment."""

    START_INIT = "start_init"
    INIT_DONE = "init_done"
    INIT_FAILED = "init_failed"
    INIT_TIMED_OUT = "init_timed_out"
    FREEZE = "freeze"
    THAW = "thaw"
    START_INVOKE = "start_invoke"
    INVOKE_DONE = "invoke_done"
    INVOKE_TIMED_OUT = "invoke_timed_out"
    RUNTIME_EXITED = "runtime_exited"
    EXTENSION_EXITED = "extension_exited"
    RESET_DONE = "reset_done"
    TAKE_SNAPSHOT = "take_snapshot"
    START_RESTORE = "start_restore"
    RESTORE_DONE = "restore_done"
    RESTORE_FAILED = "restore_failed"
    RESTORE_TIMED_OUT = "restore_timed_out"
    SHUTDOWN = "shutdown"
    SHUTDOWN_DONE = "shutdown_done"
    DESTROYED = "destroyed"


_S, _T = State, Trigger

TRANSITIONS: Final = MappingProxyType(
    {
        _S.CREATED: {_T.START_INIT: _S.INITIALIZING},
        _S.INITIALIZING: {
            _T.INIT_DONE: _S.IDLE,
            _T.INIT_FAILED: _S.NEEDS_INIT,
            _T.INIT_TIMED_OUT: _S.NEEDS_INIT,
        },
        _S.IDLE: {
            _T.FREEZE: _S.FROZEN,
            _T.START_INVOKE: _S.INVOKING,
            _T.TAKE_SNAPSHOT: _S.SNAPSHOTTED,
            _T.SHUTDOWN: _S.SHUTTING_DOWN,
        },
        _S.FROZEN: {_T.THAW: _S.IDLE, _T.SHUTDOWN: _S.SHUTTING_DOWN},
        _S.INVOKING: {
            _T.INVOKE_DONE: _S.IDLE,
            _T.INVOKE_TIMED_OUT: _S.RESETTING,
            _T.RUNTIME_EXITED: _S.RESETTING,
            _T.EXTENSION_EXITED: _S.RESETTING,
        },
        _S.RESETTING: {_T.RESET_DONE: _S.NEEDS_INIT},
        _S.NEEDS_INIT: {_T.START_INVOKE: _S.SUPPRESSED_INIT, _T.SHUTDOWN: _S.SHUTTING_DOWN},
        _S.SUPPRESSED_INIT: {
            _T.INIT_DONE: _S.INVOKING,
            _T.INIT_FAILED: _S.RESETTING,
            _T.INIT_TIMED_OUT: _S.RESETTING,
        },
        _S.SNAPSHOTTED: {_T.START_RESTORE: _S.RESTORING},
        _S.RESTORING: {
            _T.RESTORE_DONE: _S.IDLE,
            _T.RESTORE_FAILED: _S.TERMINATED,
            _T.RESTORE_TIMED_OUT: _S.TERMINATED,
        },
        _S.SHUTTING_DOWN: {_T.SHUTDOWN_DONE: _S.TERMINATED},
        _S.TERMINATED: {},
    }
)


class Lifecycle:
    """The state of one environment; changes only by :data:`TRANSITIONS`."""

    def __init__(self) -> None:
        self.state = State.CREATED

    def can(self, trigger: Trigger) -> bool:
        """Whether firing ``trigger`` now is legal."""
        return next_state(self.state, trigger) is not None

    def fire(self, trigger: Trigger) -> State:
        """Move to the next state and return it.

        :raises IllegalTransition: the table has no such row; the state is unchanged.
        """
        following = next_state(self.state, trigger)
        if following is None:
            raise IllegalTransition(f"an environment that is {self.state} cannot take the trigger {trigger}")
        self.state = following
        return following


def next_state(state: State, trigger: Trigger) -> State | None:
    """The state that follows, or ``None`` if the table does not allow it."""
    if trigger is Trigger.DESTROYED:
        return None if state is State.TERMINATED else State.TERMINATED
    return TRANSITIONS[state].get(trigger)
