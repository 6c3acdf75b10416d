"""Connections of a sandbox as streams, with a window of their own."""

from __future__ import annotations

import pytest

from sandbox_runner.clock import SystemClock
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.guest.wire import PeerMore
from sandbox_runner.peers.streams import StreamHub
from tests.fakes.peer_client import PeerClients

WINDOW_BYTES = 1_000


@pytest.fixture
async def sandbox():
    """One whose only server sends twice its window, and reads nothing."""

    async def serve(stream):
        await stream.write(b"x" * 2 * WINDOW_BYTES)

    clock = SystemClock()
    clients, hub = PeerClients(clock), StreamHub({"backend": serve}, WINDOW_BYTES)
    hub.join("build", GuestLink(clients, clock))
    yield clients
    await hub.close()


async def test_what_is_sent_waits_for_room_in_the_window(sandbox):
    sandbox.makes_room = False
    sandbox.connect(1)
    await sandbox.until(lambda: len(sandbox.said_to(1)) == WINDOW_BYTES)
    assert not sandbox.ended(1)

    sandbox.makes_room = True
    sandbox.take(PeerMore(1, WINDOW_BYTES))
    await sandbox.until(lambda: sandbox.ended(1))
    assert len(sandbox.said_to(1)) == 2 * WINDOW_BYTES


async def test_a_guest_that_sends_more_than_the_window_is_not_believed(sandbox):
    sandbox.connect(1)
    sandbox.say(1, b"x" * WINDOW_BYTES)

    with pytest.raises(ProtocolViolation):
        sandbox.say(1, b"x")
