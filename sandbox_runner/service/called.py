"""Requests that no step makes: those from outside, those of functions to each other, and the service's own.

The last two, which what functions do or are set to leads to, are numbered after the other requests of the run, on the
same clock.

An asynchronous one waits in the queue of the function that it is for, as any other. The account's and the function's
concurrency count whoever asks.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits
from sandbox_runner.environment import identity
from sandbox_runner.environment.attempt import Attempt
from sandbox_runner.environment.task_groups import cancel_all
from sandbox_runner.events.records import RequestArrived, RequestThrottled
from sandbox_runner.service.admission import Throttle
from sandbox_runner.service.event_sources.poller import Invoked

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Literal

    from sandbox_runner.clock import Clock
    from sandbox_runner.environment.answers import Answer
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.events.records import Cause
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.function_service import FunctionService


# A loop by way of these is not detected.
_UNDETECTED: Final = frozenset({"eventbridge", "dynamodb", "kinesis"})


@dataclass(frozen=True, slots=True)
class _Way:
    """For whom a request is made, and the functions that were invoked on the way to it, its own last."""

    principal: str
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """What came of a request; of an asynchronous one, its caller never hears."""

    request_id: str
    came: Answer | Throttle | None


class CalledRequests:
    """Serves them.

    :param functions: the service of each function.
    :param others: how many requests the run has at most that no function makes; by default those of the scenario.
    :ivar left: how many more there may be.
    :ivar is_open: whether attempts at asynchronous ones begin; before, they wait in their queues.
    """

    def __init__(
        self,
        scenario: Scenario,
        functions: Mapping[str, FunctionService],
        log: EventLog,
        clock: Clock,
        *,
        others: int | None = None,
    ) -> None:
        self._scenario = scenario
        self._functions = functions
        self._log = log
        self._clock = clock
        self._ways = {
            index: _Way(principal, (scenario.name_of(request.function),))
            for index, principal, request in scenario.requests()
        }
        self._indexes = count((len(self._ways) if others is None else others) + 1)
        self._running: set[asyncio.Task[Answer]] = set()
        self._deployed: dict[str, str] = {}
        self.left = limits.CALLED_REQUESTS_MAX
        self._whole_left = limits.CALLED_PAYLOADS_BYTES_MAX
        self.is_open = False

    def is_loop(self, called_by: int, function: str) -> bool:
        """Whether the function was invoked as often as it may be on the way there.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html: approximately 16 times, with SQS, SNS,
        S3 and Lambda itself as parts of the loop. An event is then dropped, and whoever waits for an answer gets an
        error.
        """
        way = self._ways.get(called_by)
        return way is not None and way.functions.count(function) >= limits.RECURSION_MAX

    async def serve(self, function: str, payload: bytes, *, called_by: int, asynchronous: bool) -> Served:
        """Serve one, until its environment is free again; an asynchronous one is accepted.

        :param called_by: the request that the calling function served; 0 if it was in its init.
        :raises OurFailure: a sandbox failed.
        """
        function = self.deployed(function)
        is_loop = self.is_loop(called_by, function)
        attempt = self._arrived(function, payload, called_by, kind="event" if asynchronous else "sync")
        if asynchronous:
            self._queue(function, attempt, is_loop=is_loop)
            return Served(attempt.request_id, None)
        return await self.serve_arrived(function, attempt)

    def deployed(self, function: str) -> str:
        """The function or the revision of it that is reached by the function's name."""
        return self._deployed.get(function, function)

    def deploy(self, scenario: Scenario, revision: str) -> None:
        """Reach that function of ``scenario`` from now on by the name of the one that it is a revision of."""
        self._scenario = scenario
        self._deployed[scenario.functions[revision].deployed_name] = revision

    def note(self, index: int, principal: str, function: str) -> None:
        """A request has come from outside; what its function asks for is made for the same principal."""
        self._ways[index] = _Way(principal, (function,))

    async def serve_arrived(self, function: str, attempt: Attempt) -> Served:
        """Serve a synchronous request that is recorded, until its environment is free again.

        :raises OurFailure: a sandbox failed.
        """
        work = self._begun(function, attempt)
        if isinstance(work, Throttle):
            return Served(attempt.request_id, work)
        # It goes on when whoever waits for it is gone: Lambda ends no invocation with its caller.
        running = asyncio.ensure_future(work)
        self._running.add(running)
        return Served(attempt.request_id, await asyncio.shield(running))

    def accept(self, function: str, payload: bytes, cause: Cause, *, principal: str | None = None) -> str:
        """Accept an asynchronous one that the service makes; returns its id.

        :param principal: on whose behalf, where no request led to it; on nobody's in particular if it is empty.
        """
        function = self.deployed(function)
        is_loop = self.is_loop(cause.request, function) and cause.kind not in _UNDETECTED
        attempt = self._arrived(function, payload, cause.request, kind="event", cause=cause, principal=principal)
        self._queue(function, attempt, is_loop=is_loop)
        return attempt.request_id

    async def serve_batch(self, function: str, payload: bytes, cause: Cause, principal: str) -> Invoked:
        """Serve one that the service makes and waits for.

        :param principal: on whose behalf; on nobody's in particular if it is empty.
        :raises OurFailure: a sandbox failed.
        """
        function = self.deployed(function)
        attempt = self._arrived(function, payload, cause.request, kind="sync", cause=cause, principal=principal)
        work = self._begun(function, attempt)
        came = work if isinstance(work, Throttle) else await work
        return Invoked(attempt.index, attempt.request_id, came)

    @property
    def is_busy(self) -> bool:
        """Whether one is under way, asynchronous ones aside."""
        return any(not each.done() for each in self._running)

    async def settled(self) -> None:
        """Wait until none is under way but asynchronous ones.

        :raises OurFailure: one failed on our side, whether or not its caller is there to hear of it.
        """
        while self._running:
            ended, _ = await asyncio.wait(self._running)
            self._running -= ended
            for each in ended:
                each.result()

    async def cancel(self) -> None:
        """Cancel what is under way."""
        await cancel_all(self._running)
        self._running.clear()

    def _begun(self, function: str, attempt: Attempt) -> Throttle | Coroutine[None, None, Answer]:
        work = self._functions[function].begin(attempt)
        if isinstance(work, Throttle):
            record = RequestThrottled(index=attempt.index, reason=work.reason, body=work.body)
            self._log.append(record, request_id=attempt.request_id)
        return work

    def _queue(self, function: str, attempt: Attempt, *, is_loop: bool) -> None:
        asynchronous = self._functions[function].asynchronous
        text = attempt.payload.decode("utf-8", "replace")
        asynchronous.accept(attempt.index, attempt.request_id, text, attempt.trace, is_loop=is_loop)
        if self.is_open:
            asynchronous.dispatch()

    def _kept(self, payload: bytes) -> str:
        """As much of it as the log has: what was cut can be neither replayed nor judged."""
        text = payload.decode("utf-8", "replace")
        if len(payload) <= limits.RESULT_ANSWER_BYTES_MAX:
            return text
        if len(payload) > self._whole_left:
            return text[: limits.RESULT_ANSWER_BYTES_MAX]
        self._whole_left -= len(payload)
        return text

    def _arrived(
        self,
        function: str,
        payload: bytes,
        after: int,
        *,
        kind: Literal["event", "sync"],
        cause: Cause | None = None,
        principal: str | None = None,
    ) -> Attempt:
        """A request arrives that request ``after`` led to; for its principal, if none is said."""
        self.left -= 1
        index, request_id = next(self._indexes), str(uuid.uuid4())
        way = self._ways.get(after) or _Way(f"request-{index}", ())
        if principal is not None:
            way = _Way(principal or f"request-{index}", way.functions)
        before = () if cause and cause.kind in _UNDETECTED else way.functions
        self._ways[index] = _Way(way.principal, (*before, function))
        arrived = RequestArrived(
            index=index,
            principal=way.principal,
            payload=self._kept(payload),
            payload_bytes=len(payload),
            invocation_type=kind,
            function=self._scenario.recorded(function),
            called_by=None if cause else after,
            cause=cause,
        )
        self._log.append(arrived, request_id=request_id)
        trace = identity.trace_header(self._clock.epoch_ms(), uuid.uuid4().hex + uuid.uuid4().hex)
        return Attempt(index, request_id, str(uuid.uuid4()), payload, trace)
