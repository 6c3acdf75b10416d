"""A sandbox that is nothing but clients of the scenario's peers, without sockets and without a guest."""

from __future__ import annotations

import asyncio

from sandbox_runner.environment.guest_link import host_boot_id
from sandbox_runner.guest import wire
from sandbox_runner.guest.wire import PeerClose, PeerData, PeerMore, PeerOpen, PeerRefused


class PeerClients:
    """Says what a guest says of its connections, and keeps what the host answers. Takes everything it is sent."""

    def __init__(self, clock):
        self.id = "clients"
        self.hello = wire.Hello(wire.WIRE_VERSION, host_boot_id(), 0, {})
        self.clock = clock
        self.take = None
        self.makes_room = True
        self._heard = []
        self._changed = asyncio.Condition()

    def divert(self, take):
        self.take = take

    async def send(self, message):
        async with self._changed:
            self._heard.append(message)
            self._changed.notify_all()
        if isinstance(message, PeerData) and self.makes_room:
            self.take(PeerMore(message.connection, len(message.body)))

    def connect(self, number, peer="backend"):
        self.take(PeerOpen(peer, number, self.clock.monotonic_us()))

    def say(self, number, data):
        self.take(PeerData(number, self.clock.monotonic_us(), data))

    def close(self, number):
        self.take(PeerClose(number, self.clock.monotonic_us()))

    def said_to(self, number):
        """The bytes that a connection got so far."""
        return b"".join(m.body for m in self._heard if isinstance(m, PeerData) and m.connection == number)

    def ended(self, number):
        return any(isinstance(m, PeerClose | PeerRefused) and m.connection == number for m in self._heard)

    def refused(self, number):
        return PeerRefused(number) in self._heard

    async def until(self, condition):
        """Wait until ``condition()`` holds after something was heard."""
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(condition)
