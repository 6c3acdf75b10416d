"""The relay: what a build sandbox can ask for through it, and what it cannot."""

import asyncio
import re

import httpx
import pytest

from sandbox_runner.dependencies import relay as module
from sandbox_runner.dependencies.index import IndexAddress
from sandbox_runner.dependencies.relay import Relay, TooMuchFetchedError

INSIDE = "http://inside:1"


class Connection:
    """What a sandbox says, piece by piece, and what it hears."""

    def __init__(self, *said):
        self.said = [*said, b""]
        self.heard = b""

    async def read(self):
        return self.said.pop(0)

    async def write(self, data):
        self.heard += data


def asked(index, *requests, kind="pypi", address=None):
    """What the relay answers to each of the requests, and the relay."""
    address = address or IndexAddress(f"{index.address}/{'simple' if kind == 'pypi' else 'npm'}", "Basic secret")
    connection = Connection(*requests)

    async def play():
        async with httpx.AsyncClient() as client:
            relay = Relay(kind, address, client, INSIDE)
            await relay.serve(connection)
            return relay

    relay = asyncio.run(play())
    return connection.heard, relay


def get(path, method="GET", more=""):
    return f"{method} {path} HTTP/1.1\r\nHost: inside\r\n{more}\r\n".encode()


def test_addresses_in_a_page_lead_back_to_the_relay(index):
    index.add_wheel("greeting")
    page, _ = asked(index, get("/index/greeting/"))
    link = re.search(rb'href="http://inside:1(/file/[^"]+)"', page)[1].decode()
    assert index.address.encode() not in page
    file, _ = asked(index, get("/index/greeting/"), get(link))
    assert index.wheels["greeting"]["greeting-1.0-py3-none-any.whl"] in file


def test_addresses_in_a_packument_lead_back_to_the_relay(index):
    index.add_package("greeting")
    page, _ = asked(index, get("/index/greeting"), kind="npm")
    assert b'"tarball":"http://inside:1/file/' in page
    assert index.address.encode() not in page


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/index/greeting/", "POST", "Content-Length: 0\r\n"), b"405"),
        (get("/index/greeting/", "PUT"), b"405"),
        (get("x:443", "CONNECT"), b"405"),
        (get("http://169.254.169.254/latest/meta-data"), b"403"),
        (get("/index/../../admin"), b"403"),
        (get("/index/%2e%2e/%2e%2e/admin"), b"403"),
        (get("/admin"), b"403"),
        (get("/file/not-base64!/x"), b"403"),
        (get("/file/aHR0cDovLzE2OS4yNTQuMTY5LjI1NC94/x"), b"403"),
        (get("/index/greeting/", more="Content-Length: 5\r\n"), b"403"),
    ],
)
def test_nothing_else_is_asked_for(index, request_, status):
    heard, _ = asked(index, request_)
    assert heard.split(b" ")[1] == status
    assert not index.asked


def test_credentials_go_to_the_index_and_never_inside(index):
    index.add_wheel("greeting")
    heard, _ = asked(index, get("/index/greeting/", more="Authorization: Basic of-a-stranger\r\nCookie: a=b\r\n"))
    assert index.headers[0]["Authorization"] == "Basic secret"
    assert "Cookie" not in index.headers[0]
    assert b"secret" not in heard


def test_a_page_that_does_not_end_its_head_is_cut_off(index):
    heard, _ = asked(index, *[b"x" * 8192] * 4)
    assert heard == b""
    assert not index.asked


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_an_index_that_refuses_is_away(index, status):
    index.status = status
    assert str(status) in asked(index, get("/index/greeting/"))[1].away


def test_an_index_that_is_not_there_is_away(index):
    _, relay = asked(index, get("/index/x/"), address=IndexAddress("http://127.0.0.1:9/simple"))
    assert "ConnectError" in relay.away


def test_what_the_index_does_not_have_is_no_failure_of_its(index):
    heard, relay = asked(index, get("/index/greeting/"))
    assert heard.startswith(b"HTTP/1.1 404")
    assert not relay.away


def test_a_build_fetches_no_more_than_it_may(index, monkeypatch):
    monkeypatch.setattr(module, "BYTES_MAX", 100)
    index.add_wheel("greeting", files={"greeting.py": "x" * 1000})
    with pytest.raises(TooMuchFetchedError):
        asked(index, get("/index/greeting/"), get("/index/greeting/"))


def test_a_build_asks_no_more_often_than_it_may(index, monkeypatch):
    monkeypatch.setattr(module, "REQUESTS_MAX", 1)
    index.add_wheel("greeting")
    heard, _ = asked(index, get("/index/greeting/"), get("/index/greeting/"))
    assert b"HTTP/1.1 403" in heard
