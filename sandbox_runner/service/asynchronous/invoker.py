"""Runs asynchronous requests: takes them from their queue when due, and records the outcome.

Nothing waits for an attempt; it runs alongside the scenario's next steps and counts as concurrency like any other.
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, Protocol

from sandbox_runner import limits
from sandbox_runner.environment.attempt import Attempt
from sandbox_runner.environment.task_groups import cancel_all
from sandbox_runner.events.records import SUCCESS, RequestDelivered, RequestDiscarded, RequestQueued, RequestThrottled
from sandbox_runner.results.model import Outcome
from sandbox_runner.service import admission
from sandbox_runner.service.admission import Throttle
from sandbox_runner.service.asynchronous.destinations import Ended, Response, dead_letter, destination_record
from sandbox_runner.service.asynchronous.queue import AsyncQueue, Queued
from sandbox_runner.untrusted_text import cut_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from sandbox_runner.clock import Clock
    from sandbox_runner.environment.answers import Answer
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.asynchronous.queue import Condition

_US: Final = 1_000_000


class AsyncInvoker:
    """The asynchronous part of the service, for one function.

    :param name: the function's name in the scenario.
    :param begin: starts an attempt: returns its work, or the reason why it cannot run now.
    :ivar deliver: sends what became of a request to its function's destinations; nothing does without.
    """

    def __init__(
        self,
        scenario: Scenario,
        name: str,
        log: EventLog,
        clock: Clock,
        begin: Callable[[Attempt], Throttle | Coroutine[None, None, Answer]],
    ) -> None:
        self._function = scenario.functions[name]
        self._settings = scenario.settings_of(name)
        self.reserved_concurrency = self._settings.reserved_concurrency
        self._log = log
        self._clock = clock
        self._begin = begin
        self._queue = AsyncQueue(
            max_retry_attempts=self._settings.max_retry_attempts, max_event_age_s=self._settings.max_event_age_s
        )
        self._running: set[asyncio.Task[None]] = set()
        self.deliver: Callable[[int, Ended], Coroutine[None, None, None]] | None = None

    @property
    def next_due_us(self) -> int | None:
        """The service time at which the next attempt may begin."""
        return self._queue.next_due_us

    @property
    def running(self) -> frozenset[asyncio.Task[None]]:
        """The running attempts and deliveries."""
        return frozenset(self._running)

    def accept(self, index: int, request_id: str, payload: str, trace: str, *, is_loop: bool = False) -> None:
        """Accept a request; its caller immediately gets status 202 and nothing else.

        :param is_loop: it is part of a recursive loop, so that nothing is tried.
        """
        now_us = self._log.service_us()
        request = Queued(index, request_id, payload, trace, accepted_us=now_us, due_us=now_us)
        self._note_queued(request, "accepted")
        if is_loop:
            self._discard(request, "RecursiveLoop", None)
        elif self.reserved_concurrency == 0:
            # https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html: nothing is tried.
            self._discard(request, "ZeroReservedConcurrency", None)
        else:
            self._queue.accept(request)

    def dispatch(self) -> None:
        """Begin every attempt that is due."""
        for request in self._queue.take_due(self._log.service_us()):
            attempt = Attempt(
                request.index,
                request.request_id,
                str(uuid.uuid4()),
                request.payload.encode(),
                request.trace,
                request.attempt,
            )
            work = self._begin(attempt)
            if isinstance(work, Throttle):
                self._throttled(request, work)
            else:
                self._running.add(asyncio.ensure_future(self._attempt(request, work)))

    def check(self) -> None:
        """:raises OurFailure: an attempt that ended since the last check failed on our side."""
        ended = {task for task in self._running if task.done()}
        self._running -= ended
        for task in ended:
            task.result()

    async def cancel(self) -> None:
        """Cancel whatever is running."""
        await cancel_all(self._running)
        self._running.clear()

    # --- what becomes of an attempt -------------------------------------------------------------------------------

    async def _attempt(self, request: Queued, work: Coroutine[None, None, Answer]) -> None:
        answer = await work
        request = replace(request, invokes=request.invokes + 1)
        text, _ = cut_bytes(answer.body, limits.RESULT_ANSWER_BYTES_MAX)
        response = Response(200, text, answer.function_error)
        if answer.outcome is Outcome.SUCCESS:
            ended = self._ended(request, SUCCESS, response)
            record = RequestDelivered(index=request.index, destination=destination_record(ended))
            self._log.append(record, request_id=request.request_id)
            self._deliver(request, ended)
            return
        self._queued_or_discarded(request, self._queue.failed(request, self._log.service_us()), "retry", response)

    def _throttled(self, request: Queued, throttle: Throttle) -> None:
        record = RequestThrottled(index=request.index, reason=throttle.reason, body=throttle.body)
        self._log.append(record, request_id=request.request_id)
        back = self._queue.throttled(request, self._log.service_us())
        self._queued_or_discarded(request, back, "throttled", Response(admission.STATUS_CODE, throttle.body))

    def _queued_or_discarded(
        self, request: Queued, back: Queued | Condition, why: Literal["retry", "throttled"], response: Response
    ) -> None:
        if isinstance(back, Queued):
            self._note_queued(back, why)
        else:
            self._discard(request, back, response)

    def _note_queued(self, request: Queued, why: Literal["accepted", "retry", "throttled"]) -> None:
        delay_s = max(0, request.due_us - self._log.service_us()) / _US
        record = RequestQueued(index=request.index, attempt=request.attempt, delay_s=round(delay_s, 3), why=why)
        self._log.append(record, request_id=request.request_id)

    def _discard(self, request: Queued, condition: Condition, response: Response | None) -> None:
        ended = self._ended(request, condition, response)
        record = RequestDiscarded(
            index=request.index,
            condition=condition,
            destination=destination_record(ended),
            dead_letter=dead_letter(ended),
        )
        self._log.append(record, request_id=request.request_id)
        self._deliver(request, ended)

    def _deliver(self, request: Queued, ended: Ended) -> None:
        if self.deliver is not None and self._settings.receivers:
            self._running.add(asyncio.ensure_future(self.deliver(request.index, ended)))

    def _ended(self, request: Queued, condition: str, response: Response | None) -> Ended:
        skipped_ms = (self._log.service_us() - self._log.now_us()) // 1000
        return Ended(
            self._function.deployed_name,
            request.request_id,
            request.payload,
            condition,
            request.invokes,
            self._clock.epoch_ms() + skipped_ms,
            response,
        )


class RunsBeside(Protocol):
    """Whatever makes requests beside the steps of a scenario; see :class:`AsyncInvoker`."""

    @property
    def next_due_us(self) -> int | None:
        """The service time at which the next may begin."""
        ...

    @property
    def running(self) -> frozenset[asyncio.Task[None]]:
        """What is under way."""
        ...

    def dispatch(self) -> None:
        """Begin whatever is due."""
        ...

    def check(self) -> None:
        """:raises OurFailure: what ended since the last check failed on our side."""
        ...

    async def cancel(self) -> None:
        """Cancel whatever is running."""
        ...


async def progress(beside: Sequence[RunsBeside], within_s: float | None = None) -> None:
    """Wait until an attempt of any of ``beside`` has ended, or that much run time has passed.

    :raises OurFailure: one failed on our side.
    """
    running = [task for each in beside for task in each.running]
    if running:
        await asyncio.wait(running, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    for each in beside:
        each.check()
