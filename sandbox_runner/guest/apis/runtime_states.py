"""Which calls of the Runtime API are allowed, and when, as one table. Pure.

A runtime is *started*, asks for its first event and is *ready*; an event makes it *running*; its answer or error is
accepted and *sent*; then it asks again. If it asks while running it gets the same event again, as in AWS's emulator. A
call that is not in the table is rejected with 403 and changes nothing.

The restore states complete the table; nothing enters them until snapshots exist.

Source: aws/aws-lambda-runtime-interface-emulator, internal/lambda/core/states.go and runtime_state_names.go.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class RuntimeState(StrEnum):
    """A runtime's state; the values are the names in error messages."""

    STARTED = "Started"
    INIT_ERROR = "InitError"
    READY = "Ready"
    RUNNING = "Running"
    INVOCATION_RESPONSE = "InvocationResponse"
    INVOCATION_ERROR_RESPONSE = "InvocationErrorResponse"
    RESPONSE_SENT = "RuntimeResponseSentState"
    RESTORE_READY = "RestoreReady"
    RESTORING = "Restoring"
    RESTORE_ERROR = "RuntimeRestoreErrorState"


class RuntimeCall(StrEnum):
    """What the runtime calls (first five) and what the API itself does to it (the others)."""

    NEXT = "next"
    RESPONSE = "response"
    ERROR = "error"
    INIT_ERROR = "init_error"
    RESTORE_NEXT = "restore_next"
    RESTORE_ERROR = "restore_error"
    EVENT = "event"
    SENT = "sent"
    RESTORE = "restore"


_S, _C = RuntimeState, RuntimeCall

TABLE: Final = MappingProxyType(
    {
        _S.STARTED: {
            _C.NEXT: _S.READY,
            _C.INIT_ERROR: _S.INIT_ERROR,
            _C.RESTORE_NEXT: _S.RESTORE_READY,
        },
        _S.INIT_ERROR: {},
        _S.READY: {_C.NEXT: _S.READY, _C.EVENT: _S.RUNNING},
        _S.RUNNING: {
            _C.NEXT: _S.RUNNING,
            _C.RESPONSE: _S.INVOCATION_RESPONSE,
            _C.ERROR: _S.INVOCATION_ERROR_RESPONSE,
        },
        _S.INVOCATION_RESPONSE: {_C.SENT: _S.RESPONSE_SENT},
        _S.INVOCATION_ERROR_RESPONSE: {_C.SENT: _S.RESPONSE_SENT},
        _S.RESPONSE_SENT: {_C.NEXT: _S.READY},
        _S.RESTORE_READY: {_C.RESTORE: _S.RESTORING},
        _S.RESTORING: {
            _C.NEXT: _S.READY,
            _C.RESTORE_ERROR: _S.RESTORE_ERROR,
            _C.INIT_ERROR: _S.RESTORE_ERROR,
        },
        _S.RESTORE_ERROR: {},
    }
)

# The state that a rejected call would have led to, as named in the error.
_AIMS_AT: Final = MappingProxyType(
    {
        _C.NEXT: _S.READY,
        _C.RESPONSE: _S.INVOCATION_RESPONSE,
        _C.ERROR: _S.INVOCATION_ERROR_RESPONSE,
        _C.INIT_ERROR: _S.INIT_ERROR,
        _C.RESTORE_NEXT: _S.RESTORE_READY,
        _C.RESTORE_ERROR: _S.RESTORE_ERROR,
    }
)


class RuntimeStates:
    """The state of one runtime process; changes only by :data:`TABLE`."""

    def __init__(self) -> None:
        self.state = RuntimeState.STARTED

    def take(self, call: RuntimeCall) -> bool:
        """Move on if the table allows ``call`` now; otherwise change nothing and return false."""
        following = TABLE[self.state].get(call)
        if following is None:
            return False
        self.state = following
        return True

    def refusal(self, call: RuntimeCall) -> str:
        """The sentence that a refused ``call`` is answered with."""
        return (
            f"State transition from {self.state} to {_AIMS_AT[call]} failed for runtime. "
            "Error: State transition is not allowed"
        )
