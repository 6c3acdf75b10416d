"""One connection to the APIs inside the sandbox: requests in turn, each response in one write."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from . import http_replies as replies
from .http_requests import BadRequestError, RequestParser

if TYPE_CHECKING:
    from .runtime import RuntimeApi

# What a connection may send ahead while its own `next` is pending.
_AHEAD_BYTES_MAX: Final = 64 * 1024


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

    def read_later(self) -> None:
        """Take nothing more for now."""
        if self._transport is not None:
            self._transport.pause_reading()

    def read_on(self) -> None:
        """Take what comes."""
        if self._transport is not None:
            self._transport.resume_reading()

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
        if self._parser.under_way is not None:
            self._api.came_so_far(self, self._parser.under_way, self._parser.take_part)
        if self.held() > _AHEAD_BYTES_MAX and self._api.over_budget():
            transport.abort()
