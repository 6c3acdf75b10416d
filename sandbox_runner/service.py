"""The emulated Lambda service: takes requests, admits or throttles them, gives each an environment, lets time pass."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sandbox_runner import admission, identity, limits
from sandbox_runner.admission import Admission, Throttle
from sandbox_runner.async_invoker import AsyncInvoker
from sandbox_runner.environment import Attempt, Environment
from sandbox_runner.events import RequestArrived, RequestAssigned, RequestRefused, RequestThrottled, ServiceWaited
from sandbox_runner.fleet import Fleet
from sandbox_runner.lifecycle import State
from sandbox_runner.peers import PeerHub
from sandbox_runner.sandbox_starts import together, undisturbed

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from sandbox_runner.answers import Answer
    from sandbox_runner.backends.base import Backend
    from sandbox_runner.clock import Clock
    from sandbox_runner.event_log import EventLog
    from sandbox_runner.fleet import Place
    from sandbox_runner.scenario import Request, Scenario

_US: Final = 1_000_000
# Less than this is no waiting; a clock may return a little early.
_INSTANT_US: Final = 1_000


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the scenario with its index from 1 and its principal."""

    index: int
    principal: str
    request: Request


class LambdaService:
    """Serves one function as its configuration in ``scenario`` asks.

    :param owner: labels the sandboxes.
    :param idle_real_s_max: a longer wait is compressed: a moment of it is lived through, the service's clock jumps.
    """

    def __init__(
        self,
        scenario: Scenario,
        backend: Backend,
        log: EventLog,
        clock: Clock,
        *,
        owner: str,
        idle_real_s_max: float = limits.IDLE_REAL_S_MAX,
    ) -> None:
        self._log = log
        self._clock = clock
        self._idle_real_s_max = idle_real_s_max
        self._admission = Admission(scenario.reserved_concurrency)
        self._peers = PeerHub(scenario.peers, log, clock)
        self._fleet = Fleet(scenario, backend, log, clock, owner=owner, peers=self._peers)
        self._asynchronous = AsyncInvoker(scenario, log, clock, self._begin)

    async def prepare(self) -> None:
        """What is done before any request: the provisioned concurrency is allocated.

        :raises OurFailure: no sandbox could be made, or one failed. So do all the others here.
        """
        await self._fleet.provision()

    async def invoke(self, calls: Sequence[Call]) -> None:
        """Serve requests that arrive at the same moment, until each synchronous one's environment is free again.

        Asynchronous ones are answered at once and run beside what comes next.
        """
        await self._fleet.spin_down()
        now_us = self._clock.monotonic_us()
        attempts = [(call, self._arrive(call, now_us)) for call in calls]
        works = [work for call, attempt in attempts if (work := self._turn(call, attempt))]
        await together(works)
        await self._settle()

    async def initialize(self, count: int) -> None:
        """Prepare environments nobody asked for."""
        await self._fleet.initialize(count)
        await self._settle()

    async def recycle(self, which: Literal["all", "one"]) -> None:
        """End every free environment by the rules, or the one that was used longest ago."""
        await self._fleet.recycle(which)
        await self._settle()

    async def wait(self, seconds: float) -> None:
        """Let that much service time pass. What is due meanwhile happens; environments nobody uses stay frozen."""
        end_us = self._log.service_us() + round(seconds * _US)
        while True:
            await self._fleet.spin_down()
            self._asynchronous.dispatch()
            now_us = self._log.service_us()
            if end_us - now_us < _INSTANT_US:
                break
            due = [each for each in (self._asynchronous.next_due_us, self._fleet.next_spin_down_us) if each is not None]
            await self._pass((min([end_us, *due]) - now_us) / _US, "idle")
        await self._settle()

    async def drain(self) -> None:
        """Let time pass until no asynchronous request is left to try."""
        while True:
            self._asynchronous.dispatch()
            due_us = self._asynchronous.next_due_us
            if self._asynchronous.busy:
                await self._asynchronous.progress()
            elif due_us is not None:
                await self._pass((due_us - self._log.service_us()) / _US, "queue")
            else:
                break
        await self._settle()

    async def end_run(self) -> None:
        """End every environment by the rules."""
        await self._fleet.end_run()

    async def destroy(self) -> None:
        """End every environment whatever it is doing; nothing is left when this returns, cancelled or not."""
        await undisturbed(self._destroy())

    # --- one attempt ----------------------------------------------------------------------------------------------

    def _arrive(self, call: Call, now_us: int) -> Attempt:
        payload = call.request.payload_text
        arrived = RequestArrived(
            index=call.index,
            principal=call.principal,
            payload=call.request.shown_payload[: limits.RESULT_ANSWER_BYTES_MAX],
            payload_bytes=call.request.payload_bytes or len(payload.encode()),
            invocation_type=call.request.type,
        )
        request_id = str(uuid.uuid4())
        self._log.append(arrived, request_id=request_id, monotonic_us=now_us)
        return Attempt(
            index=call.index,
            request_id=request_id,
            invocation_id=str(uuid.uuid4()),
            payload=payload.encode(),
            trace=identity.trace_header(self._clock.epoch_ms(), uuid.uuid4().hex + uuid.uuid4().hex),
        )

    def _turn(self, call: Call, attempt: Attempt) -> Coroutine[None, None, Answer] | None:
        """The work of a synchronous request, if there is any for its caller to wait for."""
        if body := admission.refused_for_size(call.request):
            refused = RequestRefused(
                index=attempt.index,
                status_code=admission.TOO_LARGE_STATUS_CODE,
                error_type=admission.TOO_LARGE,
                body=body,
            )
            self._log.append(refused, request_id=attempt.request_id)
            return None
        if call.request.type == "event":
            self._asynchronous.accept(attempt.index, attempt.request_id, call.request.payload_text, attempt.trace)
            self._asynchronous.dispatch()
            return None
        work = self._begin(attempt)
        if isinstance(work, Throttle):
            record = RequestThrottled(index=attempt.index, reason=work.reason, body=work.body)
            self._log.append(record, request_id=attempt.request_id)
            return None
        return work

    def _begin(self, attempt: Attempt) -> Throttle | Coroutine[None, None, Answer]:
        """Admit an attempt and choose its environment, both at this moment; or say why not."""
        throttle = self._admission.enter()
        if throttle is not None:
            return throttle
        place = self._fleet.lend()
        assigned = RequestAssigned(index=attempt.index, attempt=attempt.number, start=place.next_start())
        self._log.append(assigned, environment=place.name, request_id=attempt.request_id)
        if place.environment is None and self._admission.in_flight > 1:
            # Concurrency grew.
            self._fleet.want_spare()
        return self._serve(attempt, place)

    async def _serve(self, attempt: Attempt, place: Place) -> Answer:
        try:
            environment, place = await self._open(attempt, place)
            answer = await environment.invoke(attempt)
        finally:
            self._admission.leave()
        self._fleet.give_back(place)
        if environment.state is State.NEEDS_INIT:
            self._fleet.want_spare()
        return answer

    async def _open(self, attempt: Attempt, place: Place) -> tuple[Environment, Place]:
        """The environment that serves it, which may be another than was chosen when it arrived."""
        opened = await self._fleet.open(place)
        if opened is not place:
            moved = RequestAssigned(
                index=attempt.index, attempt=attempt.number, start=opened.next_start(), instead_of=place.name
            )
            self._log.append(moved, environment=opened.name, request_id=attempt.request_id)
        assert opened.environment is not None  # what was opened has one
        return opened.environment, opened

    # --- time -----------------------------------------------------------------------------------------------------

    async def _pass(self, seconds: float, why: Literal["idle", "queue"]) -> None:
        """Let time pass. It jumps only where no handler runs: theirs is real."""
        if self._asynchronous.busy:
            await self._asynchronous.progress(seconds)
            return
        compressed = min(self._idle_real_s_max, limits.IDLE_COMPRESSED_S)
        run_seconds = seconds if seconds <= self._idle_real_s_max else compressed
        await self._clock.sleep(run_seconds)
        if run_seconds < seconds:
            self._log.skip(seconds - run_seconds)
        waited = ServiceWaited(seconds=round(seconds, 3), run_seconds=round(run_seconds, 3), why=why)
        self._log.append(waited)

    async def _settle(self) -> None:
        """A step is over when no spare is being made any more, so that the next one meets it or not for certain."""
        await self._fleet.settled()
        self._asynchronous.check()

    async def _destroy(self) -> None:
        await self._asynchronous.cancel()
        try:
            await self._fleet.destroy()
        finally:
            await self._peers.close()
