"""How many replays are played side by side."""

import asyncio
from contextlib import AsyncExitStack, ExitStack, suppress

import pytest

from sandbox_runner import limits
from sandbox_runner.proof.lanes import FIRST, Lanes, free_memory_mb

PLENTY = 100_000
WAITS_S = 1.0


def test_replays_that_wait_double_until_there_are_a_dozen():
    with Lanes(2, lambda: PLENTY).taken(128) as pace:
        seen = []
        for _ in range(4):
            at_once = pace.at_once(WAITS_S)
            seen.append(at_once)
            pace.note([(WAITS_S, WAITS_S + 0.1)] * at_once)
    assert seen == [FIRST, 2 * FIRST, limits.REPLAYS_AT_ONCE_MAX, limits.REPLAYS_AT_ONCE_MAX]


@pytest.mark.parametrize(("busy", "first"), [(None, 4), (1.0, 4), (0.3, 6), (0.02, 12), (0.0, 4)])
def test_as_many_begin_as_the_processors_have_room_for(busy, first):
    with Lanes(2, lambda: PLENTY).taken(128, busy) as pace:
        assert pace.at_once(WAITS_S) == first


@pytest.mark.parametrize(
    ("start_s", "takes_s", "at_once"),
    [(0.1, 0.4, 12), (0.2, 0.5, 6), (0.2, 1.0, 12), (0.8, 0.5, 4), (0.8, 1.0, 6), (0.8, 2.0, 6), (0.8, 5.0, 12)],
)
def test_sandboxes_that_are_slow_to_start_play_fewer_replays_at_once(start_s, takes_s, at_once):
    lanes = Lanes(2, lambda: PLENTY)
    lanes.note_start("docker", started=True, took_s=9 * start_s)
    lanes.note_start("docker", started=True, took_s=start_s)
    lanes.note_start("docker", started=False, took_s=0.0)
    with lanes.taken(128, 0.01) as pace:
        assert pace.at_once(takes_s) == at_once


@pytest.mark.parametrize(("start_s", "others", "at_once"), [(0.3, 0, 12), (0.3, 1, 6), (0.8, 0, 6), (0.8, 2, 3)])
def test_the_more_proofs_start_sandboxes_the_fewer_each_of_them_starts(start_s, others, at_once):
    lanes = Lanes(2, lambda: PLENTY)
    lanes.note_start("docker", started=True, took_s=start_s)
    with ExitStack() as proofs:
        for _ in range(others):
            proofs.enter_context(lanes.taken(128, 0.01))
        with lanes.taken(128, 0.01) as pace:
            assert pace.at_once(1.0) == at_once


@pytest.mark.parametrize(("start_s", "asked"), [(0.2, 12), (0.8, 12), (3.0, 4)])
def test_what_two_turns_play_is_asked_for_at_once(start_s, asked):
    lanes = Lanes(2, lambda: PLENTY)
    lanes.note_start("docker", started=True, took_s=start_s)
    with lanes.taken(128, 0.01) as pace:
        assert pace.asked_at_once(2.0) == asked


def test_replays_that_compute_fall_back_to_the_number_of_processors():
    with Lanes(2, lambda: PLENTY).taken(128) as pace:
        for _ in range(4):
            at_once = pace.at_once(WAITS_S)
            pace.note([(WAITS_S, WAITS_S * max(1, at_once / 2))] * at_once)
        assert pace.at_once(WAITS_S) == 2


def test_short_replays_are_as_many_as_processors_because_a_sandbox_takes_longer_to_start():
    with Lanes(3, lambda: PLENTY).taken(128) as pace:
        assert pace.at_once(0.05) == 3


@pytest.mark.parametrize(("free_mb", "memory_mb", "at_once"), [(2_000, 256, 3), (2_000, 10_240, 1), (0, 128, 1)])
def test_sandboxes_fit_into_half_of_the_free_memory_and_there_is_always_one(free_mb, memory_mb, at_once):
    with Lanes(2, lambda: free_mb).taken(memory_mb) as pace:
        assert pace.at_once(WAITS_S) == at_once


