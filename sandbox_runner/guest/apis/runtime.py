"""The Runtime API, version 2018-06-01, for runtime clients on loopback.

Every process of the function can reach it without authentication, on Lambda as here. So every caller is held to the
table of
:mod:`.runtime_states`, and connections, heads, bodies and buffers are bounded.

The metadata endpoint, the Extensions API (:mod:`.extensions`) and the Telemetry and Logs APIs (:mod:`.telemetry`) have
the same address.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and
aws/aws-lambda-runtime-interface-emulator, internal/lambda/rapi/router.go and handler/.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

from ..function.error_types import INVALID_RESPONSE_MODE, normalised
from . import extensions, metadata, streaming, telemetry
from . import http_replies as replies
from .connection import Connection
from .posted import RuntimeAnswer, error_type, whole
from .runtime_states import RuntimeCall, RuntimeState, RuntimeStates
from .streaming import StreamedAnswer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from .extensions import ExtensionsApi
    from .http_requests import Request
    from .overlapping import OverlappingEvents
    from .telemetry import TelemetryApi

HOST: Final = "127.0.0.1"
PORT: Final = 9001

# A runtime client needs two or three; further connections are refused.
_CONNECTIONS_MAX: Final = 64
# For all connections together, beyond one answer of the largest size: incomplete requests, heads, pipelined requests.
_SPARE_BYTES_MAX: Final = 8 * 1024 * 1024

_ROOT: Final = b"/2018-06-01/"
_NEXT: Final = b"/2018-06-01/runtime/invocation/next"
_INVOCATION: Final = b"/2018-06-01/runtime/invocation/"
# The attempt that an answer belongs to; a client may send it back but need not.
_ECHO: Final = b"lambda-runtime-invocation-id"


class RuntimeListener(Protocol):
    """Receives the API's notifications, in order, before the runtime gets its response."""

    def runtime_ready(self) -> None:
        """The runtime asked for its next event and there is none: a phase has ended."""

    def runtime_took_event(self) -> None:
        """An event that was waiting for the runtime was handed to it."""

    def runtime_streams(self, request_id: str, content_type: str, part: bytes) -> bool:
        """The runtime streams its answer; whether more of it may come now."""

    def runtime_answered(self, answer: RuntimeAnswer) -> None:
        """The runtime answered its event."""

    def runtime_failed_init(self, error_type: str, body: bytes) -> None:
        """The runtime reported that it could not initialise."""


