"""Records on their way to a subscriber: batches by each limit, a freeze, who takes nothing, and what is lost."""

import asyncio
import json

import pytest

from sandbox_runner.guest.apis.telemetry import Subscription
from sandbox_runner.guest.extensions.streams import Streams
from sandbox_runner.guest.wire import Subscribed, Telemetry, TelemetryDropped

WITHIN_S = 10


class Listener:
    """A server that answers each request in turn with the next of ``statuses``, then with 200."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.batches, self.heads = asyncio.Queue(), []

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line.split()[1]) for line in head.split("\r\n") if line.startswith("Content-Length"))
        body = await reader.readexactly(length)
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(f"HTTP/1.1 {status} Whatever\r\n\r\n".encode())
        writer.close()
        self.heads.append(head)
        await self.batches.put((status, json.loads(body)))

    async def next(self):
        return await asyncio.wait_for(self.batches.get(), WITHIN_S)


def streams_to(port, method="POST", **limits):
    told = []
    streams = Streams(told.append)
    usual = {"items_max": 1_000, "bytes_max": 262_144, "timeout_ms": 25}
    problem = streams.subscribe(
        Subscription("tap", "telemetry", "2022-07-01", ("function",), port, method, "/", **(usual | limits))
    )
    return streams, told, problem


def records(*values):
    return Telemetry("tap", "\n".join(map(json.dumps, values)).encode())


async def test_a_batch_is_due_when_it_is_old_enough():
    async with Listener() as listener:
        streams, told, _ = streams_to(listener.port)
        streams.add(records({"a": 1}))
        streams.add(records({"b": 2}))

        assert await listener.next() == (200, [{"a": 1}, {"b": 2}])
        assert [(each.extension, each.types) for each in told if isinstance(each, Subscribed)] == [("tap", "function")]
        assert listener.heads[0].startswith("POST / HTTP/1.1\r\nHost: sandbox.localdomain:")
        streams.forget()


@pytest.mark.parametrize("limits", [{"items_max": 3}, {"bytes_max": 3}])
async def test_a_batch_is_due_when_it_is_large_enough(limits):
    async with Listener() as listener:
        streams, _, _ = streams_to(listener.port, timeout_ms=30_000, **limits)
        streams.add(records(1, 2))
        streams.add(records(3))

        assert await listener.next() == (200, [1, 2, 3])
        streams.forget()


async def test_nothing_is_delivered_while_everything_is_frozen():
    async with Listener() as listener:
        streams, _, _ = streams_to(listener.port, items_max=1)
        streams.hold(frozen=True)
        streams.add(records("a"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert listener.batches.empty()

        streams.hold(frozen=False)

        assert await listener.next() == (200, ["a"])
        streams.forget()


async def test_what_is_left_is_due_at_once_when_the_environment_ends():
    async with Listener() as listener:
        streams, _, _ = streams_to(listener.port, timeout_ms=30_000)
        streams.add(records("a"))

        streams.hurry()

        assert await listener.next() == (200, ["a"])
        streams.add(records("b"))
        assert await listener.next() == (200, ["b"])
        streams.forget()


async def test_a_batch_that_is_refused_is_sent_again():
    async with Listener(500) as listener:
        streams, _, _ = streams_to(listener.port, method="PUT")
        streams.add(records("a"))

        assert [await listener.next(), await listener.next()] == [(500, ["a"]), (200, ["a"])]
        assert listener.heads[1].startswith("PUT / HTTP/1.1\r\n")
        streams.forget()


async def test_what_a_slow_subscriber_has_no_room_for_is_counted_once_there_is_room_again():
    async with Listener(500) as listener:
        streams, told, _ = streams_to(listener.port, items_max=2)
        streams.add(records("a", "b"))
        assert await listener.next() == (500, ["a", "b"])

        streams.add(records("c", "d", "e", "f", "lost", "lost, too"))

        assert await listener.next() == (200, ["a", "b"])
        assert await listener.next() == (200, ["c", "d", "e", "f"])
        lost = [(each.records, each.bytes) for each in told if isinstance(each, TelemetryDropped)]
        assert lost == [(2, len('"lost"') + len('"lost, too"'))]
        streams.forget()


async def test_tcp_gets_a_record_a_line():
    lines = asyncio.Queue()

    async def serve(reader, _writer):
        while line := await reader.readline():
            await lines.put(line)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    streams, _, problem = streams_to(server.sockets[0].getsockname()[1], method="")
    assert not problem

    streams.add(records({"a": 1}, {"b": 2}))

    taken = [await asyncio.wait_for(lines.get(), WITHIN_S) for _ in range(2)]
    assert taken == [b'{"a": 1}\n', b'{"b": 2}\n']
    streams.forget()
    server.close()


async def test_tcp_where_nobody_listens_is_refused_at_once():
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()

    _, told, problem = streams_to(port, method="")

    assert problem == f"could not TCP dial provided address 127.0.0.1:{port}: connection refused"
    assert not told
