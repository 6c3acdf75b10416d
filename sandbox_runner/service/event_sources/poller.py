"""Receives the messages of one queue and has a function invoked with them, beside the steps of a scenario.

Messages of a batch that failed are left where they are: the queue shows them again when their visibility timeout is
over, and gives them to its dead-letter queue when they were received too often. All of it is on the service's clock.
Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html,
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sandbox_runner import limits
from sandbox_runner.events.records import MessagesHandled
from sandbox_runner.results.model import Outcome
from sandbox_runner.service.admission import Throttle
from sandbox_runner.service.asynchronous.rounds import Rounds
from sandbox_runner.service.event_sources.batches import failed_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sandbox_runner.environment.answers import Answer
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.account.queue_mappings import QueueMapping
    from sandbox_runner.service.event_sources.batches import Message

_MS_US: Final = 1_000
_US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Invoked:
    """A request that the service made with a batch: the function's answer, or why it did not run."""

    index: int
    request_id: str
    came: Answer | Throttle


class LoopStopped:
    """A batch is part of a recursive loop, and is not sent to the function: its messages stay in the queue."""


class Queue(Protocol):
    """The queue, whoever has it."""

    async def receive(self, count: int) -> Sequence[Message]:
        """At most that many messages, which are hidden from then on."""
        ...

    async def delete(self, messages: Sequence[Message], request_id: str) -> None:
        """Delete messages that were handled by that request."""
        ...

    async def shown_again_ms(self) -> int | None:
        """In how many milliseconds a hidden message can be received that is worth waiting for."""
        ...


class QueuePoller(Rounds):
    """The service's part in one mapping.

    :param invoke: invokes the function with messages; returns nothing where a run plays no more.
    """

    def __init__(
        self,
        mapping: QueueMapping,
        queue: Queue,
        log: EventLog,
        invoke: Callable[[QueueMapping, Sequence[Message]], Awaitable[Invoked | LoopStopped | None]],
    ) -> None:
        super().__init__(log)
        self._mapping = mapping
        self._queue = queue
        self._invoke = invoke
        self._gathered: list[Message] = []
        self._gathered_until_us = 0
        self._shown_again_us: int | None = 0
        self._batches = 0

    @property
    def next_due_us(self) -> int | None:
        """The service time at which there may be something to do, unless it is done or awaited already."""
        if self._is_over or self._is_busy or self._batches >= self._mapping.concurrency_max:
            return None
        gathered = [self._gathered_until_us] if self._gathered else []
        shown_again = [] if self._shown_again_us is None else [self._shown_again_us]
        return min([*gathered, *shown_again], default=None)

    # --- receiving ------------------------------------------------------------------------------------------------

    async def _round(self) -> None:
        await self._receive()
        again_ms = await self._queue.shown_again_ms()
        self._shown_again_us = None if again_ms is None else self._log.service_us() + again_ms * _MS_US

    async def _receive(self) -> None:
        """Receive as long as messages come and a batch may begin."""
        while self._batches < self._mapping.concurrency_max and not self._is_over:
            room = self._mapping.batch_size - len(self._gathered)
            came = await self._queue.receive(min(room, limits.QUEUE_RECEIVED_AT_ONCE_MAX))
            if came and not self._gathered:
                self._gathered_until_us = self._log.service_us() + self._mapping.window_s * _US
            self._gathered += came
            is_full = len(self._gathered) >= self._mapping.batch_size
            if self._gathered and (is_full or self._gathered_until_us <= self._log.service_us()):
                self._begin()
            elif not came:
                return

    def _begin(self) -> None:
        batch, self._gathered = self._gathered, []
        self._batches += 1
        self._running.add(asyncio.ensure_future(self._serve(batch)))

    # --- a batch --------------------------------------------------------------------------------------------------

    async def _serve(self, batch: Sequence[Message]) -> None:
        try:
            invoked = await self._invoke(self._mapping, batch)
            if invoked is None:
                self._is_over = True
                return
            if isinstance(invoked, LoopStopped):
                return
            failed = self._failed(batch, invoked.came)
            handled = [each for each in batch if each.id not in failed]
            if handled:
                await self._queue.delete(handled, invoked.request_id)
            record = MessagesHandled(
                index=invoked.index,
                queue=self._mapping.queue,
                deleted=tuple(each.id for each in handled),
                returned=tuple(each.id for each in batch if each.id in failed),
            )
            self._log.append(record, request_id=invoked.request_id)
        finally:
            self._batches -= 1
            self.wake()

    def _failed(self, batch: Sequence[Message], came: Answer | Throttle) -> frozenset[str]:
        if isinstance(came, Throttle) or came.outcome is not Outcome.SUCCESS:
            return frozenset(each.id for each in batch)
        return failed_of(batch, came.body) if self._mapping.reports_failures else frozenset()
