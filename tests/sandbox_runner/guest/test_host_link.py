"""The supervisor's end of the wire."""

import asyncio
import os

import pytest

from sandbox_runner.guest import wire
from sandbox_runner.guest.host_link import HostLink


class Host:
    """The other ends of both pipes, and what the link told."""

    def __init__(self):
        source, self.to_guest = os.pipe()
        self.from_guest, target = os.pipe()
        for descriptor in (source, target, self.from_guest):
            os.set_blocking(descriptor, False)
        self.said, self.rooms, self.gone = [], 0, asyncio.Event()
        self.link = HostLink(source, target, on_message=self.said.append, on_room=self.made_room, on_gone=self.gone.set)
        self._decoder = wire.Decoder(wire.GUEST_MESSAGES, 16 << 20)

    def made_room(self):
        self.rooms += 1

    async def hear(self, count):
        heard = []
        async with asyncio.timeout(10):
            while len(heard) < count:
                await asyncio.sleep(0)
                try:
                    heard += self._decoder.feed(os.read(self.from_guest, 1 << 16))
                except BlockingIOError:
                    continue
        return heard


@pytest.fixture
async def host():
    return Host()


async def test_messages_arrive_however_the_host_writes_them(host):
    frame = wire.encode(wire.Reset("timeout"))
    for byte in frame + frame:
        os.write(host.to_guest, bytes([byte]))
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        while len(host.said) < 2:  # noqa: ASYNC110 - the loop has to read the pipe in between
            await asyncio.sleep(0)

    assert host.said == [wire.Reset("timeout"), wire.Reset("timeout")]


async def test_the_end_of_the_host_is_noticed(host):
    os.close(host.to_guest)

    await asyncio.wait_for(host.gone.wait(), 10)


async def test_a_host_that_does_not_read_is_waited_for_without_losing_anything(host):
    sent = [wire.Answered(str(number), "response", 1, 1, body=b"x" * 200_000) for number in range(5)]
    for message in sent:
        host.link.send(message)
    assert host.link.congested

    assert await host.hear(5) == sent
    assert not host.link.congested
    assert host.rooms == 1


async def test_what_is_held_goes_before_what_is_sent_after_it(host):
    host.link.hold(wire.Thawed(1, 2))
    host.link.hold(wire.Started("r", 1))
    host.link.send(wire.Fault("x"))

    assert await host.hear(3) == [wire.Thawed(1, 2), wire.Started("r", 1), wire.Fault("x")]


async def test_what_is_held_goes_by_itself_soon(host):
    host.link.hold(wire.Thawed(1, 2))

    assert await host.hear(1) == [wire.Thawed(1, 2)]


async def test_finishing_writes_what_is_left(host):
    host.link.hold(wire.Thawed(1, 2))
    host.link.finish()

    assert await host.hear(1) == [wire.Thawed(1, 2)]