class RuntimeApi:
    """Handles requests by the table. One runtime at a time; :meth:`renew` prepares for the next."""

    def __init__(self, listener: RuntimeListener, extensions: ExtensionsApi, telemetry: TelemetryApi) -> None:
        self._listener = listener
        self._extensions, self._telemetry = extensions, telemetry
        self._states = RuntimeStates()
        self._event = b""
        self._event_id = ""
        self._invocation_id = b""
        self._in_place: Callable[[], None] | None = None
        self._waiting: deque[Connection] = deque()
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._stream: StreamedAnswer | None = None
        self._paused: Connection | None = None
        # Where the runtime serves several requests at once, which of them are under way.
        self.overlapping: OverlappingEvents | None = None
        self.response_bytes_max = 0
        self._streamed_bytes_max = 0

    async def serve(self, listening: socket.socket) -> None:
        """Serve on a listening socket until the process ends."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), sock=listening, backlog=_CONNECTIONS_MAX)

    def renew(self, response_bytes_max: int | None = None, streamed_bytes_max: int | None = None) -> None:
        """Forget the previous runtime and close all connections. Limits that are not said stay."""
        if response_bytes_max is not None:
            self.response_bytes_max = response_bytes_max
        if streamed_bytes_max is not None:
            self._streamed_bytes_max = streamed_bytes_max
        self._stream = self._paused = None
        self._states = RuntimeStates()
        self._extensions.renew()
        self._telemetry.renew()
        self._event, self._event_id = b"", ""
        self.overlapping = None
        self._waiting.clear()
        for connection in tuple(self._connections):
            connection.hang_up()

    @property
    def runtime_waits(self) -> bool:
        """Whether an offered event would be taken at once."""
        return bool(self._waiting)

    def offer(
        self, request_id: str, headers: Mapping[str, str], payload: bytes, in_place: Callable[[], None] | None = None
    ) -> None:
        """Hand this event to the runtime if it is waiting; else the listener is notified when it takes it.

        :param in_place: what happens in place of taking an answer, which never gets its response then.
        """
        self._in_place = in_place
        self._event, self._event_id = replies.event(headers, payload), request_id
        self._invocation_id = headers.get("Lambda-Runtime-Invocation-Id", "").encode()
        if self._waiting:
            self._hand_out(self._waiting.popleft())

    def withdraw_event(self) -> None:
        """The invocation is over: an answer to it comes too late."""
        self._event, self._event_id = b"", ""
        self._stream = None

    def host_has_room(self) -> None:
        """A streamed answer may go on."""
        if self._paused is not None:
            self._paused.read_on()
            self._paused = None

    # --- what connections ask ---------------------------------------------------------------------------------

    def admit(self, connection: Connection) -> bool:
        """Whether another connection is allowed."""
        if len(self._connections) >= _CONNECTIONS_MAX:
            return False
        self._connections.add(connection)
        return True

    def forget(self, connection: Connection) -> None:
        """A connection was closed."""
        self._connections.discard(connection)
        self._extensions.forget(connection)
        if connection in self._waiting:
            self._waiting.remove(connection)
        if self.overlapping is not None:
            self.overlapping.forget(connection)
        if connection is self._paused:
            self._paused = None

    def over_budget(self) -> bool:
        """Whether all connections together buffer more than one runtime client ever needs."""
        held = sum(connection.held() for connection in self._connections)
        return held > self.response_bytes_max + _SPARE_BYTES_MAX

    def answer(self, connection: Connection, request: Request) -> bytes | None:
        """The response to a request, or ``None`` if it follows later."""
        if request.path.startswith(extensions.PREFIX):
            return self._extensions.answer(connection, request)
        if request.path == _NEXT:
            return self._next(connection) if request.method == b"GET" else replies.NOT_ALLOWED
        if request.path.startswith(_INVOCATION):
            request_id, _, verb = request.path[len(_INVOCATION) :].partition(b"/")
            if verb in {b"response", b"error"}:
                is_post = request.method == b"POST"
                return self._invocation(request_id, verb, request) if is_post else replies.NOT_ALLOWED
        return self._others(request)

    def came_so_far(self, connection: Connection, request: Request, take: Callable[[], bytes]) -> None:
        """Pass on what is there of an answer that is streamed; the body of any other request is waited for."""
        if self._stream is None or self._stream.request is not request:
            if not streaming.is_streamed(request) or not self._begins_stream(request):
                return
            self._stream = StreamedAnswer(request, self._streamed_bytes_max)
        if not self._pass_on(self._stream, self._stream.part(take())):
            self._paused = connection
            connection.read_later()

    def _begins_stream(self, request: Request) -> bool:
        is_answer = request.method == b"POST" and request.path == _INVOCATION + self._event_id.encode() + b"/response"
        is_current = request.headers.get(_ECHO, self._invocation_id) == self._invocation_id
        return bool(self._event_id) and is_answer and is_current and self._states.take(RuntimeCall.RESPONSE)

    def _pass_on(self, stream: StreamedAnswer, part: bytes) -> bool:
        return not part or self._listener.runtime_streams(self._event_id, streaming.content_type(stream.request), part)

    def _next(self, connection: Connection) -> bytes | None:
        was = self._states.state
        if not self._states.take(RuntimeCall.NEXT):
            return replies.forbidden(self._states.refusal(RuntimeCall.NEXT))
        if self.overlapping is not None:
            if was is not RuntimeState.READY:
                self._listener.runtime_ready()
            self.overlapping.wait(connection)
            return None
        if was is RuntimeState.RUNNING:
            return self._event
        if was is RuntimeState.RESPONSE_SENT:
            self._event, self._event_id = b"", ""
        self._waiting.append(connection)
        if was is not RuntimeState.READY:
            self._listener.runtime_ready()
        if self._event and self._states.state is RuntimeState.READY and self._waiting:
            self._hand_out(self._waiting.popleft())
            self._listener.runtime_took_event()
        return None

    def _hand_out(self, connection: Connection) -> None:
        self._states.take(RuntimeCall.EVENT)
        connection.reply_late(self._event)

    def _invocation(self, request_id: bytes, verb: bytes, request: Request) -> bytes | None:
        if self.overlapping is not None:
            echoed, most = request.headers.get(_ECHO), self.response_bytes_max
            return self.overlapping.answer(request_id, verb.decode(), request, echoed=echoed, bytes_max=most)
        # The id is checked before the state, so that a late answer gets the right error.
        if (refused := self._is_of_another(request_id, request)) is not None:
            return refused
        if self._in_place is not None:
            self._in_place()
            return None
        if self._stream is not None and self._stream.request is request:
            return self._streamed(self._stream)
        call = RuntimeCall.RESPONSE if verb == b"response" else RuntimeCall.ERROR
        if not self._states.take(call):
            return replies.forbidden(self._states.refusal(call))
        return self._answered(request) if call is RuntimeCall.RESPONSE else self._taken(call, request)

    def _is_of_another(self, request_id: bytes, request: Request) -> bytes | None:
        if not self._event_id or request_id != self._event_id.encode():
            return replies.INVALID_REQUEST_ID
        is_current = request.headers.get(_ECHO, self._invocation_id) == self._invocation_id
        return None if is_current else replies.INVALID_INVOCATION_ID

    def _answered(self, request: Request) -> bytes:
        if streaming.has_unknown_mode(request):
            self._listener.runtime_answered(RuntimeAnswer(self._event_id, "error", b"", 0, "", INVALID_RESPONSE_MODE))
            return replies.INVALID_RESPONSE_MODE
        if streaming.is_streamed(request):
            return self._streamed(StreamedAnswer(request, self._streamed_bytes_max))
        return self._taken(RuntimeCall.RESPONSE, request)

    def _streamed(self, stream: StreamedAnswer) -> bytes:
        """The end of a streamed answer."""
        self._states.take(RuntimeCall.SENT)
        self._stream = None
        request = stream.request
        self._pass_on(stream, stream.rest(request.body))
        too_large = request.size > stream.bytes_max
        failure = streaming.failure(request)
        self._listener.runtime_answered(
            RuntimeAnswer(
                request_id=self._event_id,
                kind="error" if failure else "response",
                body=failure[1] if failure else b"",
                size=request.size,
                content_type=streaming.content_type(request),
                error_type=failure[0] if failure else "",
                too_large=too_large,
                streamed=True,
            )
        )
        return replies.too_large(stream.bytes_max) if too_large else replies.ACCEPTED

    def _taken(self, call: RuntimeCall, request: Request) -> bytes:
        self._states.take(RuntimeCall.SENT)
        answer = whole(self._event_id, call.value, request, self.response_bytes_max)
        self._listener.runtime_answered(answer)
        return replies.too_large(self.response_bytes_max) if answer.too_large else replies.ACCEPTED

    def _others(self, request: Request) -> bytes:
        if request.path.rstrip(b"/") in telemetry.PATHS:
            return self._telemetry.answer(request)
        if request.path == metadata.PATH:
            return metadata.answer(request)
        route = request.path.removeprefix(_ROOT) if request.path.startswith(_ROOT) else b""
        if route == b"ping":
            return replies.PONG if request.method == b"GET" else replies.NOT_ALLOWED
        if route == b"runtime/init/error":
            return self._init_error(request) if request.method == b"POST" else replies.NOT_ALLOWED
        # restore/next and restore/error exist only with snapshots.
        return replies.NOT_FOUND

    def _init_error(self, request: Request) -> bytes:
        if not self._states.take(RuntimeCall.INIT_ERROR):
            return replies.forbidden(self._states.refusal(RuntimeCall.INIT_ERROR))
        self._listener.runtime_failed_init(normalised(error_type(request)), request.body)
        return replies.ACCEPTED
