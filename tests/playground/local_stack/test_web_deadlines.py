"""The embedded server: half a request is not waited for, and nobody says for others who they are."""

import asyncio
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import uvicorn

from playground.infrastructure import deadlines
from playground.infrastructure.deadlines import DeadlineProtocol

HALVES = {
    "nothing": b"",
    "half a line": b"GET / HT",
    "half of the headers": b"POST / HTTP/1.1\r\nHost: a\r\n",
    "half of a body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
}


async def read_all(scope, receive, send):
    """Reads a body to its end, then answers."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port(monkeypatch):
    """A server whose deadlines are short."""
    monkeypatch.setattr(deadlines, "_LIMITS", dict.fromkeys(deadlines._LIMITS, 0.3))
    config = uvicorn.Config(read_all, http=DeadlineProtocol, lifespan="off", log_level="critical")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


@pytest.mark.parametrize("sent", HALVES.values(), ids=HALVES.keys())
async def test_half_a_request_is_ended(port, sent):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)

    async with asyncio.timeout(3):
        answered = await reader.read()
    writer.close()

    assert b"200" not in answered


async def test_half_of_a_second_request_is_ended(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    await reader.readuntil(b"ok")
    writer.write(b"GET / HT")

    async with asyncio.timeout(3):
        assert await reader.read() == b""
    writer.close()


async def test_a_slow_whole_request_is_answered(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in (b"POST / HTTP/1.1\r\nHost: a\r\n", b"Content-Length: 3\r\n\r\n", b"abc"):
        writer.write(part)
        await writer.drain()

    async with asyncio.timeout(3):
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()


@pytest.mark.parametrize("protocol", ["websocket", "h2c"])
async def test_an_upgrade_is_answered_as_any_other_request_and_is_not_logged(port, protocol, caplog):
    caplog.set_level("WARNING", "uvicorn.error")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = f"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n".encode()
    for _ in range(2):
        writer.write(asked)
        async with asyncio.timeout(3):
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    writer.close()

    assert not caplog.records


LARGE = 20_000_000


async def answers_much(scope, receive, send):
    """Answers with more than the system's own buffers hold."""
    headers = [(b"content-length", str(LARGE).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * LARGE})


@pytest.fixture
async def large_port(monkeypatch):
    """A server of large answers, of which something has to be read every fifth of a second."""
    monkeypatch.setattr(deadlines, "READ_EVERY_S", 0.2)
    config = uvicorn.Config(answers_much, http=DeadlineProtocol, lifespan="off", log_level="critical")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield listening.getsockname()[1]
        server.should_exit = True
        await asyncio.wait_for(serving, 20)


async def asked(port):
    """A reader of an answer that takes nothing from the connection until it is read from."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_an_answer_that_nobody_reads_is_ended(large_port, monkeypatch):
    ended = asyncio.Event()
    lost = DeadlineProtocol.connection_lost
    monkeypatch.setattr(DeadlineProtocol, "connection_lost", lambda *given: (lost(*given), ended.set()))
    _, writer = await asked(large_port)

    async with asyncio.timeout(10):
        await ended.wait()
    writer.close()


@dataclass
class Waiting:
    """A transport with so many bytes that wait to be read."""

    unread: int
    aborted: bool = False

    def get_write_buffer_size(self):
        return self.unread

    def abort(self):
        self.aborted = True


@pytest.mark.parametrize(
    ("read", "ended"),
    [(0, True), (deadlines.READ_AT_LEAST - 1, True), (deadlines.READ_AT_LEAST, False)],
    ids=["nothing", "too little", "enough"],
)
async def test_an_answer_is_ended_unless_enough_of_it_is_read(read, ended):
    config = uvicorn.Config(answers_much, lifespan="off")
    config.load()
    protocol = DeadlineProtocol(config, uvicorn.server.ServerState(), {})
    protocol.transport = Waiting(LARGE)

    protocol._look_at_reader(LARGE + read)

    assert protocol.transport.aborted == ended
    protocol._wait_no_more_for_reader()


# --- who asks -------------------------------------------------------------------------------------------------------

WHO = """
import os, sys
os.environ.update(HOLDOVER_DATA=sys.argv[1], HOLDOVER_TRUSTED_PROXIES=sys.argv[2])
import socket, uvicorn
from playground.local_stack import web
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["client"][0].encode()})
Config = uvicorn.Config
uvicorn.Config = lambda _app, **settings: Config(app, **settings)
web.main(int(sys.argv[3]))
"""


@contextmanager
def serving(folder, trusted):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        descriptor = listening.fileno()
        command = [sys.executable, "-c", WHO, str(folder), trusted, str(descriptor)]
        process = subprocess.Popen(command, pass_fds=[descriptor])
        try:
            yield listening.getsockname()
        finally:
            process.terminate()
            process.wait(10)


@pytest.mark.parametrize(
    ("trusted", "forwarded", "believed"),
    [
        ("", "203.0.113.9", b"127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", b"203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", b"203.0.113.9"),
        ("192.0.2.7", "203.0.113.9", b"127.0.0.1"),
    ],
    ids=["nobody is trusted", "this machine is", "what a client wrote itself does not count", "another proxy is"],
)
def test_a_forwarded_address_counts_from_a_named_proxy_alone(tmp_path, trusted, forwarded, believed):
    with serving(tmp_path, trusted) as where, socket.create_connection(where, 20) as connection:
        connection.sendall(f"GET / HTTP/1.0\r\nHost: a\r\nX-Forwarded-For: {forwarded}\r\n\r\n".encode())

        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.endswith(b"\r\n\r\n" + believed)
