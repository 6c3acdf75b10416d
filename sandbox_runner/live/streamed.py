"""What clients are told of an answer while it comes: through the function's URL, and by InvokeWithResponseStream. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html and
https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from sandbox_runner.environment import identity
from sandbox_runner.live import event_stream, function_url
from sandbox_runner.live.http import HttpAnswer, HttpPart
from sandbox_runner.service.admission import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox_runner.guest.wire import AnswerPart
    from sandbox_runner.live.http import Told
    from sandbox_runner.service.called import Served

# What a function says of status, headers and cookies before the body: AWS's clients write it as JSON, then these bytes.
_PRELUDE: Final = "application/vnd.awslambda.http-integration-response"
_DELIMITER: Final = b"\0" * 8
# Ours: as much as a client's own headers.
_PRELUDE_BYTES_MAX: Final = 64 * 1024


class Telling(Protocol):
    """Tells a client of an answer: of each part of one that is streamed, and at its end."""

    def part(self, part: AnswerPart) -> Iterator[Told]:
        """What the client is told now."""

    def end(self, served: Served) -> Iterator[Told]:
        """What it is told at the end."""


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Tells of it as a whole."""

    answer: Callable[[Served], HttpAnswer]

    def part(self, part: AnswerPart) -> Iterator[Told]:  # noqa: ARG002 - the protocol's signature
        """Nothing yet."""
        yield from ()

    def end(self, served: Served) -> Iterator[Told]:
        """All of it."""
        yield self.answer(served)


@dataclass(slots=True)
class ByUrl:
    """Tells as the function's URL does. ``answer`` is for one that is not streamed; ``added`` are more headers."""

    answer: Callable[[Served], HttpAnswer]
    added: tuple[tuple[str, str], ...] = ()
    _before: bytearray = field(default_factory=bytearray)
    _has_begun: bool = False
    _is_malformed: bool = False

    def part(self, part: AnswerPart) -> Iterator[Told]:
        """Status and headers as soon as they are known, then each part of the body."""
        if self._is_malformed:
            return
        if self._has_begun:
            yield HttpPart(part.body)
        elif part.content_type != _PRELUDE:
            self._has_begun = True
            kind = ("content-type", part.content_type or "application/octet-stream")
            yield HttpAnswer(200, (kind, _id_of(part), *self.added), part.body, is_whole=False)
        else:
            self._before += part.body
            yield from self._begun(part)

    def end(self, served: Served) -> Iterator[Told]:
        """The end; one that failed after its first byte is broken off."""
        if self._has_begun:
            yield HttpPart(b"", is_last=True, is_broken=_failed(served))
        else:
            answer = function_url.bad_gateway() if self._is_malformed or self._before else self.answer(served)
            yield replace(answer, headers=(*answer.headers, *self.added))

    def _begun(self, part: AnswerPart) -> Iterator[Told]:
        prelude, delimiter, body = bytes(self._before).partition(_DELIMITER)
        if not delimiter:
            self._is_malformed = len(self._before) > _PRELUDE_BYTES_MAX
            return
        head = function_url.head_of(prelude)
        if head is None:
            self._is_malformed = True
            return
        self._has_begun = True
        yield HttpAnswer(head.status, (*head.headers, _id_of(part), *self.added), body, is_whole=False)


@dataclass(slots=True)
class ByEvents:
    """Tells of it as InvokeWithResponseStream does: an event for each part, and one at the end.

    ``answer`` is for a throttled one; ``log`` gives the tail of the log, if it is asked for.
    """

    answer: Callable[[Served], HttpAnswer]
    log: Callable[[Served], str | None]
    _has_begun: bool = False

    def part(self, part: AnswerPart) -> Iterator[Told]:
        """An event with it."""
        yield self._told(part.request_id, _chunk(part.body))

    def end(self, served: Served) -> Iterator[Told]:
        """What came of it; an answer that was not streamed before that."""
        came = served.came
        if isinstance(came, Throttle):
            yield self.answer(served)
            return
        if came is None:
            raise AssertionError("a request that is waited for has an answer")
        if not self._has_begun:
            chunk = b"" if came.function_error else _chunk(came.body)
            yield self._told(served.request_id, chunk)
        complete: dict[str, str] = {}
        if came.function_error:
            complete = {"ErrorCode": came.error_type, "ErrorDetails": came.body.decode("utf-8", "replace")}
        if (tail := self.log(served)) is not None:
            complete["LogResult"] = base64.b64encode(tail.encode()).decode()
        said = json.dumps(complete, ensure_ascii=False).encode("utf-8", "replace")
        yield HttpPart(event_stream.event("InvokeComplete", "application/json", said), is_last=True)

    def _told(self, request_id: str, event: bytes) -> Told:
        if self._has_begun:
            return HttpPart(event)
        self._has_begun = True
        headers = (
            ("content-type", event_stream.CONTENT_TYPE),
            ("x-amz-executed-version", identity.VERSION),
            ("x-amzn-requestid", request_id),
        )
        return HttpAnswer(200, headers, event, is_whole=False)


def _id_of(part: AnswerPart) -> tuple[str, str]:
    return "x-amzn-requestid", part.request_id


def _chunk(body: bytes) -> bytes:
    return event_stream.event("PayloadChunk", "application/octet-stream", body)


def _failed(served: Served) -> bool:
    return served.came is None or isinstance(served.came, Throttle) or bool(served.came.function_error)
