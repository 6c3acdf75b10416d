"""Ready before it is needed, used once, never left behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from sandbox_runner.backends.base import SandboxSpec, ShownFolder
from sandbox_runner.backends.pool import KINDS_MAX, Pool
from sandbox_runner.errors import BackendUnavailable, SandboxNotReady
from sandbox_runner.guest.wire import Wipe, WipeDone
from tests.fakes.backend import FakeBackend

SMALL = SandboxSpec("worker", 128, 512)
LARGE = SandboxSpec("worker", 1024, 512)


class BrokenBackend(FakeBackend):
    """Can make no sandbox."""

    async def start(self, spec):
        raise BackendUnavailable("the engine is away")


@pytest.fixture
def backend():
    return FakeBackend()


@pytest.fixture
async def pool(backend):
    pool = Pool(backend, size=2, rest_s=0)
    yield pool
    await pool.close()
    assert backend.alive == {}


async def filled(pool, spec=SMALL, count=2):
    async with asyncio.timeout(5):
        while pool.ready(spec) < count:  # noqa: ASYNC110 - the pool has no event for this; nothing waits for real
            await asyncio.sleep(0)


async def test_a_kind_that_was_asked_for_is_kept_ready(pool, backend):
    await pool.start(SMALL)
    await filled(pool)

    assert backend.specs == [SMALL] * 3


async def test_more_are_kept_of_a_kind_that_is_asked_for_more_often(pool, backend):
    pool.prepare(SMALL, 4)
    await filled(pool, count=4)
    await pool.start(SMALL)
    await pool.start(LARGE)
    await filled(pool, count=4)
    await filled(pool, LARGE)

    assert (backend.specs.count(SMALL), backend.specs.count(LARGE)) == (5, 3)


async def test_a_ready_sandbox_is_handed_out_and_replaced(pool, backend):
    pool.prepare(SMALL)
    await filled(pool)

    assert await pool.start(SMALL) is backend.started[0]
    await filled(pool)
    assert pool.ready(SMALL) == 2


async def test_what_was_handed_out_is_not_replaced_while_its_run_may_still_be_young(backend):
    pool = Pool(backend, size=2, rest_s=60)
    pool.prepare(SMALL)
    await filled(pool)
    await pool.start(SMALL)
    for _ in range(10):
        await asyncio.sleep(0)

    assert pool.ready(SMALL) == 1
    await pool.close()
    assert len(backend.started) == 2


async def test_a_replacement_is_started_when_there_is_time_for_it(backend):
    time = asyncio.Event()
    time.set()
    pool = Pool(backend, size=2, rest_s=0, turn=time.wait)
    pool.prepare(SMALL)
    await filled(pool)
    time.clear()
    for _ in range(3):
        await pool.start(SMALL)
    for _ in range(10):
        await asyncio.sleep(0)
    assert (pool.ready(SMALL), len(backend.started)) == (0, 3)

    time.set()
    await filled(pool)
    await pool.close()


async def test_once_none_was_ready_nothing_rests(backend):
    pool = Pool(backend, size=2, rest_s=60)
    pool.prepare(SMALL)
    await filled(pool)
    for _ in range(3):
        await pool.start(SMALL)
    await filled(pool)
    await pool.start(SMALL)
    await filled(pool)

    assert pool.ready(SMALL) == 2
    await pool.close()


async def test_a_kind_that_is_new_is_made_ready_at_once(backend):
    pool = Pool(backend, size=2, rest_s=60)
    await pool.start(SMALL)
    await filled(pool)

    assert pool.ready(SMALL) == 2
    await pool.close()


async def test_a_sandbox_is_handed_out_only_once(pool):
    pool.prepare(SMALL)
    await filled(pool)
    sandboxes = [await pool.start(SMALL) for _ in range(5)]

    assert len({sandbox.id for sandbox in sandboxes}) == 5


async def test_a_sandbox_that_died_waiting_is_not_handed_out(pool, backend):
    pool.prepare(SMALL)
    await filled(pool)
    await backend.started[0].destroy()
    await asyncio.sleep(0)

    assert await pool.start(SMALL) is backend.started[1]


async def test_what_is_said_to_its_new_holder_reaches_its_new_holder(pool):
    pool.prepare(SMALL)
    await filled(pool)
    sandbox = await pool.start(SMALL)
    await sandbox.send(Wipe())

    assert isinstance(await sandbox.receive(), WipeDone)


async def test_kinds_that_nobody_asks_for_any_more_are_given_up(pool, backend):
    for number in range(KINDS_MAX + 1):
        spec = SandboxSpec("worker", 128 + number, 512)
        pool.prepare(spec)
        await filled(pool, spec)

    async with asyncio.timeout(5):
        while len(backend.alive) > 2 * KINDS_MAX:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)
    assert pool.ready(SMALL) == 0


async def test_kinds_are_kept_apart(pool, backend):
    pool.prepare(SMALL)
    await filled(pool)
    large = await pool.start(LARGE)

    assert backend.specs[backend.started.index(large)] == LARGE


async def test_an_empty_pool_starts_what_is_asked_for(backend):
    pool = Pool(backend, size=0)
    await pool.start(SMALL)

    assert len(backend.started) == 1
    await pool.close()


async def test_a_backend_that_fails_tells_whoever_asks():
    pool = Pool(BrokenBackend())
    pool.prepare(SMALL)

    with pytest.raises(BackendUnavailable, match="the engine is away"):
        await pool.start(SMALL)
    await pool.close()


class SlowBackend(FakeBackend):
    """The first few that it starts do not get ready."""

    def __init__(self, failing):
        super().__init__()
        self.failing = failing

    async def start(self, spec):
        if self.failing:
            self.failing -= 1
            raise SandboxNotReady("its supervisor said nothing")
        return await super().start(spec)


SHOWN = replace(SMALL, shown=(("/opt", ShownFolder("a", "/a", "/a.tar")),))


@pytest.mark.parametrize("spec", [SMALL, SHOWN], ids=["bare", "shown folders"])
async def test_another_is_started_where_one_did_not_get_ready_and_no_third(spec):
    pool = Pool(SlowBackend(1), size=0)
    assert await pool.start(spec)
    await pool.close()

    with pytest.raises(SandboxNotReady):
        await Pool(SlowBackend(2), size=0).start(spec)


async def test_what_ended_while_it_waited_is_replaced_by_a_sweep(pool, backend):
    pool.prepare(SMALL)
    await filled(pool)
    for sandbox in list(backend.started):
        sandbox._said.put_nowait(None)
    while pool.ready(SMALL):  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)

    await pool.sweep([SMALL.owner])
    await filled(pool)

    assert (len(backend.started), len(backend.alive)) == (4, 2)


async def test_a_pool_whose_engine_was_away_is_filled_by_a_sweep():
    backend = FakeBackend()
    pool = Pool(Recovering(backend), size=2, rest_s=0)
    pool.prepare(SMALL)
    await asyncio.sleep(0)

    await pool.sweep([SMALL.owner])
    await filled(pool)
    await pool.close()


class Recovering:
    """Can make no sandbox the first time."""

    name = "recovering"

    def __init__(self, backend):
        self.sweep, self.close, self._start = backend.sweep, backend.close, backend.start
        self.failed = False

    async def start(self, spec):
        if not self.failed:
            self.failed = True
            raise BackendUnavailable("the engine is away")
        return await self._start(spec)


async def test_nothing_is_left_after_closing_in_the_middle_of_a_refill(backend):
    pool = Pool(backend, size=50)
    pool.prepare(SMALL)
    await asyncio.sleep(0)
    await pool.close()

    assert backend.alive == {}
    assert pool.ready(SMALL) == 0
