"""The poller of one stream, on a fake clock: order by shard, batches, attempts, splits, ages, what is given up."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest

from sandbox_runner import limits
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import MessagesHandled
from sandbox_runner.results.model import Outcome
from sandbox_runner.scenario.account.stream_mappings import StreamMapping
from sandbox_runner.service.admission import Throttle
from sandbox_runner.service.event_sources.poller import Invoked
from sandbox_runner.service.event_sources.stream_poller import StreamPoller, StreamRecord, done_of
from tests.fakes.clock import FakeClock


class FakeStream:
    """Shards by name."""

    def __init__(self, log):
        self._log = log
        self.shards = {"s": []}
        self.given_up = []

    def put(self, *sequences, shard="s"):
        at = self._log.service_us()
        records = self.shards.setdefault(shard, [])
        records += [StreamRecord(shard, each, at, "", {"kinesis": {"id": each}}) for each in sequences]

    async def read(self, after, count):
        return {name: each[after.get(name, 0) :][:count] for name, each in self.shards.items()}

    async def give_up(self, batch, why, invoked):
        self.given_up.append(("".join(each.sequence for each in batch.records), why, batch.tries))


class World:
    """A poller whose batches, told by their sequence numbers, are answered by ``answer``."""

    def __init__(self, answer=lambda _: "done", **mapping):
        self.log = EventLog(FakeClock())
        self.stream = FakeStream(self.log)
        self.batches = []
        self.answer = answer
        self.poller = StreamPoller(
            StreamMapping("kinesis", "orders", "worker", **mapping), self.stream, self.log, self.invoke
        )

    async def invoke(self, _mapping, batch):
        told = "".join(each.sequence for each in batch.records)
        self.batches.append(told)
        came = self.answer(told)
        if asyncio.iscoroutine(came):
            came = await came
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

    async def drained(self):
        """Until nothing is due any more, as at the end of a run."""
        self.poller.dispatch()
        await self.quiet()
        while (due := self.poller.next_due_us) is not None:
            self.log.skip(max(0, due - self.log.service_us()) / 1e6)
            self.poller.dispatch()
            await self.quiet()

    @property
    def passed_s(self):
        return round(self.log.service_us() / 1e6)


def fails_on(*bad):
    """An answer that fails where one of these is in the batch."""
    return lambda batch: ValueError("no") if set(bad) & set(batch) else "done"


async def test_records_are_sent_in_order_and_in_batches_of_their_size():
    world = World(batch_size=2)
    world.stream.put("a", "b", "c", "d", "e")
    await world.drained()

    assert world.batches == ["ab", "cd", "e"]
    handled = [each.record for each in world.log.events if isinstance(each.record, MessagesHandled)]
    assert [(each.deleted, each.returned) for each in handled] == [(("a", "b"), ()), (("c", "d"), ()), (("e",), ())]


async def test_a_window_gathers_until_it_is_over():
    world = World(window_s=20)
    world.stream.put("a")
    world.poller.dispatch()
    await world.quiet()
    world.stream.put("b")
    world.log.skip(5)
    world.poller.wake()
    await world.quiet()
    assert world.batches == []
    await world.drained()

    assert (world.batches, world.passed_s) == (["ab"], 20)


async def test_the_latest_record_is_the_latest_when_the_mapping_is_made():
    world = World(from_start=False)
    world.stream.put("a")
    await world.poller.begin()
    world.stream.put("b")
    await world.drained()

    assert world.batches == ["b"]


@pytest.mark.parametrize(("from_start", "batches"), [(True, ["ab", "c"]), (False, ["c"])])
async def test_it_begins_with_the_oldest_record_or_after_the_latest(from_start, batches):
    world = World(from_start=from_start)
    world.stream.put("a", "b")
    await world.drained()
    world.stream.put("c")
    world.poller.wake()
    await world.drained()

    assert world.batches == batches


async def test_a_batch_that_fails_holds_its_shard_up_and_no_other():
    world = World(fails_on("a"), batch_size=1, retries_max=1)
    world.stream.put("a", "b")
    world.stream.put("x", "y", shard="t")
    await world.drained()

    assert [each for each in world.batches if each in "ab"] == ["a", "a", "b"]
    assert [each for each in world.batches if each in "xy"] == ["x", "y"]
    assert world.batches.index("y") < len(world.batches) - 1
    assert world.stream.given_up == [("a", "RetryAttemptsExhausted", 2)]


async def test_one_batch_of_a_shard_is_under_way_at_a_time():
    held = asyncio.Event()

    async def waits(batch):
        await held.wait()
        return batch

    world = World(waits, batch_size=1)
    world.stream.put("a", "b")
    world.poller.dispatch()
    for _ in range(20):
        await asyncio.sleep(0)
        world.poller.wake()
    assert world.batches == ["a"]
    held.set()
    await world.drained()

    assert world.batches == ["a", "b"]


async def test_a_batch_is_split_until_the_poisoned_record_is_alone_and_splitting_is_no_attempt():
    world = World(fails_on("c"), bisects=True, retries_max=1)
    world.stream.put("a", "b", "c", "d")
    await world.drained()

    assert world.batches == ["abcd", "ab", "cd", "c", "c", "d"]
    assert world.stream.given_up == [("c", "RetryAttemptsExhausted", 2)]


async def test_what_the_answer_names_and_all_after_it_is_tried_again():
    answers = iter([{"batchItemFailures": [{"itemIdentifier": "c"}, {"itemIdentifier": "b"}]}, {}])
    world = World(lambda _: next(answers), reports_failures=True, bisects=True)
    world.stream.put("a", "b", "c")
    await world.drained()

    assert world.batches == ["abc", "bc"]


@pytest.mark.parametrize(
    ("answer", "done"),
    [
        (b"", 3),
        (b"null", 3),
        (b"{}", 3),
        (b'{"batchItemFailures": []}', 3),
        (b'{"batchItemFailures": null}', 3),
        (b'{"batchItemFailures": [{"itemIdentifier": "b"}]}', 1),
        (b'{"batchItemFailures": [{"itemIdentifier": "x"}]}', 0),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', 0),
        (b'{"batchItemFailures": [{"itemIdentifier": null}]}', 0),
        (b'{"batchItemFailures": [{"id": "b"}]}', 0),
        (b'{"batchItemFailures": "b"}', 0),
        (b'"done"', 0),
        (b'""', 3),
        (b"{", 0),
        (b"[" * 100_000, 0),
    ],
)
def test_an_answer_says_which_record_failed_first(answer, done):
    records = [StreamRecord("s", each, 0, "", {}) for each in "abc"]
    assert done_of(records, answer) == done


async def test_records_that_are_too_old_are_given_up_without_an_attempt():
    world = World(fails_on("a"), age_s_max=60, batch_size=1)
    world.stream.put("a", "b")
    await world.drained()

    assert 60 <= world.passed_s <= 64
    assert world.stream.given_up[0][:2] == ("a", "RecordAgeExceeded")
    assert [each[0] for each in world.stream.given_up] == ["a", "b"]


async def test_without_a_bound_a_batch_is_tried_ten_times_and_its_shard_waits_for_ever():
    world = World(fails_on("a"), batch_size=1)
    world.stream.put("a", "b")
    await world.drained()

    assert world.batches == ["a"] * limits.STREAM_TRIES_MAX
    assert world.stream.given_up == []


async def test_a_throttled_batch_is_no_attempt():
    throttled = iter([Throttle("ReservedFunctionConcurrentInvocationLimitExceeded"), "done"])
    world = World(lambda _: next(throttled), retries_max=0)
    world.stream.put("a")
    await world.drained()

    assert (world.batches, world.stream.given_up) == (["a", "a"], [])


async def test_where_a_run_plays_no_more_nothing_is_read_any_more():
    world = World(lambda _: None)
    world.stream.put("a")
    await world.drained()
    world.stream.put("b")
    world.poller.wake()
    await world.quiet()

    assert world.batches == ["a"]


async def test_records_that_no_filter_wants_are_passed_over_however_many_there_are():
    world = World(batch_size=2, filters=('{"id": ["x", "y", "z"]}',))
    world.stream.put(*"abcxdeyfz")

    await world.drained()

    assert world.batches == ["xy", "z"]
