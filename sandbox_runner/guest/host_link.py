"""The supervisor's end of the wire: never blocks, bounded in both directions."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

from .wire import HOST_MESSAGES, Decoder, GuestMessage, HostMessage, encode

if TYPE_CHECKING:
    from collections.abc import Callable

# The largest frame from the host: files of 2 MB with their escaping, and attached ones of 8 MB in Base64.
_FRAME_BYTES_MAX: Final = 24 * 1024 * 1024
_READ_BYTES: Final = 64 * 1024
# Over this, the function's output is not read until the host has caught up.
_CONGESTED_BYTES: Final = 512 * 1024
# A warm invocation takes far less, and a person watching does not notice it.
_HOLD_S: Final = 0.005


class HostLink:
    """Both directions over two non-blocking descriptors.

    ``on_message`` gets each message, ``on_room`` is called when congestion ends, ``on_gone`` when the host has
    disconnected or sent an invalid message.
    """

    def __init__(
        self,
        source: int,
        target: int,
        *,
        on_message: Callable[[HostMessage], None],
        on_room: Callable[[], None],
        on_gone: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._source, self._target = source, target
        self._on_message, self._on_room, self._on_gone = on_message, on_room, on_gone
        self._decoder = Decoder(HOST_MESSAGES, _FRAME_BYTES_MAX)
        self._unsent = bytearray()
        self._held = b""
        self._soon: asyncio.TimerHandle | None = None
        self._loop.add_reader(source, self._read)

    @property
    def congested(self) -> bool:
        """Whether the host is behind in reading."""
        return len(self._unsent) > _CONGESTED_BYTES

    def send(self, *messages: GuestMessage) -> None:
        """Send in order, in one write if the host keeps up."""
        data = b"".join([encode(message) for message in messages])
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
            data, self._held = self._held + data, b""
        if self._unsent:
            self._unsent += data
            return
        sent = self._write(data)
        if sent < len(data):
            self._unsent += data[sent:]
            self._loop.add_writer(self._target, self._write_more)

    def hold(self, *messages: GuestMessage) -> None:
        """Send in order with the next message, or soon: not worth waking up the host for."""
        self._held += b"".join([encode(message) for message in messages])
        if self._soon is None:
            self._soon = self._loop.call_later(_HOLD_S, self.send)

    def finish(self) -> None:
        """Write everything unsent, waiting for the host if necessary: a supervisor's last act."""
        self.send()
        self._loop.remove_reader(self._source)
        self._loop.remove_writer(self._target)
        os.set_blocking(self._target, True)
        while self._unsent:
            sent = self._write(bytes(self._unsent))
            if not sent:
                return
            del self._unsent[:sent]

    def _read(self) -> None:
        try:
            data = os.read(self._source, _READ_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._end()
            return
        # An invalid frame raises here and ends the supervisor: the other end is not trustworthy.
        for message in self._decoder.feed(data):
            self._on_message(message)

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._target, data)
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            self._end()
            return len(data)

    def _write_more(self) -> None:
        was_congested = self.congested
        del self._unsent[: self._write(bytes(self._unsent[:_READ_BYTES]))]
        if not self._unsent:
            self._loop.remove_writer(self._target)
        if was_congested and not self.congested:
            self._on_room()

    def _end(self) -> None:
        self._loop.remove_reader(self._source)
        self._on_gone()
