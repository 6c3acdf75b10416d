"""Which calls of the Extensions API are allowed, and when, as one table. Pure.

An extension is *started*, *registers*, and asks for its first event, which makes it *ready*; an event makes it
*running* until it asks again. It may say that its init failed before it was ready, and that it has to end at any time
after it registered. Whoever asks for an event while one is pending is refused. A call that is not in the table is
answered with 403 and changes nothing.

Source: aws/aws-lambda-runtime-interface-emulator, internal/lambda/core/externalagent_states.go, internalagent_states.go
and agent_state_names.go.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class ExtensionState(StrEnum):
    """An extension's state; the values are the names in error messages and in the log."""

    STARTED = "Started"
    REGISTERED = "Registered"
    READY = "Ready"
    RUNNING = "Running"
    INIT_ERROR = "InitError"
    EXIT_ERROR = "ExitError"
    SHUTDOWN_FAILED = "ShutdownFailed"
    EXITED = "Exited"
    LAUNCH_ERROR = "LaunchError"


class ExtensionCall(StrEnum):
    """What the extension calls (first four) and what happens to it (the others)."""

    REGISTER = "register"
    NEXT = "next"
    INIT_ERROR = "init_error"
    EXIT_ERROR = "exit_error"
    EVENT = "event"
    ENDED_WELL = "ended_well"
    ENDED_BADLY = "ended_badly"
    NOT_LAUNCHED = "not_launched"


_S, _C = ExtensionState, ExtensionCall

TABLE: Final = MappingProxyType(
    {
        _S.STARTED: {_C.REGISTER: _S.REGISTERED, _C.NOT_LAUNCHED: _S.LAUNCH_ERROR},
        _S.REGISTERED: {_C.NEXT: _S.READY, _C.INIT_ERROR: _S.INIT_ERROR, _C.EXIT_ERROR: _S.EXIT_ERROR},
        _S.READY: {_C.EVENT: _S.RUNNING, _C.EXIT_ERROR: _S.EXIT_ERROR},
        _S.RUNNING: {
            _C.NEXT: _S.READY,
            _C.EXIT_ERROR: _S.EXIT_ERROR,
            _C.ENDED_WELL: _S.EXITED,
            _C.ENDED_BADLY: _S.SHUTDOWN_FAILED,
        },
        _S.INIT_ERROR: {_C.INIT_ERROR: _S.INIT_ERROR},
        _S.EXIT_ERROR: {_C.EXIT_ERROR: _S.EXIT_ERROR},
        _S.SHUTDOWN_FAILED: {},
        _S.EXITED: {},
        _S.LAUNCH_ERROR: {},
    }
)

# The state that a rejected call would have led to, as named in the error.
_AIMS_AT: Final = MappingProxyType(
    {
        _C.REGISTER: _S.REGISTERED,
        _C.NEXT: _S.READY,
        _C.INIT_ERROR: _S.INIT_ERROR,
        _C.EXIT_ERROR: _S.EXITED,
    }
)


class ExtensionStates:
    """The state of one extension; changes only by :data:`TABLE`."""

    def __init__(self) -> None:
        self.state = ExtensionState.STARTED

    def take(self, call: ExtensionCall) -> bool:
        """Move on if the table allows ``call`` now; otherwise change nothing and return false."""
        following = TABLE[self.state].get(call)
        if following is None:
            return False
        self.state = following
        return True

    def refusal(self, call: ExtensionCall, who: str) -> str:
        """The sentence that a refused ``call`` is answered with."""
        return (
            f"State transition from {self.state} to {_AIMS_AT[call]} failed for extension {who}. "
            "Error: State transition is not allowed"
        )
