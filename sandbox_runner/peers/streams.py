"""Connections of a sandbox as plain streams: for whoever serves something else than a scenario's peer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox_runner.errors import SandboxLost
from sandbox_runner.guest.wire import PEER_WINDOW_BYTES, PeerClose, PeerData, PeerMore, PeerRefused
from sandbox_runner.peers.visitor import Visitor
from sandbox_runner.peers.window import Window

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from sandbox_runner.environment.guest_link import GuestLink
    from sandbox_runner.guest.wire import PeerOpen


class Stream:
    """One connection. Nothing more is taken from the sandbox than was read, and a window's worth."""

    def __init__(self, link: GuestLink, number: int, window_bytes: int = PEER_WINDOW_BYTES) -> None:
        self._link, self._number = link, number
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._window = Window(window_bytes)
        self.over = False

    def receive(self, message: PeerData | PeerClose) -> None:
        """Take data from the client, or its end.

        :raises ProtocolViolation: more bytes than were allowed.
        """
        data = message.body if isinstance(message, PeerData) else b""
        self._window.receive(len(data))
        self._heard.put_nowait(data)

    def take_room(self, count: int) -> None:
        """The client has consumed this many bytes.

        :raises ProtocolViolation: more than it was sent.
        """
        self._window.take_room(count)

    async def read(self) -> bytes:
        """The next bytes; empty at the end.

        :raises SandboxLost: it is gone.
        """
        data = await self._heard.get()
        if data:
            self._window.read(len(data))
            await self._link.send(PeerMore(self._number, len(data)))
        return data

    async def write(self, data: bytes) -> None:
        """Send ``data`` as fast as it is read.

        :raises SandboxLost: it is gone.
        """
        for part in self._window.pieces(data):
            await self._window.leave_room(len(part))
            await self._link.send(PeerData(self._number, body=part))

    async def close(self) -> None:
        """Hang up."""
        if not self.over:
            self.over = True
            with suppress(SandboxLost):
                await self._link.send(PeerClose(self._number))


class StreamHub:
    """Serves the connections of one sandbox, each by the coroutine of the port's name. :meth:`close` ends them all.

    What a server raises ends its connection only, and is kept as ``failure`` if it is the first.

    :param window_bytes: how much of a connection may be in flight in each direction, as the sandbox was told.
    """

    def __init__(
        self, servers: Mapping[str, Callable[[Stream], Awaitable[None]]], window_bytes: int = PEER_WINDOW_BYTES
    ) -> None:
        self._servers = servers
        self._window_bytes = window_bytes
        self._tasks: set[asyncio.Task[None]] = set()
        self.failure: Exception | None = None

    def join(self, environment: str, link: GuestLink) -> None:
        """Serve this sandbox."""
        link.sandbox.divert(Visitor(self, environment, link).take)

    def connect(self, message: PeerOpen, environment: str, link: GuestLink) -> Stream | None:  # noqa: ARG002 - the visitor's signature
        """See :class:`sandbox_runner.peers.visitor.Host`."""
        server = self._servers.get(message.peer)
        if server is None:
            self._spawn(_refuse(link, message.connection))
            return None
        stream = Stream(link, message.connection, self._window_bytes)
        self._spawn(self._serve(server, stream))
        return stream

    async def close(self) -> None:
        """End every connection; nothing runs when this returns."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, server: Callable[[Stream], Awaitable[None]], stream: Stream) -> None:
        try:
            await server(stream)
        except SandboxLost:
            return
        except Exception as failure:  # noqa: BLE001 - whoever waits for the sandbox asks for it
            self.failure = self.failure or failure
        finally:
            await stream.close()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def served(work: Awaitable[None], stream: Stream) -> None:
    """Do the work that a connection is for; the connection ends with it."""
    with suppress(SandboxLost):
        try:
            await work
        finally:
            await stream.close()


async def _refuse(link: GuestLink, connection: int) -> None:
    with suppress(SandboxLost):
        await link.send(PeerRefused(connection))
