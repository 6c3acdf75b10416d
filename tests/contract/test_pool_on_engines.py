"""A pool in front of the real backends."""

from __future__ import annotations

import asyncio

from sandbox_runner.backends.pool import Pool
from tests.contract.conversation import Conversation
from tests.contract.engines import NOTHING, SPEC, traces
from tests.contract.test_backend import COUNTER


async def filled(pool):
    async with asyncio.timeout(20):
        while pool.ready(SPEC) < 2:  # noqa: ASYNC110 - a pool has no event for this
            await asyncio.sleep(0.01)


async def test_a_pooled_sandbox_is_a_fresh_one(backend):
    pool = Pool(backend, size=2)
    pool.prepare(SPEC)
    await filled(pool)
    talks = [Conversation(await pool.start(SPEC)) for _ in range(3)]

    for talk in talks:
        await talk.load(COUNTER)
        assert (await talk.invoke()).answer["count"] == 1
    await pool.close()
    assert traces() == NOTHING


async def test_a_sandbox_that_died_in_the_pool_is_not_handed_out(backend):
    pool = Pool(backend, size=2)
    pool.prepare(SPEC)
    await filled(pool)
    for started in list(backend._started)[:1]:
        await started.destroy()
    await asyncio.sleep(0)

    talk = Conversation(await pool.start(SPEC))
    await talk.load(COUNTER)
    assert (await talk.invoke()).answer["count"] == 1
    await pool.close()
