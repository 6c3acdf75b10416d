"""The Runtime API, version 2018-06-01, for runtime clients on loopback.

Every process of the function can reach it without authentication, on Lambda as here. So every caller is held to the
table of
:mod:`.runtime_states`, and connections, heads, bodies and buffers are bounded.

The metadata endpoint and the Extensions API (:mod:`.extensions`) have the same address. The Telemetry and Logs APIs are
not supported yet: their paths respond as they do in a service without extensions.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and
aws/aws-lambda-runtime-interface-emulator, internal/lambda/rapi/router.go and handler/.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from ..function.error_types import INVALID_RESPONSE_MODE, normalised
from . import extensions, metadata
from . import http_replies as replies
from .http_requests import BadRequestError, Request, RequestParser
from .runtime_states import RuntimeCall, RuntimeState, RuntimeStates

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from .extensions import ExtensionsApi

HOST: Final = "127.0.0.1"
PORT: Final = 9001

# A runtime client needs two or three; further connections are refused.
_CONNECTIONS_MAX: Final = 64
# For all connections together, beyond one answer of the largest size: incomplete requests, heads, pipelined requests.
_SPARE_BYTES_MAX: Final = 8 * 1024 * 1024
# What a connection may send ahead while its own `next` is pending.
_AHEAD_BYTES_MAX: Final = 64 * 1024

_ROOT: Final = b"/2018-06-01/"
_NEXT: Final = b"/2018-06-01/runtime/invocation/next"
_INVOCATION: Final = b"/2018-06-01/runtime/invocation/"
# The attempt that an answer belongs to; a client may send it back but need not.
_ECHO: Final = b"lambda-runtime-invocation-id"
_TELEMETRY_PATHS: Final = (b"/2022-07-01/telemetry", b"/2020-08-15/logs")


@dataclass(frozen=True, slots=True)
class RuntimeAnswer:
    """What a runtime posted to ``/response`` or ``/error``, as accepted."""

    request_id: str
    kind: str
    body: bytes
    size: int
    content_type: str = ""
    error_type: str = ""
    too_large: bool = False


class RuntimeListener(Protocol):
    """Receives the API's notifications, in order, before the runtime gets its response."""

    def runtime_ready(self) -> None:
        """The runtime asked for its next event and there is none: a phase has ended."""

    def runtime_took_event(self) -> None:
        """An event that was waiting for the runtime was handed to it."""

    def runtime_answered(self, answer: RuntimeAnswer) -> None:
        """The runtime answered its event."""

    def runtime_failed_init(self, error_type: str, body: bytes) -> None:
        """The runtime reported that it could not initialise."""


