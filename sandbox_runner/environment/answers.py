"""What the caller gets if the function did not answer itself. Pure.

Texts and key order as sent by the service, see
https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html and fatalerror and rapidcore of
aws/aws-lambda-runtime-interface-emulator. Each is sent with status 200 and ``X-Amz-Function-Error``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from sandbox_runner import limits
from sandbox_runner.events.records import InitFailed, RequestAnswered
from sandbox_runner.results.model import Outcome
from sandbox_runner.rules.timestamps import timestamp
from sandbox_runner.untrusted_text import cut_bytes, well_formed

if TYPE_CHECKING:
    from sandbox_runner.guest.wire import Answered, AnswerPart, InitDone, InvokeDone

EXIT_ERROR: Final = "Runtime.ExitError"
OUT_OF_MEMORY: Final = "Runtime.OutOfMemory"
INVALID_ENTRY_POINT: Final = "Runtime.InvalidEntrypoint"
TIMED_OUT: Final = "Sandbox.Timedout"
TOO_LARGE: Final = "Function.ResponseSizeTooLarge"
_EXTENSION: Final = "Extension."
_ERROR_TYPE_CHARACTERS_MAX = 256
_HEADER_CHARACTERS_MAX = 256


@dataclass(slots=True)
class Streamed:
    """What came of a streamed answer so far. ``body`` has as much of it as any other answer may have."""

    content_type: str = ""
    body: bytearray = field(default_factory=bytearray)
    size: int = 0
    chunks: int = 0

    def add(self, part: AnswerPart) -> None:
        """More of it came."""
        self.content_type = part.content_type
        self.body += part.body[: limits.RESPONSE_BYTES_MAX - len(self.body)]
        self.size += len(part.body)
        self.chunks += 1


@dataclass(frozen=True, slots=True)
class Answer:
    """The caller's answer. ``error_type`` is the dotted type of ``outcome``; ``size`` counts all bytes.

    ``streamed`` is what came before, of an answer that failed after its first byte: callers that read it as it comes
    have that, and ``body`` is what others get. ``chunks`` counts those of an answer that was streamed.
    """

    outcome: Outcome
    body: bytes
    size: int
    error_type: str = ""
    content_type: str = "application/json"
    chunks: int = 0
    streamed: Streamed | None = None

    @property
    def function_error(self) -> Literal["", "Unhandled"]:
        """``X-Amz-Function-Error``."""
        return "" if self.outcome is Outcome.SUCCESS else "Unhandled"


@dataclass(frozen=True, slots=True)
class Asked:
    """The request to answer: its id, the function's timeout in seconds, and the style of the service's texts.

    ``epoch_ms`` is now; a timeout in the older style includes it.
    """

    request_id: str
    timeout_s: int
    style: Literal["current", "older"] = "current"
    epoch_ms: int = 0


def recorded(answer: Answer, index: int, attempt: int) -> RequestAnswered:
    """The record of the answer to attempt ``attempt`` at request ``index``."""
    before = answer.streamed
    body, size = (bytes(before.body), before.size) if before else (answer.body, answer.size)
    text, cut = cut_bytes(body, limits.RESULT_ANSWER_BYTES_MAX)
    failure = cut_bytes(answer.body, limits.RESULT_ANSWER_BYTES_MAX)[0] if before else ""
    return RequestAnswered(
        index=index,
        attempt=attempt,
        status_code=200,
        response=text,
        response_bytes=size,
        response_cut=cut + size - len(body),
        content_type=well_formed((before or answer).content_type[:_HEADER_CHARACTERS_MAX]),
        function_error=answer.function_error,
        outcome=answer.outcome,
        error_type=well_formed(answer.error_type),
        chunks=answer.chunks,
        failure=failure,
    )


def recorded_failure(done: InitDone) -> InitFailed:
    """The record of why an init phase failed, which answers nobody."""
    return InitFailed(said=cut_bytes(done.body, limits.RESULT_ANSWER_BYTES_MAX)[0])


def from_runtime(answered: Answered, streamed: Streamed) -> Answer:
    """What the runtime posted, or its replacement if that was too large.

    :param streamed: the parts of it, if it was streamed.
    """
    if answered.streamed:
        return _streamed(answered, streamed)
    return _posted(answered)


def after(answer: Answer, streamed: Streamed) -> Answer:
    """``answer``, which is a failure, if so much of another one had come before."""
    return replace(answer, chunks=streamed.chunks, streamed=streamed) if streamed.chunks else answer


def _streamed(answered: Answered, streamed: Streamed) -> Answer:
    if answered.kind == "response" and not answered.too_large:
        content_type = answered.content_type or "application/octet-stream"
        whole = Answer(Outcome.SUCCESS, bytes(streamed.body), streamed.size, content_type=content_type)
        return replace(whole, chunks=streamed.chunks)
    return after(_posted(answered), streamed)


def _posted(answered: Answered) -> Answer:
    if answered.too_large:
        text = f"Response payload size exceeded maximum allowed payload size ({limits.RESPONSE_BYTES_MAX} bytes)."
        return _fault(Outcome.FUNCTION_ERROR, TOO_LARGE, {"errorMessage": text, "errorType": TOO_LARGE})
    content_type = answered.content_type or "application/json"
    if answered.kind == "response":
        return Answer(Outcome.SUCCESS, answered.body, answered.size, content_type=content_type)
    error_type = error_type_of(answered.body) or answered.error_type or "Unhandled"
    return Answer(Outcome.FUNCTION_ERROR, answered.body, answered.size, error_type, content_type)


def from_failed_invoke(done: InvokeDone, asked: Asked) -> Answer:
    """The answer to a request whose invocation timed out or whose runtime process ended."""
    if done.status == "timeout":
        return _timed_out(asked)
    if done.error_type:
        return _extension_failed(Outcome.EXTENSION_EXIT, done, asked)
    outcome = Outcome.OUT_OF_MEMORY if done.out_of_memory else Outcome.RUNTIME_EXIT
    return _exited(outcome, asked.request_id, done.exit)


def from_failed_init(done: InitDone, asked: Asked) -> Answer:
    """The answer to a request whose suppressed init failed: the runtime's own report, if it made one."""
    if done.status == "timeout":
        return _timed_out(asked)
    if done.error_type.startswith(_EXTENSION):
        return _extension_failed(Outcome.INIT_ERROR, done, asked)
    if done.body:
        return Answer(Outcome.INIT_ERROR, done.body, len(done.body), done.error_type)
    if done.error_type == INVALID_ENTRY_POINT:
        told = {"errorType": INVALID_ENTRY_POINT, "errorMessage": f"RequestId: {asked.request_id} Error: {done.exit}"}
        return _fault(Outcome.INIT_ERROR, INVALID_ENTRY_POINT, told)
    outcome = Outcome.OUT_OF_MEMORY if done.out_of_memory else Outcome.INIT_ERROR
    return _exited(outcome, asked.request_id, done.exit)


