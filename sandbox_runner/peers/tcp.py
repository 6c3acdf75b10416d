"""One connection to a scenario's peer, from the peer's side: what it sends, when, and when it hangs up."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox_runner.errors import SandboxLost
from sandbox_runner.guest.wire import PeerClose, PeerData, PeerMore
from sandbox_runner.peers.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.clock import Clock
    from sandbox_runner.environment.guest_link import GuestLink
    from sandbox_runner.peers.record import PeerRecord, What
    from sandbox_runner.scenario.parts import Peer


class PeerConnection:
    """Plays a peer's script to one client.

    Data from the client is buffered until the script has handled it, and the client may send no more before; so one
    connection never buffers more than its window.

    :param number: the guest's number of the connection.
    :param count: the peer's own number, used in its records.
    :param spend: takes bytes from the run's allowance; false if nothing is left.
    """

    def __init__(
        self,
        peer: Peer,
        environment: str,
        number: int,
        count: int,
        *,
        link: GuestLink,
        clock: Clock,
        record: PeerRecord,
        spend: Callable[[int], bool],
    ) -> None:
        self._peer = peer
        self._environment = environment
        self._number, self._count = number, count
        self._link = link
        self._clock = clock
        self._record = record
        self._spend = spend
        self._heard: asyncio.Queue[PeerData | PeerClose] = asyncio.Queue()
        self._window = Window()
        # Whether the peer has hung up, or everything from the client has been read.
        self.over = False

    # --- what the guest says ----------------------------------------------------------------------------------

    def receive(self, message: PeerData | PeerClose) -> None:
        """Take data from the client, or its end.

        :raises ProtocolViolation: more bytes than were allowed.
        """
        if isinstance(message, PeerData):
            self._window.receive(len(message.body))
        if not self.over:
            self._heard.put_nowait(message)

    def take_room(self, count: int) -> None:
        """The client has consumed this many bytes.

        :raises ProtocolViolation: more than it was sent.
        """
        self._window.take_room(count)

    # --- what the peer does -----------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Run until either side hangs up or the sandbox is gone."""
        with suppress(SandboxLost):
            patience = asyncio.ensure_future(self._lose_patience())
            talk = asyncio.ensure_future(self._talk())
            try:
                await asyncio.wait((patience, talk), return_when=asyncio.FIRST_COMPLETED)
                if talk.done():
                    talk.result()
                if not self.over:
                    await self._hang_up()
            finally:
                self.over = True
                for task in (patience, talk):
                    task.cancel()
                await asyncio.gather(patience, talk, return_exceptions=True)

    async def _talk(self) -> None:
        peer = self._peer
        if not await self._send(peer.greeting.encode()):
            return
        while isinstance(message := await self._heard.get(), PeerData):
            size = len(message.body)
            self._note("received", message.body, message.at_us)
            if peer.delay:
                await self._clock.sleep(peer.delay)
            if not self._spend(size) or (peer.echo and not await self._send(message.body)):
                return
            self._window.read(size)
            await self._link.send(PeerMore(self._number, size))
        self.over = True
        self._note("closed-by-client", at_us=message.at_us)
        await self._link.send(PeerClose(self._number))

    async def _lose_patience(self) -> None:
        if self._peer.close_after is None:
            await asyncio.Event().wait()
        else:
            await self._clock.sleep(self._peer.close_after)

    async def _hang_up(self) -> None:
        self.over = True
        self._note("closed-by-peer")
        await self._link.send(PeerClose(self._number))

    async def _send(self, data: bytes) -> bool:
        """Send ``data`` as fast as the client reads it; false once the run's allowance is used up."""
        for part in self._window.pieces(data):
            if not self._spend(len(part)):
                return False
            await self._window.leave_room(len(part))
            self._note("sent", part)
            await self._link.send(PeerData(self._number, body=part))
        return True

    def _note(self, what: What, data: bytes = b"", at_us: int | None = None) -> None:
        when = None if at_us is None else self._link.host_us(at_us)
        self._record.note(self._environment, self._count, what, data, monotonic_us=when)
