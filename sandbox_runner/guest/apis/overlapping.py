"""The part of the Runtime API that is another where an environment serves several requests at once.

Whoever asks for an event is given the next one that waits, whether or not those before were answered: a runtime's
workers ask one by one, and a worker that runs handlers asynchronously asks again while they run. An answer belongs to
the event of its request id. There is no state of the runtime as a whole but that of its init.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html and
aws/aws-lambda-nodejs-runtime-interface-client, src/runtime/runtime.ts (processMultiConcurrent).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from . import http_replies as replies
from .posted import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .connection import Connection
    from .http_requests import Request
    from .posted import RuntimeAnswer


class OverlappingListener(Protocol):
    """Receives notifications, in order, before the runtime gets its response."""

    def event_taken(self, request_id: str) -> None:
        """The event of that request was handed to the runtime."""

    def event_answered(self, answer: RuntimeAnswer) -> None:
        """The runtime answered one of its events."""


class OverlappingEvents:
    """The events of one runtime's processes: some wait, some are under way."""

    def __init__(self, listener: OverlappingListener) -> None:
        self._listener = listener
        self._offered: deque[tuple[str, bytes]] = deque()
        self._waiting: deque[Connection] = deque()
        # The attempt that each event belongs to, by request id; a client may send it back but need not.
        self._open: dict[str, bytes] = {}

    def offer(self, request_id: str, headers: Mapping[str, str], payload: bytes) -> None:
        """Hand this event to whoever asks next, or waits longest."""
        self._open[request_id] = headers.get("Lambda-Runtime-Invocation-Id", "").encode()
        self._offered.append((request_id, replies.event(headers, payload)))
        self._hand_out()

    def withdraw(self, request_id: str) -> None:
        """The invocation is over: an answer to it comes too late."""
        self._open.pop(request_id, None)
        self._offered = deque(each for each in self._offered if each[0] != request_id)

    def wait(self, connection: Connection) -> None:
        """Somebody asks for an event."""
        self._waiting.append(connection)
        self._hand_out()

    def forget(self, connection: Connection) -> None:
        """A connection was closed."""
        if connection in self._waiting:
            self._waiting.remove(connection)

    def answer(self, request_id: bytes, kind: str, request: Request, *, echoed: bytes | None, bytes_max: int) -> bytes:
        """The response to an answer; ``echoed`` is the attempt that it says it is to."""
        key = request_id.decode("ascii", "replace")
        if key not in self._open:
            return replies.INVALID_REQUEST_ID
        if echoed is not None and echoed != self._open[key]:
            return replies.INVALID_INVOCATION_ID
        del self._open[key]
        answer = whole(key, kind, request, bytes_max)
        self._listener.event_answered(answer)
        return replies.too_large(bytes_max) if answer.too_large else replies.ACCEPTED

    def _hand_out(self) -> None:
        while self._offered and self._waiting:
            request_id, event = self._offered.popleft()
            self._listener.event_taken(request_id)
            self._waiting.popleft().reply_late(event)
