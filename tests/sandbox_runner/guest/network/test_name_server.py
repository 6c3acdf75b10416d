"""A name server for programs that ask one: questions of RFC 1035 and what they are answered."""

import asyncio
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.guest.network.name_server import NameServer, reply

KNOWN = {b"b.s3.amazonaws.com": bytes([127, 0, 1, 1])}
ADDRESS, ADDRESS_6, MAIL = 1, 28, 15


def asking(name, kind=ADDRESS, flags=0x0100, number=7):
    """A question."""
    labels = b"".join(bytes([len(each)]) + each for each in name.split(b".")) + b"\0"
    return struct.pack("!6H", number, flags, 1, 0, 0, 0) + labels + struct.pack("!2H", kind, 1)


def told(said):
    """Number, error and answers of an answer."""
    number, flags, _, answers, *_ = struct.unpack_from("!6H", said)
    return number, flags & 0xF, answers


@pytest.mark.parametrize("name", [b"b.s3.amazonaws.com", b"B.s3.AMAZONAWS.com"])
def test_a_known_name_has_its_address(name):
    said = reply(asking(name), KNOWN.get)

    assert told(said) == (7, 0, 1)
    assert said[12 : 12 + len(name) + 2] == asking(name)[12 : 12 + len(name) + 2]
    assert said[-16:] == struct.pack("!3HIH", 0xC00C, 1, 1, 60, 4) + KNOWN[b"b.s3.amazonaws.com"]


@pytest.mark.parametrize("kind", [ADDRESS_6, MAIL])
def test_a_known_name_has_nothing_else(kind):
    assert told(reply(asking(b"b.s3.amazonaws.com", kind), KNOWN.get)) == (7, 0, 0)


def test_any_other_name_does_not_exist():
    assert told(reply(asking(b"example.com"), KNOWN.get)) == (7, 3, 0)


@pytest.mark.parametrize(
    ("what", "asked"),
    [
        ("nothing", b""),
        ("an answer", asking(b"b.s3.amazonaws.com", flags=0x8000)),
        ("another operation", asking(b"b.s3.amazonaws.com", flags=0x0800)),
        ("half a question", asking(b"b.s3.amazonaws.com")[:-1]),
        ("a name without an end", asking(b"b.s3.amazonaws.com")[:-5]),
        ("a label that points elsewhere", struct.pack("!6H", 7, 0, 1, 0, 0, 0) + b"\xc0\x0c\0\1\0\1"),
        ("two questions", struct.pack("!6H", 7, 0, 2, 0, 0, 0) + asking(b"b")[12:] * 2),
    ],
)
def test_what_is_no_question_gets_no_answer(what, asked):
    assert reply(asked, KNOWN.get) == b""


@given(st.binary(max_size=60))
def test_any_bytes_are_survived(asked):
    reply(asked, KNOWN.get)


async def test_it_answers_at_its_place_until_it_is_stopped():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        place = free.getsockname()
    server = NameServer(place)
    server.start(KNOWN.get)
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as client:
        client.connect(place)
        await loop.sock_sendall(client, asking(b"b.s3.amazonaws.com"))
        assert told(await loop.sock_recv(client, 512)) == (7, 0, 1)

    server.stop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(place)


async def test_a_place_that_is_taken_is_done_without():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        server = NameServer(taken.getsockname())
        server.start(KNOWN.get)
        server.stop()
