"""The bound on what a request may send."""

import asyncio
import json
import socket

import pytest
import uvicorn

from playground import asgi
from playground.asgi import BodyLimit
from playground.infrastructure.deadlines import DeadlineProtocol


class Exchange:
    """One HTTP request in pieces against an application that reads all of it, and what came back."""

    def __init__(self, *pieces, declared=None, path="/"):
        headers = [] if declared is None else [(b"content-length", declared)]
        self.scope = {"type": "http", "path": path, "headers": headers}
        self.received = 0
        self.sent = []
        self._pieces = list(pieces)

    async def receive(self):
        body = self._pieces.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(self._pieces)}

    async def send(self, message):
        self.sent.append(message)

    async def app(self, scope, receive, send):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.received += len(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"read"})

    async def status(self, most=10):
        await BodyLimit(self.app, most)(self.scope, self.receive, self.send)
        return self.sent[0]["status"]


SIZES = {
    "as much as may be": ([b"x" * 10], b"10", 200),
    "one byte more": ([b"x" * 11], b"11", 413),
    "more, without saying so": ([b"x" * 6, b"x" * 6], None, 413),
    "more than it said": ([b"x" * 6, b"x" * 6], b"6", 413),
    "nothing": ([b""], None, 200),
    "no number for a length": ([b"x"], b"-5", 200),
}


@pytest.mark.parametrize(("pieces", "declared", "status"), SIZES.values(), ids=SIZES.keys())
async def test_a_request_over_the_limit_is_refused(pieces, declared, status):
    assert await Exchange(*pieces, declared=declared).status() == status


async def test_a_request_that_says_it_is_too_large_is_not_read():
    exchange = Exchange(b"x" * 11, declared=b"11")

    await exchange.status()

    assert exchange.received == 0


async def test_what_is_still_sent_of_a_refused_request_is_read_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(asgi, "FORGOTTEN_BYTES_MAX", 10)
    pieces = [b"x" * 6] * 5
    exchange = Exchange(*pieces, declared=b"30")

    assert await exchange.status() == 413
    assert len(exchange._pieces) == 3


async def test_whoever_sends_50_mb_before_reading_is_told_that_it_is_too_much():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        limited = BodyLimit(Exchange().app, 10)
        server = uvicorn.Server(uvicorn.Config(limited, http=DeadlineProtocol, lifespan="off", log_level="critical"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        answer = await asyncio.to_thread(_sends_all_then_reads, listening.getsockname()[1])
        server.should_exit = True
        await serving

    assert answer.startswith(b"HTTP/1.1 413")
    assert answer.endswith(asgi.TOO_LARGE)


def _sends_all_then_reads(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n")
        for _ in range(50):
            client.sendall(b"x" * 1_000_000)
        return b"".join(iter(lambda: client.recv(65_536), b""))


async def test_a_program_is_told_in_its_own_form():
    exchange = Exchange(b"x" * 11, declared=b"11", path="/api/v1/runs")

    await exchange.status()

    problem = json.loads(exchange.sent[1]["body"])
    assert (b"content-type", b"application/problem+json") in exchange.sent[0]["headers"]
    assert (problem["status"], "larger than this site takes" in problem["detail"]) == (413, True)


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/open", 200), ("/api/v1/runs", 413), ("/open/x", 413)])
async def test_more_is_taken_where_a_zip_may_be_sent(path, status):
    exchange = Exchange(b"x" * 14, declared=b"14", path=path)

    await BodyLimit(exchange.app, 10, 5)(exchange.scope, exchange.receive, exchange.send)

    assert exchange.sent[0]["status"] == status
