"""The scenario's peers from the function's side: ports on loopback whose bytes travel to the host over the wire.

A peer runs on the host and is the same for every environment of a run. Each has its own loopback address, so that two
may have the same port and none takes a port of 127.0.0.1. A connection is accepted here before the host is asked: a
peer that takes no more clients appears as a connection that is made and then reset, like a server that accepts and
hangs up. Connections stay open while the function is frozen and end with its process.
Everything is bounded: a connection has a window of bytes in each direction, and when too many connections are open, new
ones wait to be accepted.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from ..clock import now_us
from ..wire import (
    PEER_CONNECTIONS_MAX,
    PEER_WINDOW_BYTES,
    PeerClose,
    PeerData,
    PeerMore,
    PeerOpen,
    PeerRefused,
)
from .name_service import NameService

if TYPE_CHECKING:
    from collections.abc import Mapping

Send: TypeAlias = Callable[[PeerOpen | PeerData | PeerMore | PeerClose], None]

_BACKLOG: Final = 128
# On, with no lingering: closing sends a reset, see socket(7).
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


def peer_addresses(peers: Mapping[str, int]) -> dict[str, tuple[str, int]]:
    """Each peer's address: its own in 127.0.1.0/24, and its port."""
    return {name: (f"127.0.1.{number}", port) for number, (name, port) in enumerate(peers.items(), 1)}


class PeerPorts:
    """Listens for the peers of one function at a time; ``send`` takes messages for the host."""

    def __init__(self, send: Send, names: NameService | None = None) -> None:
        self._send = send
        self._names = names or NameService()
        self._listeners: dict[socket.socket, str] = {}
        self._connections: dict[int, _Connection] = {}
        self._number = 0
        self._window_bytes = PEER_WINDOW_BYTES
        self._accepting = False

    def serve(
        self,
        peers: Mapping[str, int],
        patterns: Mapping[str, str] | None = None,
        window_bytes: int = PEER_WINDOW_BYTES,
    ) -> None:
        """Listen for ``peers``, ports by name; previous listeners end.

        :param patterns: which names lead to a peer beside its own, as a regular expression by peer.
        :param window_bytes: how much of a connection may be in flight in each direction.
        :raises OSError: a port is not available.
        """
        self.stop()
        self._window_bytes = window_bytes
        places = peer_addresses(peers)
        for name, address in places.items():
            listener = socket.create_server(address, backlog=_BACKLOG)
            listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
            self._listeners[listener] = name
        more = {pattern: places[name][0] for name, pattern in (patterns or {}).items()}
        self._names.start({name: address for name, (address, _) in places.items()}, more)
        self._listen()

    def stop(self) -> None:
        """End every connection and stop listening."""
        self.drop()
        self._pause()
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        self._names.stop()

    def drop(self) -> None:
        """The function's processes are gone: forward their last data and end their connections."""
        for connection in list(self._connections.values()):
            connection.drop()

    def obey(self, message: PeerData | PeerMore | PeerClose | PeerRefused) -> None:
        """Handle the host's message about a connection."""
        connection = self._connections.get(message.connection)
        if connection is None:
            if isinstance(message, PeerData):
                # Nobody will read it; the host must not wait for room.
                self._send(PeerMore(message.connection, len(message.body)))
            return
        match message:
            case PeerData():
                connection.give(message.body)
            case PeerMore():
                connection.take_more(message.bytes)
            case PeerClose():
                connection.host_closes()
            case PeerRefused():
                connection.reset()

    def _over(self, number: int) -> None:
        """A connection has closed: there is room for another."""
        self._connections.pop(number, None)
        if self._listeners and not self._accepting:
            self._listen()

    def _listen(self) -> None:
        self._accepting = True
        for listener, name in self._listeners.items():
            asyncio.get_running_loop().add_reader(listener, self._accept, listener, name)

    def _pause(self) -> None:
        self._accepting = False
        for listener in self._listeners:
            asyncio.get_running_loop().remove_reader(listener)

    def _accept(self, listener: socket.socket, name: str) -> None:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        client.setblocking(False)  # noqa: FBT003 - the standard library's signature
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._number += 1
        self._send(PeerOpen(name, self._number, now_us()))
        self._connections[self._number] = _Connection(self._number, client, self._window_bytes, self._send, self._over)
        if len(self._connections) >= PEER_CONNECTIONS_MAX:
            self._pause()


class _Connection:
    """One connection between a process of the function and a peer.

    ``on_over`` is called once, when the socket is closed. A client that has finished sending may still be reading, so
    its socket stays open until the peer hangs up as well.
    """

    def __init__(
        self, number: int, client: socket.socket, window_bytes: int, send: Send, on_over: Callable[[int], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._number, self._client = number, client
        self._send, self._on_over = send, on_over
        self._unsent = bytearray()
        self._room = window_bytes
        self._piece_bytes = window_bytes // 2
        # The client has finished sending, and the host knows; the peer has hung up; the socket is closed.
        self._client_done = self._host_done = self._closed = False
        self._loop.add_reader(client, self._read)

    def give(self, data: bytes) -> None:
        """Data from the peer for the client."""
        self._unsent += data
        self._write()

    def take_more(self, count: int) -> None:
        """The host has room for that many more bytes."""
        if self._room <= 0 and not self._closed and not self._client_done:
            self._loop.add_reader(self._client, self._read)
        self._room += count

    def host_closes(self) -> None:
        """The peer hangs up, once the client has received pending data."""
        self._host_done = True
        self._write()

    def reset(self) -> None:
        """The peer refuses this client."""
        if not self._closed:
            self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._close()

    def drop(self) -> None:
        """The client is gone."""
        while not self._closed and not self._client_done and self._room > 0:
            if not self._read():
                break
        self._close()

    def _read(self) -> bool:
        try:
            data = self._client.recv(min(self._piece_bytes, self._room))
        except BlockingIOError:
            return False
        except OSError:
            # The client reset it: there is nobody to send to.
            self._close()
            return False
        if not data:
            self._client_ends()
            return False
        self._room -= len(data)
        self._send(PeerData(self._number, now_us(), data))
        if self._room <= 0:
            self._loop.remove_reader(self._client)
        return True

    def _client_ends(self) -> None:
        """The client has finished sending."""
        self._loop.remove_reader(self._client)
        if not self._client_done:
            self._client_done = True
            self._send(PeerClose(self._number, now_us()))

    def _write(self) -> None:
        if self._closed:
            return
        try:
            sent = self._client.send(self._unsent) if self._unsent else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close()
            return
        del self._unsent[:sent]
        if sent:
            self._send(PeerMore(self._number, sent))
        if self._unsent:
            self._loop.add_writer(self._client, self._write)
        else:
            self._loop.remove_writer(self._client)
            if self._host_done:
                self._close()

    def _close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._client_ends()
        if self._unsent:
            self._send(PeerMore(self._number, len(self._unsent)))
            self._unsent.clear()
        self._loop.remove_writer(self._client)
        self._client.close()
        self._on_over(self._number)
