"""Walks the steps of a scenario against the emulated service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sandbox_runner.events.records import StepStarted
from sandbox_runner.messages import say
from sandbox_runner.scenario.account.settings import CallStep
from sandbox_runner.scenario.model import ConcurrentStep, InvokeStep, Scenario, Step, requests_of
from sandbox_runner.scenario.service_steps import (
    DeployStep,
    IdleStep,
    InitializeStep,
    ProvisionStep,
    RecycleStep,
    ReserveStep,
)
from sandbox_runner.scenario.step_descriptions import described
from sandbox_runner.service.function_service import IncomingRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.account.moments import RunAccount
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.messages import Message
    from sandbox_runner.service.service import LambdaService


class Course(Protocol):
    """Where the requests of a run come from: its steps, or those who visit a session."""

    async def play(self, service: LambdaService) -> None:
        """Let the service have them all."""
        ...

    def left(self) -> tuple[Message, ...]:
        """The steps left over, beginning with the current one."""
        ...


class ScenarioSteps:
    """The steps of ``scenario``.

    :param account: AWS's services beside the functions, which calls of steps are made to.
    :param before_last: called before the last step, unless it is the only one.
    """

    def __init__(
        self,
        scenario: Scenario,
        log: EventLog,
        account: RunAccount | None,
        before_last: Callable[[], None] | None = None,
    ) -> None:
        self._scenario = scenario
        self._log = log
        self._account = account
        self._before_last = before_last
        self._calls = (IncomingRequest(*numbered) for numbered in scenario.requests())
        self._steps = described(scenario.steps)
        # The current or last step; ``None`` before the first.
        self._at: int | None = None

    async def play(self, service: LambdaService) -> None:
        """Play one step after the other."""
        for index, step in enumerate(self._scenario.steps):
            if self._before_last and 0 < index == len(self._steps) - 1:
                self._before_last()
            self._at = index
            self._log.append(StepStarted(index=index, what=self._steps[index]))
            await self._step(service, index, step)

    def left(self) -> tuple[Message, ...]:
        """The steps left over, beginning with the current one."""
        if self._at is None:
            return self._steps
        under_way, *rest = self._steps[self._at :]
        return (say("step-interrupted", step=under_way), *rest)

    async def _step(self, service: LambdaService, index: int, step: Step) -> None:
        match step:
            case CallStep():
                assert self._account is not None  # a scenario with such a step has an account
                await self._account.call(index, step.call)
            case InvokeStep() | ConcurrentStep():
                calls = [next(self._calls) for _ in requests_of(step)]
                await service.invoke(calls)
            case IdleStep():
                await service.wait(step.idle)
            case InitializeStep():
                await service.initialize(step.initialize, step.function)
            case RecycleStep():
                await service.recycle(step.recycle, step.function)
            case ReserveStep():
                service.reserve(step.reserve, step.function)
            case ProvisionStep():
                await service.provision(step.provision, step.function)
            case DeployStep():
                await service.deploy(step.deploy)