def logged_error_type(done: InitDone | InvokeDone) -> str | None:
    """The error type in the log: running out of memory has a name there, a timeout does not."""
    if done.status in {"success", "timeout"}:
        return None
    if done.out_of_memory:
        return OUT_OF_MEMORY
    return done.error_type or EXIT_ERROR


def error_type_of(body: bytes) -> str:
    """``errorType`` of the JSON that a runtime posted, or empty if it has none."""
    try:
        posted = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    named = posted.get("errorType") if isinstance(posted, dict) else None
    return named[:_ERROR_TYPE_CHARACTERS_MAX] if isinstance(named, str) else ""


def _timed_out(asked: Asked) -> Answer:
    text = f"Task timed out after {asked.timeout_s:.2f} seconds"
    if asked.style == "older":
        # Without a type, and with the timestamp of the log line.
        dated = f"{timestamp(asked.epoch_ms * 1000)} {asked.request_id} {text}"
        return _fault(Outcome.TIMEOUT, TIMED_OUT, {"errorMessage": dated})
    told = {"errorType": TIMED_OUT, "errorMessage": f"RequestId: {asked.request_id} Error: {text}"}
    return _fault(Outcome.TIMEOUT, TIMED_OUT, told)


def _exited(outcome: Outcome, request_id: str, how: str) -> Answer:
    reason = f"Runtime exited with error: {how}" if how else "Runtime exited without providing a reason"
    # The caller is never told about running out of memory; only the log is.
    body = {"errorType": EXIT_ERROR, "errorMessage": f"RequestId: {request_id} Error: {reason}"}
    return _fault(outcome, OUT_OF_MEMORY if outcome is Outcome.OUT_OF_MEMORY else EXIT_ERROR, body)


def _extension_failed(outcome: Outcome, done: InitDone | InvokeDone, asked: Asked) -> Answer:
    """Of an extension that ended by itself; the text is how, as for a runtime."""
    body = {"errorType": done.error_type, "errorMessage": f"RequestId: {asked.request_id} Error: {done.exit}"}
    return _fault(outcome, done.error_type, body)


def _fault(outcome: Outcome, error_type: str, body: dict[str, str]) -> Answer:
    data = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    return Answer(outcome, data, len(data), error_type)
