"""How much of a connection may be on its way between a sandbox and whoever serves it, in each direction."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.guest.wire import PEER_WINDOW_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator


class Window:
    """A connection's account: the bytes from the client that nobody has read, and the room for bytes to it."""

    def __init__(self, window_bytes: int = PEER_WINDOW_BYTES) -> None:
        self._bytes = window_bytes
        self._unread = 0
        self._room = window_bytes
        self._more_room = asyncio.Event()

    def receive(self, count: int) -> None:
        """The client has sent this many bytes.

        :raises ProtocolViolation: more than were allowed.
        """
        self._unread += count
        if self._unread > self._bytes:
            raise ProtocolViolation("the guest sent more of a connection than there was room for")

    def read(self, count: int) -> None:
        """This many of the client's bytes were read; as many may follow."""
        self._unread -= count

    def take_room(self, count: int) -> None:
        """The client has consumed this many bytes.

        :raises ProtocolViolation: more than it was sent.
        """
        self._room += count
        if count < 0 or self._room > self._bytes:
            raise ProtocolViolation("the guest made more room on a connection than there ever was")
        self._more_room.set()

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """``data`` as it is sent: the next piece is on its way while one is read."""
        size = self._bytes // 2
        return (data[start : start + size] for start in range(0, len(data), size))

    async def leave_room(self, count: int) -> None:
        """Wait until this many bytes may be sent to the client, and count them as sent."""
        while self._room < count:
            self._more_room.clear()
            await self._more_room.wait()
        self._room -= count