def test_proofs_at_the_same_time_share_what_there_is_and_one_that_ends_gives_it_back():
    lanes = Lanes(4, lambda: 4 * 2 * 128 * 3)
    with lanes.taken(128) as pace:
        alone = pace.at_once(WAITS_S), pace.at_once(0)
        with lanes.taken(128), lanes.taken(128), lanes.taken(128):
            assert (pace.at_once(WAITS_S), pace.at_once(0)) == (3, 1)
        assert (pace.at_once(WAITS_S), pace.at_once(0)) == alone == (4, 4)


def test_a_machine_has_free_memory():
    assert free_memory_mb() > 0


async def _settle():
    for _ in range(20):
        await asyncio.sleep(0)


class Beginning:
    """Replays that begin and stay in that until they are let go."""

    def __init__(self, lanes, count, own=0):
        self._lanes, self._own = lanes, own
        self.begun = 0
        self._let_go = [asyncio.Event() for _ in range(count)]
        self.tasks = [asyncio.ensure_future(self._begin(each)) for each in self._let_go]

    async def _begin(self, let_go):
        async with self._lanes.beginning(own=self._own):
            self.begun += 1
            await let_go.wait()

    async def end(self, number):
        """One has begun to its end; how many have begun by now."""
        self._let_go[number].set()
        await _settle()
        return self.begun

    async def end_all(self):
        for each in self._let_go:
            each.set()
        await asyncio.gather(*self.tasks)


@pytest.mark.parametrize(("processors", "at_once"), [(1, 1), (2, 1), (4, 3)])
def test_while_somebody_waits_for_answers_replays_begin_in_turn_and_leave_a_processor(processors, at_once):
    async def story():
        lanes = Lanes(processors, lambda: PLENTY)
        with lanes.answering():
            replays = Beginning(lanes, 5)
            await _settle()
            seen = [replays.begun, await replays.end(0)]
        await _settle()
        seen.append(replays.begun)
        await replays.end_all()
        return seen

    assert asyncio.run(story()) == [at_once, at_once + 1, 5]


@pytest.mark.parametrize(("answering", "own", "begun"), [(0, 0, 5), (1, 1, 5), (2, 1, 1)])
def test_nobody_is_waited_for_but_others(answering, own, begun):
    async def story():
        lanes = Lanes(2, lambda: PLENTY)
        with ExitStack() as waiting:
            for _ in range(answering):
                waiting.enter_context(lanes.answering())
            replays = Beginning(lanes, 5, own)
            await _settle()
            seen = replays.begun
        await replays.end_all()
        return seen

    assert asyncio.run(story()) == begun


def test_whoever_gives_up_waiting_gives_the_turn_to_the_next():
    async def story():
        lanes = Lanes(2, lambda: PLENTY)
        with lanes.answering():
            async with AsyncExitStack() as first:
                await first.enter_async_context(lanes.beginning())
                replays = Beginning(lanes, 3)
                await _settle()
                replays.tasks[1].cancel()
            # The first of those that wait is told that it is its turn, and has given up.
            replays.tasks[0].cancel()
            await _settle()
            seen = replays.begun
            for each in replays.tasks[:2]:
                with suppress(asyncio.CancelledError):
                    await each
            await replays.end(2)
        return seen

    assert asyncio.run(story()) == 1


def test_whoever_waits_for_answers_has_a_part_of_what_computes():
    lanes = Lanes(4, lambda: PLENTY)
    with lanes.taken(128) as pace, lanes.answering():
        assert pace.at_once(0) == 2


@pytest.mark.parametrize(
    ("runs", "is_time"), [([], True), ([True], False), ([False], True), ([True, True], True), ([True, False], True)]
)
def test_only_a_run_that_is_proven_alone_is_spared_what_the_next_one_needs(runs, is_time):
    async def story():
        lanes = Lanes(2, lambda: PLENTY)
        with ExitStack() as going_on:
            for proven in runs:
                going_on.enter_context(lanes.running(proven=proven))
            waiting = asyncio.ensure_future(lanes.time_for_others())
            await _settle()
            seen = waiting.done()
        await waiting
        return seen

    assert asyncio.run(story()) is is_time
