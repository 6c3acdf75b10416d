"""What was started for one replay serves whichever replay is there for it."""

import asyncio

import pytest

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.proof.sandboxes import Sandboxes
from tests.fakes.backend import FakeBackend

SPEC = SandboxSpec("o", 128, 512)


class Slow(FakeBackend):
    """Starts when it is told to."""

    def __init__(self):
        super().__init__()
        self.asked = 0
        self.may = asyncio.Semaphore(0)
        self.problem = None

    async def start(self, spec):
        self.asked += 1
        await self.may.acquire()
        if self.problem:
            raise self.problem
        return await super().start(spec)


async def turns():
    """Let everything that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


def told(story):
    """What a story comes to, with a backend whose starts it allows; nothing is left of it."""

    async def play():
        backend = Slow()
        sandboxes = Sandboxes(backend, SPEC)
        backend.may.release()
        first = await sandboxes.take()
        try:
            return await story(sandboxes, backend, first)
        finally:
            # A start that has begun is waited for, and its sandbox ended.
            backend.may.release()
            await sandboxes.close()
            await first.destroy()
            assert backend.alive == {}

    return asyncio.run(play())


def test_a_replay_that_waits_for_a_start_takes_what_another_is_done_with():
    async def story(sandboxes, _backend, first):
        waiting = asyncio.ensure_future(sandboxes.take())
        await turns()
        sandboxes.give_back(first)
        return await waiting is first

    assert told(story)


def test_a_start_that_nobody_waits_for_any_more_serves_the_next_and_no_other_is_begun():
    async def story(sandboxes, backend, first):
        waiting = asyncio.ensure_future(sandboxes.take())
        await turns()
        sandboxes.give_back(first)
        await waiting
        next_one = asyncio.ensure_future(sandboxes.take())
        await turns()
        backend.may.release()
        await (await next_one).destroy()
        return backend.asked

    assert told(story) == 2


def test_what_was_used_last_comes_before_what_nobody_used_yet():
    async def story(sandboxes, backend, first):
        waiting = asyncio.ensure_future(sandboxes.take())
        await turns()
        sandboxes.give_back(first)
        sandboxes.give_back(await waiting)
        backend.may.release()
        await turns()
        return await sandboxes.take() is first

    assert told(story)


def test_whoever_waits_longest_is_told_that_none_can_be_started_and_the_next_starts_another():
    async def story(sandboxes, backend, _first):
        backend.problem = BackendUnavailable("no room")
        backend.may.release()
        with pytest.raises(BackendUnavailable, match="no room"):
            await sandboxes.take()
        backend.problem = None
        backend.may.release()
        await (await sandboxes.take()).destroy()
        return backend.asked

    assert told(story) == 3


def test_what_comes_for_a_wait_that_was_given_up_is_left_for_others():
    async def story(sandboxes, backend, _first):
        waiting = asyncio.ensure_future(sandboxes.take())
        await turns()
        waiting.cancel()
        await turns()
        backend.may.release()
        await turns()
        await (await sandboxes.take()).destroy()
        return backend.asked

    assert told(story) == 2


def test_a_sandbox_that_was_given_to_a_wait_that_ended_at_that_moment_is_not_lost():
    async def story(sandboxes, _backend, first):
        waiting = asyncio.ensure_future(sandboxes.take())
        await turns()
        sandboxes.give_back(first)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return await sandboxes.take() is first

    assert told(story)
