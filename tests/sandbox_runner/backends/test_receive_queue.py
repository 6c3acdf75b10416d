"""Whatever a sandbox sends, the reader gets messages, one clear failure, and bounded memory."""

from __future__ import annotations

import asyncio
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.backends.receive_queue import (
    BACKLOG_BYTES_MAX,
    BACKLOG_MESSAGES_MAX,
    BYTES_PER_ORDER_MAX,
    STDERR_TAIL_BYTES,
    ReceiveQueue,
    Tail,
)
from sandbox_runner.errors import OurFailure, ProtocolViolation, SandboxLost
from sandbox_runner.guest.wire import Answered, Thawed, encode
from sandbox_runner.limits import FRAME_BYTES_MAX


class FakeTap:
    """Says whether anybody reads."""

    def __init__(self):
        self.reading = True

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True


@pytest.fixture
def tap():
    return FakeTap()


@pytest.fixture
def inbox(tap):
    inbox = ReceiveQueue()
    inbox.connect(tap)
    return inbox


def answer(size):
    return encode(Answered("r", "response", at_us=0, size=size, body=b"x" * size))


async def test_messages_come_in_order(inbox):
    inbox.feed(encode(Thawed(1, 1)) + encode(Thawed(2, 1)))

    assert [await inbox.next(), await inbox.next()] == [Thawed(1, 1), Thawed(2, 1)]


async def test_a_message_that_comes_later_is_waited_for(inbox):
    waiting = asyncio.ensure_future(inbox.next())
    await asyncio.sleep(0)
    inbox.feed(encode(Thawed(1, 1)))

    assert await waiting == Thawed(1, 1)


async def test_a_cancelled_wait_loses_nothing(inbox):
    waiting = asyncio.ensure_future(inbox.next())
    await asyncio.sleep(0)
    inbox.feed(encode(Thawed(1, 1)))
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await inbox.next() == Thawed(1, 1)


async def test_what_came_before_the_end_is_still_delivered(inbox):
    inbox.feed(encode(Thawed(1, 1)))
    inbox.end()

    assert await inbox.next() == Thawed(1, 1)
    with pytest.raises(SandboxLost):
        await inbox.next()


async def test_the_supervisors_last_words_explain_the_end(inbox):
    inbox.tail.feed(b"Traceback: no module named asyncio\x1b[31m")
    inbox.end()

    with pytest.raises(SandboxLost, match=r"no module named asyncio\\x1b\[31m"):
        await inbox.next()


async def test_the_first_reason_is_kept(inbox):
    inbox.end(ProtocolViolation("first"))
    inbox.end(SandboxLost("second"))

    with pytest.raises(ProtocolViolation, match="first"):
        await inbox.next()


@pytest.mark.parametrize(
    ("description", "data"),
    [
        ("a length over the limit", struct.pack(">II", FRAME_BYTES_MAX + 1, 2)),
        ("a header longer than its frame", struct.pack(">II", 6, 100) + b"{}"),
        ("a header that is no JSON", struct.pack(">II", 6, 2) + b"{{"),
        ("an unknown message", struct.pack(">II", 4 + 12, 12) + b'{"type":"X"}'),
        ("a host's message", struct.pack(">II", 4 + 15, 15) + b'{"type":"Wipe"}'),
        ("lines printed as if they were frames", b"START RequestId: 1\n" * 10),
    ],
)
async def test_what_is_no_message_is_a_violation(inbox, description, data):
    inbox.feed(data)

    with pytest.raises(ProtocolViolation):
        await inbox.next()


@given(st.binary(min_size=8, max_size=200))
async def test_no_bytes_raise_anything_but_our_own_failures(data):
    inbox = ReceiveQueue()
    inbox.feed(data)
    inbox.end()

    async def read_to_the_end():
        while True:
            await inbox.next()

    with pytest.raises(OurFailure):
        await read_to_the_end()


async def test_reading_stops_at_a_backlog_of_bytes_and_goes_on_when_it_is_read(inbox, tap):
    large = answer(6_000_000)
    while tap.reading:
        inbox.feed(large)

    assert inbox._backlog <= BACKLOG_BYTES_MAX + len(large)
    while not tap.reading:
        await inbox.next()


async def test_reading_stops_at_a_backlog_of_messages(inbox, tap):
    for _ in range(BACKLOG_MESSAGES_MAX + 1):
        inbox.feed(encode(Thawed(1, 1)))

    assert not tap.reading


async def test_a_sandbox_may_not_say_more_than_an_order_can_ask_for(inbox):
    large = answer(6_000_000)
    for _ in range(BYTES_PER_ORDER_MAX // len(large)):
        inbox.feed(large)
        await inbox.next()
    inbox.feed(large)

    with pytest.raises(ProtocolViolation, match="more than any order"):
        await inbox.next()


async def test_each_order_gives_a_new_allowance(inbox):
    large = answer(6_000_000)
    for _ in range(BYTES_PER_ORDER_MAX // 6_000_000 + 1):
        inbox.ordered()
        inbox.feed(large)
        assert await inbox.next()


def test_the_tail_of_stderr_is_bounded():
    tail = Tail()
    for _ in range(1000):
        tail.feed(b"x" * 1000)

    assert len(tail.text()) == STDERR_TAIL_BYTES
