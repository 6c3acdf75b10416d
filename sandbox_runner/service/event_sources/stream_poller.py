"""Reads the records of one stream and has a function invoked with them, in order by shard, beside a scenario's steps.

A batch that failed holds its shard up until it is done or given up. Sources:
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html,
https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html,
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html; an empty text as an answer, and
that giving up for age counts as one attempt more, are recorded in localstack/localstack,
tests/aws/services/lambda_/event_source_mapping/test_lambda_integration_kinesis.snapshot.json. The waits between
attempts are ours: AWS says that they grow.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

from sandbox_runner import limits
from sandbox_runner.events.records import MessagesHandled
from sandbox_runner.results.model import Outcome
from sandbox_runner.service.admission import Throttle
from sandbox_runner.service.asynchronous.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.account.stream_mappings import StreamMapping
    from sandbox_runner.service.event_sources.poller import Invoked

_US: Final = 1_000_000
GivenUp: TypeAlias = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A record of a shard as a function gets it.

    :ivar at_us: when it came, in service time.
    :ivar origin: whose call wrote it, as the account numbers calls.
    """

    shard: str
    sequence: str
    at_us: int
    origin: str
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one shard. ``tries`` counts the invocations with them that failed, ``throttles`` those refused."""

    records: tuple[StreamRecord, ...]
    tries: int = 0
    throttles: int = 0
    due_us: int = 0


class Stream(Protocol):
    """The stream, whoever has it."""

    async def read(self, after: Mapping[str, int], count: int) -> Mapping[str, Sequence[StreamRecord]]:
        """Of each shard at most that many records, after the first so many."""
        ...

    async def give_up(self, batch: Batch, why: GivenUp, invoked: Invoked | None) -> None:
        """Tell whoever is to know of a batch that is not tried again."""
        ...


@dataclass(slots=True)
class _Shard:
    """How far one shard has been read, what of it is gathered, and what is to be tried next, in order."""

    read: int = 0
    gathered: list[StreamRecord] = field(default_factory=list)
    until_us: int = 0
    waiting: deque[Batch] = field(default_factory=deque)
    is_busy: bool = False
    is_stuck: bool = False


class StreamPoller(Rounds):
    """The service's part in one mapping.

    :param invoke: invokes the function with a batch; returns nothing where a run plays no more.
    """

    def __init__(
        self,
        mapping: StreamMapping,
        stream: Stream,
        log: EventLog,
        invoke: Callable[[StreamMapping, Batch], Awaitable[Invoked | None]],
    ) -> None:
        super().__init__(log)
        self._mapping = mapping
        self._stream = stream
        self._invoke = invoke
        self._shards: dict[str, _Shard] = {}
        self._has_begun = mapping.from_start
        self._is_woken = True

    @property
    def next_due_us(self) -> int | None:
        """The service time at which there may be something to do, unless it is done or awaited already."""
        if self._is_over or self._is_busy:
            return None
        due = [0] if self._is_woken else []
        for each in self._shards.values():
            if each.is_busy or each.is_stuck:
                continue
            if each.waiting:
                due.append(each.waiting[0].due_us)
            elif each.gathered:
                due.append(each.until_us)
        return min(due, default=None)

    async def begin(self) -> None:
        """Where it begins after the latest record, that is the latest one now.

        :raises OurFailure: whatever answers for the stream has failed.
        """
        if not self._has_begun:
            await self._read()

    # --- reading --------------------------------------------------------------------------------------------------

    async def _round(self) -> None:
        while await self._read():
            pass
        for shard in self._shards.values():
            self._begin(shard)

    async def _read(self) -> bool:
        """Read on; whether something was passed over, so that there may be more."""
        passed_over = False
        after = {name: each.read for name, each in self._shards.items()}
        size = self._mapping.batch_size
        found = await self._stream.read(after, size if self._has_begun else limits.STREAM_READ_MAX)
        for name, records in found.items():
            shard = self._shards.setdefault(name, _Shard())
            if not self._has_begun:
                shard.read = len(records)
                continue
            taken = records[: size - len(shard.gathered)]
            wanted = [each for each in taken if self._mapping.wants(each.event)]
            if wanted and not shard.gathered:
                shard.until_us = self._log.service_us() + self._mapping.window_s * _US
            shard.gathered += wanted
            shard.read += len(taken)
            passed_over = passed_over or len(wanted) < len(taken)
        self._has_begun = True
        return passed_over

    def _begin(self, shard: _Shard) -> None:
        """Begin with the next batch of a shard, if it is due; one at a time."""
        now_us = self._log.service_us()
        if shard.is_busy or shard.is_stuck:
            return
        is_full = len(shard.gathered) >= self._mapping.batch_size
        if not shard.waiting and shard.gathered and (is_full or shard.until_us <= now_us):
            shard.waiting.append(Batch(tuple(shard.gathered)))
            shard.gathered = []
        if shard.waiting and shard.waiting[0].due_us <= now_us:
            shard.is_busy = True
            self._running.add(asyncio.ensure_future(self._serve(shard, shard.waiting.popleft())))

    # --- a batch --------------------------------------------------------------------------------------------------

    async def _serve(self, shard: _Shard, batch: Batch) -> None:
        try:
            batch = await self._without_old(batch)
            if batch.records:
                await self._try(shard, batch)
        finally:
            shard.is_busy = False
        self.wake()

    async def _without_old(self, batch: Batch) -> Batch:
        """What is left of a batch when records are given up that are too old."""
        most = self._mapping.age_s_max
        if most is None:
            return batch
        oldest_us = self._log.service_us() - most * _US
        old = tuple(each for each in batch.records if each.at_us < oldest_us)
        if old:
            await self._stream.give_up(Batch(old, batch.tries + 1), "RecordAgeExceeded", None)
        return Batch(batch.records[len(old) :], batch.tries, batch.throttles)

    async def _try(self, shard: _Shard, batch: Batch) -> None:
        invoked = await self._invoke(self._mapping, batch)
        if invoked is None:
            self._is_over = True
            return
        done = self._done(batch, invoked)
        left = batch.records[done:]
        record = MessagesHandled(
            index=invoked.index,
            queue=self._mapping.name,
            deleted=tuple(each.sequence for each in batch.records[:done]),
            returned=tuple(each.sequence for each in left),
        )
        self._log.append(record, request_id=invoked.request_id)
        if left:
            await self._again(shard, Batch(left, batch.tries, batch.throttles), invoked, is_part=done > 0)

    def _done(self, batch: Batch, invoked: Invoked) -> int:
        """How many records of a batch are done with: all before the first that failed."""
        came = invoked.came
        if isinstance(came, Throttle) or came.outcome is not Outcome.SUCCESS:
            return 0
        return done_of(batch.records, came.body) if self._mapping.reports_failures else len(batch.records)

    async def _again(self, shard: _Shard, left: Batch, invoked: Invoked, *, is_part: bool) -> None:
        """Try what is left again, at the head of its shard, unless that is over."""
        if isinstance(invoked.came, Throttle):
            again = [Batch(left.records, left.tries, left.throttles + 1)]
        elif self._mapping.bisects and len(left.records) > 1 and not is_part:
            middle = len(left.records) // 2
            # A split is not counted as an attempt.
            again = [Batch(left.records[:middle], left.tries), Batch(left.records[middle:], left.tries)]
        else:
            again = [Batch(left.records, left.tries + 1)]
        retries_max = self._mapping.retries_max
        if retries_max is not None and again[0].tries > retries_max:
            await self._stream.give_up(again[0], "RetryAttemptsExhausted", invoked)
            return
        often = again[0].tries + again[0].throttles
        if often >= limits.STREAM_TRIES_MAX:
            shard.is_stuck = True
            return
        wait_us = min(2**often, limits.STREAM_WAIT_S_MAX) * _US
        due_us = self._log.service_us() + wait_us
        shard.waiting.extendleft(Batch(each.records, each.tries, each.throttles, due_us) for each in reversed(again))


def done_of(records: Sequence[StreamRecord], answer: bytes) -> int:
    """How many records are done with by an answer: those before the first that it names; none where it is no answer."""
    try:
        told = json.loads(answer or b"null")
    except (ValueError, RecursionError):
        return 0
    if not isinstance(told, dict):
        return len(records) if told is None or told == "" else 0
    items = told.get("batchItemFailures")
    if not items:
        return len(records)
    if not isinstance(items, list):
        return 0
    places = {each.sequence: place for place, each in enumerate(records)}
    told_ids = (each.get("itemIdentifier") if isinstance(each, dict) else None for each in items)
    return min(places.get(each, 0) if isinstance(each, str) else 0 for each in told_ids)