class RuntimeApi:
    """Handles requests by the table. One runtime at a time; :meth:`renew` prepares for the next."""

    def __init__(self, listener: RuntimeListener, extensions: ExtensionsApi) -> None:
        self._listener = listener
        self._extensions = extensions
        self._states = RuntimeStates()
        self._event = b""
        self._event_id = ""
        self._invocation_id = b""
        self._waiting: deque[Connection] = deque()
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self.response_bytes_max = 0

    async def serve(self, listening: socket.socket) -> None:
        """Serve on a listening socket until the process ends."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), sock=listening, backlog=_CONNECTIONS_MAX)

    def renew(self, response_bytes_max: int) -> None:
        """Forget the previous runtime and close all connections."""
        self.response_bytes_max = response_bytes_max
        self._states = RuntimeStates()
        self._extensions.renew()
        self._event, self._event_id = b"", ""
        self._waiting.clear()
        for connection in tuple(self._connections):
            connection.hang_up()

    @property
    def runtime_waits(self) -> bool:
        """Whether an offered event would be taken at once."""
        return bool(self._waiting)

    def offer(self, request_id: str, headers: Mapping[str, str], payload: bytes) -> None:
        """Hand this event to the runtime if it is waiting; else the listener is notified when it takes it."""
        self._event, self._event_id = replies.event(headers, payload), request_id
        self._invocation_id = headers.get("Lambda-Runtime-Invocation-Id", "").encode()
        if self._waiting:
            self._hand_out(self._waiting.popleft())

    def withdraw_event(self) -> None:
        """The invocation is over: an answer to it comes too late."""
        self._event, self._event_id = b"", ""

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
                return self._invocation(request_id, verb, request)
        return self._others(request)

    def _next(self, connection: Connection) -> bytes | None:
        was = self._states.state
        if not self._states.take(RuntimeCall.NEXT):
            return replies.forbidden(self._states.refusal(RuntimeCall.NEXT))
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

    def _invocation(self, request_id: bytes, verb: bytes, request: Request) -> bytes:
        if request.method != b"POST":
            return replies.NOT_ALLOWED
        # The id is checked before the state, so that a late answer gets the right error.
        if not self._event_id or request_id != self._event_id.encode():
            return replies.INVALID_REQUEST_ID
        echoed = request.headers.get(_ECHO, self._invocation_id)
        if echoed != self._invocation_id:
            return replies.INVALID_INVOCATION_ID
        call = RuntimeCall.RESPONSE if verb == b"response" else RuntimeCall.ERROR
        if not self._states.take(call):
            return replies.forbidden(self._states.refusal(call))
        mode = request.headers.get(b"lambda-runtime-function-response-mode", b"")
        if call is RuntimeCall.RESPONSE and mode not in {b"", b"streaming"}:
            self._listener.runtime_answered(RuntimeAnswer(self._event_id, "error", b"", 0, "", INVALID_RESPONSE_MODE))
            return replies.INVALID_RESPONSE_MODE
        self._states.take(RuntimeCall.SENT)
        return self._taken(call, request)

    def _taken(self, call: RuntimeCall, request: Request) -> bytes:
        too_large = request.size > self.response_bytes_max
        header = request.headers.get(b"lambda-runtime-function-error-type", b"").decode("utf-8", "replace")
        self._listener.runtime_answered(
            RuntimeAnswer(
                request_id=self._event_id,
                kind=call.value,
                body=request.body,
                size=request.size,
                content_type=request.headers.get(b"content-type", b"")[:256].decode("utf-8", "replace"),
                error_type=normalised(header) if header and call is RuntimeCall.ERROR else "",
                too_large=too_large,
            )
        )
        return replies.too_large(self.response_bytes_max) if too_large else replies.ACCEPTED

    def _others(self, request: Request) -> bytes:
        if request.path.startswith(_TELEMETRY_PATHS):
            return replies.NOT_ENABLED
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
        header = request.headers.get(b"lambda-runtime-function-error-type", b"").decode("utf-8", "replace")
        self._listener.runtime_failed_init(normalised(header), request.body)
        return replies.ACCEPTED


class Connection(asyncio.Protocol):
    """One connection: requests in turn, each response in one write."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._parser = RequestParser(api.response_bytes_max)
        self._transport: asyncio.Transport | None = None
        # A `next` is pending, or the client does not read: further requests wait.
        self._owes_reply = False
        self._congested = False
        self._keep_alive = True

    def held(self) -> int:
        """How many bytes are buffered for this connection, in both directions."""
        unsent = self._transport.get_write_buffer_size() if self._transport else 0
        return self._parser.held + unsent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected; refuse it if there are too many."""
        assert isinstance(transport, asyncio.Transport)
        if not self._api.admit(self):
            transport.abort()
            return
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """The connection is closed, by either side."""
        self._transport = None
        self._api.forget(self)

    def data_received(self, data: bytes) -> None:
        """Add bytes; respond to complete requests, in order."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self._parser.feed(data)
        if self._owes_reply or self._congested:
            if self._parser.held > _AHEAD_BYTES_MAX:
                transport.pause_reading()
            return
        self._advance(transport)

    def eof_received(self) -> bool:
        """The client stopped sending: respond if it is inside a body; if it waits for an event, give it none."""
        if self._parser.inside_body and self._transport is not None:
            self._transport.write(replies.TRUNCATED)
        self._api.forget(self)
        return False

    def pause_writing(self) -> None:
        """The client does not read: stop responding for now."""
        self._congested = True

    def resume_writing(self) -> None:
        """The client reads again."""
        self._congested = False
        if self._transport is not None and not self._owes_reply:
            self._transport.resume_reading()
            self._advance(self._transport)

    def reply_late(self, reply: bytes) -> None:
        """The response to the `next` that this connection waits for."""
        transport = self._transport
        if transport is None:
            return
        transport.write(reply)
        self._owes_reply = False
        if not self._keep_alive:
            transport.close()
        elif self._parser.held and not self._congested:
            transport.resume_reading()
            self._advance(transport)

    def hang_up(self) -> None:
        """Close the connection now, in any state."""
        if self._transport is not None:
            self._transport.abort()

    def _advance(self, transport: asyncio.Transport) -> None:
        try:
            while not self._congested and (request := self._parser.next_request()) is not None:
                self._keep_alive = request.keep_alive
                self._owes_reply = True
                reply = self._api.answer(self, request)
                if reply is None or transport.is_closing():
                    return
                self._owes_reply = False
                transport.write(reply)
                if not request.keep_alive:
                    transport.close()
                    return
        except BadRequestError as bad:
            transport.write(replies.unreadable(bad.status))
            transport.close()
            return
        if self._parser.wants_continue:
            transport.write(replies.CONTINUE)
        if self.held() > _AHEAD_BYTES_MAX and self._api.over_budget():
            transport.abort()
