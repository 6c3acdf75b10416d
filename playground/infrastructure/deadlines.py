"""Uvicorn's protocol with deadlines for what a client sends and reads, and without upgrades.

Uvicorn has none for a request that never becomes complete, nor for an answer that stays in memory because nobody reads
it.

``uvicorn --http playground.infrastructure.deadlines:DeadlineProtocol`` uses it, and so does the embedded server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

# From the connection, or from the first byte of a further request, to the end of the headers.
HEADERS_S: Final = 10.0
# From there to the end of the body: a zip of 50 MB at 500 KB a second.
BODY_S: Final = 100.0
# Of an answer that waits to be read, the second number of bytes within the first of seconds, or what is left of it.
READ_EVERY_S: Final = 30.0
READ_AT_LEAST: Final = 500_000
_LIMITS: Final[dict[Any, float]] = {h11.IDLE: HEADERS_S, h11.SEND_BODY: BODY_S}


class DeadlineProtocol(H11Protocol):
    """Closes a connection whose headers or body take too long, or whose answer is hardly read.

    What is being answered has no deadline.
    """

    _waits_for: Any = None
    _timer: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for headers."""
        super().connection_made(transport)
        self._look()

    def data_received(self, data: bytes) -> None:
        """Wait for what is missing now."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Uvicorn's own timer waits for the next request's first byte."""
        super().on_response_complete()
        self._wait_for(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._wait_for(None)
        self._wait_no_more_for_reader()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """What waited was read."""
        self._wait_no_more_for_reader()
        super().resume_writing()

    def _should_upgrade(self) -> bool:
        """Never, whatever library is installed: the request is answered as any other, see RFC 9110, section 7.8.

        Uvicorn would log two lines each time.
        """
        return False

    def _wait_for_reader(self) -> None:
        unread = self.transport.get_write_buffer_size()
        self._reading = self.loop.call_later(READ_EVERY_S, self._look_at_reader, unread)

    def _wait_no_more_for_reader(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def _look_at_reader(self, unread: int) -> None:
        if unread - self.transport.get_write_buffer_size() < READ_AT_LEAST:
            # Closing would wait for the rest to be read.
            self.transport.abort()
        else:
            self._wait_for_reader()

    def _look(self) -> None:
        if self.conn.their_state is not self._waits_for:
            self._wait_for(self.conn.their_state)

    def _wait_for(self, state: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._waits_for = state
        limit_s = _LIMITS.get(state)
        self._timer = self.loop.call_later(limit_s, self.transport.close) if limit_s else None
