"""The poller of one queue, on a fake clock: batches, windows, concurrency, and when it looks again."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest

from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import MessagesHandled
from sandbox_runner.results.model import Outcome
from sandbox_runner.scenario.account.queue_mappings import QueueMapping
from sandbox_runner.service.admission import Throttle
from sandbox_runner.service.event_sources.batches import Message
from sandbox_runner.service.event_sources.poller import Invoked, LoopStopped, QueuePoller
from tests.fakes.clock import FakeClock


class FakeQueue:
    """A queue that shows again, after 30 s, what was not deleted."""

    def __init__(self, log):
        self._log = log
        self.waiting = []
        self.hidden = []
        self.deleted = []

    def send(self, *bodies):
        self.waiting += [Message(body, body, body, 0) for body in bodies]

    async def receive(self, count):
        now = self._log.service_us()
        self.waiting += [each for until, each in self.hidden if until <= now]
        self.hidden = [(until, each) for until, each in self.hidden if until > now]
        came, self.waiting = self.waiting[:count], self.waiting[count:]
        came = [Message(each.id, each.receipt, each.body, each.received + 1) for each in came]
        self.hidden += [(now + 30_000_000, each) for each in came]
        return came

    async def delete(self, messages, request_id):
        gone = {each.id for each in messages}
        self.deleted += sorted(gone)
        self.hidden = [(until, each) for until, each in self.hidden if each.id not in gone]

    async def shown_again_ms(self):
        now = self._log.service_us()
        return min(((until - now) // 1_000 for until, _ in self.hidden), default=None)


class World:
    """A poller whose batches are answered by ``answer``."""

    def __init__(self, answer=lambda _: "done", **mapping):
        self.log = EventLog(FakeClock())
        self.queue = FakeQueue(self.log)
        self.batches = []
        self.answer = answer
        self.poller = QueuePoller(QueueMapping("jobs", "worker", **mapping), self.queue, self.log, self.invoke)

    async def invoke(self, _mapping, messages):
        self.batches.append([(each.id, each.received) for each in messages])
        came = self.answer([each.id for each in messages])
        if asyncio.iscoroutine(came):
            came = await came
        if isinstance(came, LoopStopped):
            return came
        if came is None or isinstance(came, Throttle):
            return came and Invoked(len(self.batches), "id", came)
        outcome = Outcome.FUNCTION_ERROR if isinstance(came, Exception) else Outcome.SUCCESS
        body = b"{}" if isinstance(came, Exception) else json.dumps(came).encode()
        return Invoked(len(self.batches), "id", SimpleNamespace(outcome=outcome, body=body))

    async def quiet(self):
        """Until nothing is under way."""
        while self.poller.running:
            await asyncio.wait(self.poller.running)
            self.poller.check()

    async def after(self, seconds):
        """That much later."""
        self.log.skip(seconds)
        self.poller.dispatch()
        await self.quiet()

    @property
    def due_s(self):
        due = self.poller.next_due_us
        return None if due is None else round((due - self.log.service_us()) / 1e6)

    @property
    def handled(self):
        return [each.record for each in self.log.events if isinstance(each.record, MessagesHandled)]


async def test_messages_that_are_there_are_one_batch_and_deleted_when_it_succeeded():
    world = World()
    world.queue.send("a", "b")
    await world.after(0)

    assert world.batches == [[("a", 1), ("b", 1)]]
    assert (world.queue.deleted, world.due_s) == (["a", "b"], None)
    assert [(each.index, each.deleted, each.returned) for each in world.handled] == [(1, ("a", "b"), ())]


async def test_a_batch_has_so_many_messages_at_most():
    world = World(batch_size=2)
    world.queue.send("a", "b", "c", "d", "e")
    await world.after(0)

    assert [len(each) for each in world.batches] == [2, 2, 1]


@pytest.mark.parametrize("answer", [ValueError("no"), Throttle("ReservedFunctionConcurrentInvocationLimitExceeded")])
async def test_messages_of_a_batch_that_failed_come_again_when_they_are_visible(answer):
    answers = [answer, "done"]
    world = World(lambda _: answers.pop(0))
    world.queue.send("a", "b")
    await world.after(0)
    assert (world.queue.deleted, world.due_s) == ([], 30)
    assert world.handled[0].returned == ("a", "b")

    await world.after(29)
    assert len(world.batches) == 1

    await world.after(1)
    assert world.batches[1] == [("a", 2), ("b", 2)]
    assert (world.queue.deleted, world.due_s) == (["a", "b"], None)


@pytest.mark.parametrize(("reports", "deleted"), [(True, ["a", "c"]), (False, ["a", "b", "c"])])
async def test_a_part_of_a_batch_fails_only_where_the_mapping_asks_for_it(reports, deleted):
    world = World(lambda _: {"batchItemFailures": [{"itemIdentifier": "b"}]}, reports_failures=reports)
    world.queue.send("a", "b", "c")
    await world.after(0)

    assert world.queue.deleted == deleted


async def test_a_window_gathers_until_it_is_over():
    world = World(window_s=5)
    world.queue.send("a")
    await world.after(0)
    assert (world.batches, world.due_s) == ([], 5)

    world.queue.send("b")
    world.poller.wake()
    await world.quiet()
    assert world.batches == []

    await world.after(5)
    assert world.batches == [[("a", 1), ("b", 1)]]


async def test_a_full_batch_does_not_wait_for_its_window():
    world = World(window_s=5, batch_size=2)
    world.queue.send("a", "b", "c")
    await world.after(0)

    assert (world.batches, world.due_s) == ([[("a", 1), ("b", 1)]], 5)


async def test_so_many_batches_are_under_way_at_most():
    held = asyncio.Event()
    under_way = []

    async def answered(ids):
        under_way.append(ids)
        await held.wait()
        return "done"

    world = World(answered, batch_size=1, concurrency_max=2)
    world.queue.send("a", "b", "c")
    world.poller.dispatch()
    for _ in range(20):
        await asyncio.sleep(0)

    assert (under_way, world.poller.next_due_us) == ([["a"], ["b"]], None)
    held.set()
    await world.quiet()
    assert under_way == [["a"], ["b"], ["c"]]


async def test_what_takes_longer_than_it_is_hidden_is_handled_again_beside_the_first():
    held = asyncio.Event()
    world = World(lambda _: held.wait())
    world.queue.send("a")
    for seconds in (0, 29, 1):
        world.log.skip(seconds)
        world.poller.dispatch()
        for _ in range(20):
            await asyncio.sleep(0)

    assert (world.batches, world.queue.deleted) == ([[("a", 1)], [("a", 2)]], [])
    held.set()
    await world.quiet()
    assert world.queue.deleted == ["a", "a"]


async def test_where_a_run_plays_no_more_nothing_is_received_any_more():
    world = World(lambda _: None)
    world.queue.send("a")
    await world.after(0)
    world.queue.send("b")
    world.poller.wake()
    await world.after(60)

    assert (world.batches, world.due_s, world.queue.deleted) == ([[("a", 1)]], None, [])


async def test_a_failure_of_ours_is_told():
    def broken(_):
        raise OSError("gone")

    world = World(broken)
    world.queue.send("a")
    world.poller.dispatch()

    with pytest.raises(OSError, match="gone"):
        await world.quiet()


async def test_what_is_cancelled_begins_nothing_more():
    world = World()
    await world.poller.cancel()
    world.queue.send("a")
    world.poller.wake()
    await world.after(60)

    assert (world.batches, world.poller.running) == ([], frozenset())


async def test_a_batch_of_a_loop_stays_in_its_queue_until_it_is_a_dead_letter():
    world = World(answer=lambda _: LoopStopped())
    world.queue.send("a")
    world.poller.wake()
    await world.quiet()
    await world.after(30)

    assert world.batches == [[("a", 1)], [("a", 2)]]
    assert world.queue.deleted == []
