"""The scenario's peers: servers outside every environment, shared by all of them.

A sandbox has no network. Its supervisor listens under the peers' names and carries the bytes here, where one task per
connection plays the peer's script. A peer with the maximum number of clients refuses more: the guest has accepted the
connection by then and resets it. What a peer sees is recorded as its own log.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from sandbox_runner.errors import ProtocolViolation, SandboxLost
from sandbox_runner.guest.wire import PeerOpen, PeerRefused
from sandbox_runner.limits import PEER_BYTES_MAX, PEER_CLIENTS_MAX
from sandbox_runner.peers.reach import Reach
from sandbox_runner.peers.record import PeerRecord
from sandbox_runner.peers.streams import Stream, served
from sandbox_runner.peers.tcp import PeerConnection
from sandbox_runner.peers.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from sandbox_runner.clock import Clock
    from sandbox_runner.environment.guest_link import GuestLink
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.peers.visitor import Connection
    from sandbox_runner.scenario.parts import Peer


class Beside(Protocol):
    """Serves what is no peer of the scenario's."""

    @property
    def reach(self) -> Reach:
        """Its ports and names."""
        ...

    async def serve(self, stream: Stream, environment: str, link: GuestLink) -> None:
        """Serve one connection to its end."""
        ...


class PeerHub:
    """Every peer of one run, or of one replay; nothing is shared between them.

    Used within one event loop. :meth:`close` ends every connection.

    :param beside: who is reached beside the peers, if anybody.
    """

    def __init__(self, peers: Sequence[Peer], log: EventLog, clock: Clock, beside: Beside | None = None) -> None:
        self._clock = clock
        self._beside = beside
        self._seats = {peer.name: _Seat(peer, PeerRecord(log, peer.name)) for peer in peers}
        self._bytes_left = PEER_BYTES_MAX
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def reach(self) -> Reach:
        """Everything that an environment reaches here."""
        ports = {name: seat.peer.port for name, seat in self._seats.items()}
        beside = self._beside.reach if self._beside else Reach()
        return replace(beside, ports={**ports, **beside.ports})

    def join(self, environment: str, link: GuestLink) -> None:
        """Let an environment's sandbox reach the peers from now on, even while it is frozen."""
        if self._seats or self._beside:
            link.sandbox.divert(Visitor(self, environment, link).take)

    async def close(self) -> None:
        """End every connection; nothing runs when this returns."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for seat in self._seats.values():
            seat.record.settle()

    def connect(self, message: PeerOpen, environment: str, link: GuestLink) -> Connection | None:
        """A peer's new client; ``None`` if it is refused.

        :raises ProtocolViolation: there is no such peer.
        """
        if self._beside and message.peer in self._beside.reach.ports:
            stream = Stream(link, message.connection)
            self.spawn(served(self._beside.serve(stream, environment, link), stream))
            return stream
        seat = self._seats.get(message.peer)
        if seat is None:
            raise ProtocolViolation("the guest opened a connection to a peer that the scenario has not")
        seat.count += 1
        at_us = link.host_us(message.at_us)
        if not seat.has_room or sum(each.clients for each in self._seats.values()) >= PEER_CLIENTS_MAX:
            seat.record.note(environment, seat.count, "refused", monotonic_us=at_us)
            self.spawn(_send(link, PeerRefused(message.connection)))
            return None
        seat.record.note(environment, seat.count, "connected", monotonic_us=at_us)
        connection = PeerConnection(
            seat.peer,
            environment,
            message.connection,
            seat.count,
            link=link,
            clock=self._clock,
            record=seat.record,
            spend=self._spend,
        )
        seat.connections.append(connection)
        self.spawn(connection.serve())
        return connection

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run ``work`` concurrently, until it ends or the hub is closed."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _spend(self, count: int) -> bool:
        self._bytes_left -= count
        return self._bytes_left >= 0


class _Seat:
    """One peer with its clients. ``count`` is how many have connected in total."""

    def __init__(self, peer: Peer, record: PeerRecord) -> None:
        self.peer = peer
        self.record = record
        self.count = 0
        self.connections: list[PeerConnection] = []

    @property
    def clients(self) -> int:
        """How many there are."""
        self.connections = [each for each in self.connections if not each.over]
        return len(self.connections)

    @property
    def has_room(self) -> bool:
        """Whether the peer accepts another."""
        return self.peer.max_clients is None or self.clients < self.peer.max_clients


async def _send(link: GuestLink, message: PeerRefused) -> None:
    try:
        await link.send(message)
    except SandboxLost:
        return
