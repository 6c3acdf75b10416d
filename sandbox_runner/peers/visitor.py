"""One sandbox at whoever serves its connections: which are open, by the guest's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.guest.wire import PEER_CONNECTIONS_MAX, GuestMessage, PeerClose, PeerData, PeerMore, PeerOpen

if TYPE_CHECKING:
    from sandbox_runner.environment.guest_link import GuestLink


class Connection(Protocol):
    """The host's end of one connection."""

    over: bool

    def receive(self, message: PeerData | PeerClose) -> None:
        """Take data from the client, or its end."""
        ...

    def take_room(self, count: int) -> None:
        """The client has consumed this many bytes."""
        ...


class Host(Protocol):
    """Who serves the connections."""

    def connect(self, message: PeerOpen, environment: str, link: GuestLink) -> Connection | None:
        """A new client; ``None`` if it is refused."""
        ...


class Visitor:
    """One sandbox at the hub: its connections by the guest's numbers.

    A connection is open until the guest has closed it, and closing until the peer has finished as well.
    """

    def __init__(self, hub: Host, environment: str, link: GuestLink) -> None:
        self._hub = hub
        self._environment = environment
        self._link = link
        self._open: dict[int, Connection | None] = {}
        self._ending: dict[int, Connection] = {}
        self._last = 0

    def take(self, message: GuestMessage) -> bool:
        """Handle a message about peers; false for any other.

        :raises ProtocolViolation: it is invalid at this point.
        """
        match message:
            case PeerOpen():
                self._connect(message)
            case PeerData() | PeerClose():
                self._hear(message)
            case PeerMore():
                known = self._open.get(message.connection) or self._ending.get(message.connection)
                if known is not None:
                    known.take_room(message.bytes)
            case _:
                return False
        return True

    def _connect(self, message: PeerOpen) -> None:
        self._ending = {number: each for number, each in self._ending.items() if not each.over}
        if message.connection <= self._last or len(self._open) + len(self._ending) >= 2 * PEER_CONNECTIONS_MAX:
            raise ProtocolViolation("the guest opened a connection that cannot be")
        self._last = message.connection
        self._open[message.connection] = self._hub.connect(message, self._environment, self._link)

    def _hear(self, message: PeerData | PeerClose) -> None:
        if message.connection not in self._open:
            raise ProtocolViolation("the guest spoke of a connection that is not open")
        connection = self._open[message.connection]
        if isinstance(message, PeerClose):
            del self._open[message.connection]
        if connection is not None:
            connection.receive(message)
            self._ending |= {message.connection: connection} if isinstance(message, PeerClose) else {}
