"""One function's part of the emulated service: concurrency, environments and asynchronous requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox_runner.events.records import RequestAssigned, RequestRefused, RequestThrottled
from sandbox_runner.rules.lifecycle import State
from sandbox_runner.service import admission
from sandbox_runner.service.admission import Admission, Throttle
from sandbox_runner.service.asynchronous.invoker import AsyncInvoker
from sandbox_runner.service.fleet import Fleet
from sandbox_runner.service.overlapping_fleet import OverlappingFleet

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sandbox_runner.environment.answers import Answer
    from sandbox_runner.environment.attempt import Attempt
    from sandbox_runner.environment.environment import Environment
    from sandbox_runner.guest.wire import AnswerPart
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.scenario.request import Request
    from sandbox_runner.service.admission import Account
    from sandbox_runner.service.fleet import Shared, Slot


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """A request of the scenario with its index from 1 and its principal.

    ``hear`` is told of each part of a streamed answer as it comes.
    """

    index: int
    principal: str
    request: Request
    hear: Callable[[AnswerPart], None] | None = None


class FunctionService:
    """Serves the function named ``name`` in ``scenario``.

    :param account: the account whose concurrency it shares.
    """

    def __init__(self, scenario: Scenario, name: str, account: Account, shared: Shared) -> None:
        self._log = shared.log
        self._account = shared.account
        settings = scenario.settings_of(name)
        self._admission = Admission(settings.reserved_concurrency, account)
        self.fleet = (OverlappingFleet if settings.concurrency_per_environment else Fleet)(scenario, name, shared)
        self.asynchronous = AsyncInvoker(scenario, name, shared.log, shared.clock, self.begin)

    def reserve(self, concurrency: int | None) -> None:
        """Reserve that much concurrency from now on; environments stay as they are."""
        self._admission.reserve(concurrency)
        self.asynchronous.reserved_concurrency = concurrency

    def turn(self, call: IncomingRequest, attempt: Attempt) -> Coroutine[None, None, Answer] | None:
        """The work of a synchronous request that its caller waits for, if any."""
        if self.refuses(call, attempt):
            return None
        if call.request.type == "event":
            self.asynchronous.accept(attempt.index, attempt.request_id, call.request.payload_text, attempt.trace)
            self.asynchronous.dispatch()
            return None
        work = self.begin(attempt)
        if isinstance(work, Throttle):
            record = RequestThrottled(index=attempt.index, reason=work.reason, body=work.body)
            self._log.append(record, request_id=attempt.request_id)
            return None
        return work

    def refuses(self, call: IncomingRequest, attempt: Attempt) -> bool:
        """Whether the request is larger than it may be, which is recorded then."""
        body = admission.refused_for_size(call.request)
        if body is None:
            return False
        refused = RequestRefused(
            index=attempt.index, status_code=admission.TOO_LARGE_STATUS_CODE, error_type=admission.TOO_LARGE, body=body
        )
        self._log.append(refused, request_id=attempt.request_id)
        return True

    def begin(self, attempt: Attempt) -> Throttle | Coroutine[None, None, Answer]:
        """Admit an attempt and choose its environment at once, or return the reason for throttling."""
        throttle = self._admission.enter()
        if throttle is not None:
            return throttle
        slot = self.fleet.lend()
        assigned = RequestAssigned(index=attempt.index, attempt=attempt.number, start=slot.next_start())
        self._log.append(assigned, environment=slot.name, request_id=attempt.request_id)
        if slot.environment is None and self._admission.in_flight > 1:
            # Concurrency grew.
            self.fleet.want_spare()
        return self._serve(attempt, slot)

    async def _serve(self, attempt: Attempt, slot: Slot) -> Answer:
        try:
            if self._account is not None:
                await self._account.begin(attempt.index, attempt.number)
            environment, slot = await self._open(attempt, slot)
            answer = await environment.invoke(attempt)
        finally:
            self._admission.leave()
        self.fleet.give_back(slot)
        if environment.state is State.NEEDS_INIT:
            self.fleet.want_spare()
        if self._account is not None:
            await self._account.answered(attempt.index, attempt.number)
        return answer

    async def _open(self, attempt: Attempt, slot: Slot) -> tuple[Environment, Slot]:
        """Open the environment that serves it, which may differ from the one chosen on arrival."""
        opened = await self.fleet.open(slot)
        if opened is not slot:
            moved = RequestAssigned(
                index=attempt.index, attempt=attempt.number, start=opened.next_start(), instead_of=slot.name
            )
            self._log.append(moved, environment=opened.name, request_id=attempt.request_id)
        assert opened.environment is not None  # an opened slot has one
        return opened.environment, opened
