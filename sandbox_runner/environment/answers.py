"""What the caller gets when the function did not answer by itself. Pure.

Texts and key order as the service sends them, see
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html and fatalerror and rapidcore of
aws/aws-lambda-runtime-interface-emulator. Each of them travels with status 200 and ``X-Amz-Function-Error``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sandbox_runner import limits
from sandbox_runner.guest.wire.framing import InitDone
from sandbox_runner.results.model import Outcome
from sandbox_runner.rules.timestamps import timestamp

if TYPE_CHECKING:
    from sandbox_runner.guest.wire.framing import Answered, InvokeDone

EXIT_ERROR: Final = "Runtime.ExitError"
OUT_OF_MEMORY: Final = "Runtime.OutOfMemory"
TIMED_OUT: Final = "Sandbox.Timedout"
TOO_LARGE: Final = "Function.ResponseSizeTooLarge"
_ERROR_TYPE_CHARACTERS_MAX = 256


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes to the caller. ``error_type`` is the dotted type of ``outcome``; ``size`` counts all bytes."""

    outcome: Outcome
    body: bytes
    size: int
    error_type: str = ""
    content_type: str = "application/json"

    @property
    def function_error(self) -> Literal["", "Unhandled"]:
        """``X-Amz-Function-Error``."""
        return "" if self.outcome is Outcome.SUCCESS else "Unhandled"


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that is answered: its id, the function's timeout in seconds, and the style of the service's texts.

    ``epoch_ms`` is now; the older style's timeout names it.
    """

    request_id: str
    timeout_s: int
    style: Literal["current", "older"] = "current"
    epoch_ms: int = 0


def from_runtime(answered: Answered) -> Answer:
    """What the runtime posted, or what replaces it where that was too large."""
    if answered.too_large:
        text = f"Response payload size exceeded maximum allowed payload size ({limits.RESPONSE_BYTES_MAX} bytes)."
        return _fault(Outcome.FUNCTION_ERROR, TOO_LARGE, {"errorMessage": text, "errorType": TOO_LARGE})
    content_type = answered.content_type or "application/json"
    if answered.kind == "response":
        return Answer(Outcome.SUCCESS, answered.body, answered.size, content_type=content_type)
    error_type = error_type_of(answered.body) or answered.error_type or "Unhandled"
    return Answer(Outcome.FUNCTION_ERROR, answered.body, answered.size, error_type, content_type)


def from_failed_invoke(done: InvokeDone, asked: Asked) -> Answer:
    """The answer to a request whose invocation ended by timeout or by the end of the runtime's process."""
    if done.status == "timeout":
        return _timed_out(asked)
    outcome = Outcome.OUT_OF_MEMORY if done.out_of_memory else Outcome.RUNTIME_EXIT
    return _exited(outcome, asked.request_id, done.exit)


def from_failed_init(done: InitDone, asked: Asked) -> Answer:
    """The answer to a request whose suppressed init failed: the runtime's own report, where it made one."""
    if done.status == "timeout":
        return _timed_out(asked)
    if done.body:
        return Answer(Outcome.INIT_ERROR, done.body, len(done.body), done.error_type)
    outcome = Outcome.OUT_OF_MEMORY if done.out_of_memory else Outcome.INIT_ERROR
    return _exited(outcome, asked.request_id, done.exit)


def logged_error_type(done: InitDone | InvokeDone) -> str | None:
    """The error type that the log gives for an ending: memory running out has a name there, a timeout has none."""
    if done.status in {"success", "timeout"}:
        return None
    if done.out_of_memory:
        return OUT_OF_MEMORY
    return (done.error_type if isinstance(done, InitDone) else "") or EXIT_ERROR


def error_type_of(body: bytes) -> str:
    """``errorType`` of the JSON that a runtime posted, or empty where it is none."""
    try:
        posted = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    named = posted.get("errorType") if isinstance(posted, dict) else None
    return named[:_ERROR_TYPE_CHARACTERS_MAX] if isinstance(named, str) else ""


def _timed_out(asked: Asked) -> Answer:
    text = f"Task timed out after {asked.timeout_s:.2f} seconds"
    if asked.style == "older":
        # Without a type, and dated as the line of the log is.
        dated = f"{timestamp(asked.epoch_ms * 1000)} {asked.request_id} {text}"
        return _fault(Outcome.TIMEOUT, TIMED_OUT, {"errorMessage": dated})
    told = {"errorType": TIMED_OUT, "errorMessage": f"RequestId: {asked.request_id} Error: {text}"}
    return _fault(Outcome.TIMEOUT, TIMED_OUT, told)


def _exited(outcome: Outcome, request_id: str, how: str) -> Answer:
    reason = f"Runtime exited with error: {how}" if how else "Runtime exited without providing a reason"
    # The caller is never told that memory ran out; only the log is.
    body = {"errorType": EXIT_ERROR, "errorMessage": f"RequestId: {request_id} Error: {reason}"}
    return _fault(outcome, OUT_OF_MEMORY if outcome is Outcome.OUT_OF_MEMORY else EXIT_ERROR, body)


def _fault(outcome: Outcome, error_type: str, body: dict[str, str]) -> Answer:
    data = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    return Answer(outcome, data, len(data), error_type)
