"""The supervisor's side of a peer: real sockets, a host that is this test."""

import asyncio
import socket

import pytest

from sandbox_runner.guest.network.name_server import NameServer
from sandbox_runner.guest.network.name_service import NameService
from sandbox_runner.guest.network.peers import PeerPorts, peer_addresses
from sandbox_runner.guest.wire import (
    PEER_WINDOW_BYTES,
    PeerClose,
    PeerData,
    PeerMore,
    PeerOpen,
    PeerRefused,
)


class Host:
    """Keeps what the supervisor says; ``ports`` serves one peer on a free port."""

    def __init__(self, folder):
        self.heard = []
        self.changed = asyncio.Event()
        server = NameServer(("127.0.0.1", 0))
        self.ports = PeerPorts(self.hear, NameService(folder / "nscd" / "socket", folder / "hosts", server))
        with socket.socket() as probe:
            probe.bind(("127.0.1.1", 0))
            self.port = probe.getsockname()[1]
        self.ports.serve({"backend": self.port})

    def hear(self, message):
        self.heard.append(message)
        self.changed.set()

    async def connect(self):
        return await asyncio.open_connection("127.0.1.1", self.port)

    async def until(self, condition):
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def said(self, kind):
        return [each for each in self.heard if isinstance(each, kind)]

    @property
    def bytes(self):
        return b"".join(each.body for each in self.said(PeerData))


@pytest.fixture
async def host(tmp_path):
    served = Host(tmp_path)
    yield served
    served.ports.stop()


async def test_bytes_travel_both_ways_and_are_acknowledged(host):
    reader, writer = await host.connect()
    writer.write(b"ping")
    await host.until(lambda: host.bytes == b"ping")
    host.ports.obey(PeerData(1, body=b"pong"))

    assert await reader.readexactly(4) == b"pong"
    assert host.said(PeerMore) == [PeerMore(1, 4)]
    assert [(each.peer, each.connection) for each in host.said(PeerOpen)] == [("backend", 1)]


async def test_a_refused_client_is_reset(host):
    reader, _ = await host.connect()
    await host.until(lambda: host.said(PeerOpen))
    host.ports.obey(PeerRefused(1))

    with pytest.raises(ConnectionResetError):
        await reader.read()
    assert len(host.said(PeerClose)) == 1


async def test_a_client_that_only_stops_sending_still_hears_the_answer(host):
    reader, writer = await host.connect()
    writer.write(b"all I have to say")
    writer.write_eof()
    await host.until(lambda: host.said(PeerClose))
    host.ports.obey(PeerData(1, body=b"thanks"))
    host.ports.obey(PeerClose(1))

    assert await reader.read() == b"thanks"
    assert len(host.said(PeerClose)) == 1


async def test_a_peer_that_hangs_up_is_heard_to_the_end(host):
    reader, _ = await host.connect()
    await host.until(lambda: host.said(PeerOpen))
    host.ports.obey(PeerData(1, body=b"bye"))
    host.ports.obey(PeerClose(1))

    assert await reader.read() == b"bye"
    assert len(host.said(PeerClose)) == 1


@pytest.mark.parametrize("window", [PEER_WINDOW_BYTES, 3 * PEER_WINDOW_BYTES])
async def test_no_more_is_read_than_the_host_has_room_for(host, window):
    host.ports.serve({"backend": host.port}, window_bytes=window)
    _, writer = await host.connect()
    writer.write(b"x" * 100_000)
    await host.until(lambda: len(host.bytes) == window)
    await asyncio.sleep(0.05)
    assert len(host.bytes) == window

    host.ports.obey(PeerMore(1, 1000))
    await host.until(lambda: len(host.bytes) == window + 1000)


async def test_what_was_written_last_is_forwarded_when_the_function_is_killed(host):
    _, writer = await host.connect()
    await host.until(lambda: host.said(PeerOpen))
    writer.get_extra_info("socket")._sock.send(b"last")
    host.ports.drop()

    assert host.bytes == b"last"
    assert len(host.said(PeerClose)) == 1


async def test_bytes_for_a_client_that_is_gone_are_acknowledged(host):
    _, writer = await host.connect()
    await host.until(lambda: host.said(PeerOpen))
    writer.transport.abort()
    await host.until(lambda: host.said(PeerClose))
    host.ports.obey(PeerData(1, body=b"too late"))

    await host.until(lambda: sum(each.bytes for each in host.said(PeerMore)) == len(b"too late"))


async def test_too_many_connections_wait_to_be_accepted(host, monkeypatch):
    monkeypatch.setattr("sandbox_runner.guest.network.peers.PEER_CONNECTIONS_MAX", 2)
    clients = [await host.connect() for _ in range(3)]
    await asyncio.sleep(0.05)
    assert len(host.said(PeerOpen)) == 2

    host.ports.obey(PeerClose(1))
    await host.until(lambda: len(host.said(PeerOpen)) == 3)
    assert len(clients) == 3


async def test_after_the_end_nobody_listens(host):
    host.ports.stop()

    with pytest.raises(ConnectionRefusedError):
        await host.connect()


def test_each_peer_has_an_address_of_its_own():
    assert peer_addresses({"one": 7000, "two": 7000}) == {"one": ("127.0.1.1", 7000), "two": ("127.0.1.2", 7000)}
