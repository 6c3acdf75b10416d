"""Plays what comes to a session from outside: each request is served beside the others, until the session ends."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.dependencies.preparing import DependenciesFailedError
from sandbox_runner.environment.task_groups import cancel_all
from sandbox_runner.errors import OurFailure
from sandbox_runner.events.records import (
    SessionArmed,
    SessionCallers,
    SessionEnded,
    SessionExtended,
    SessionOpened,
    SessionRevised,
    SessionStepped,
)
from sandbox_runner.live.callers import Callers, CallersBy
from sandbox_runner.live.changes import Change
from sandbox_runner.live.fronts import Asked, Fronts, http
from sandbox_runner.live.http import HttpAnswer
from sandbox_runner.live.lived import lived_scenario
from sandbox_runner.live.visitors import Visit
from sandbox_runner.messages import render
from sandbox_runner.scenario import client_context
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
    from collections.abc import Awaitable, Callable

    from sandbox_runner.account.base import AwsAnswer
    from sandbox_runner.backends.base import Shown
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.guest.wire import AnswerPart
    from sandbox_runner.live.credentials import Credentials
    from sandbox_runner.live.state_watch import StateWatch
    from sandbox_runner.live.visitors import Came, Visitors, Wished
    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.field_types import Fault
    from sandbox_runner.scenario.model import NamedFunction, Scenario
    from sandbox_runner.scenario.request import Request
    from sandbox_runner.scenario.service_steps import ServiceStep
    from sandbox_runner.service.service import LambdaService

Why = Literal["asked", "idle", "total", "requests"]

_US: Final = 1_000_000
_STEPS: Final[dict[Wished, IdleStep | InitializeStep | RecycleStep]] = {
    "freeze": IdleStep(idle=limits.LIVE_FREEZE_S),
    "recycle": RecycleStep(recycle="all"),
    "prepare": InitializeStep(initialize=1),
}
_FAULTS: Final[dict[Wished, Fault]] = {"crash": "crash", "timeout": "timeout"}
GONE: Final = HttpAnswer(410, (("content-type", "text/plain"),), b"This live session has ended.\n")

_SAID: Final = b'{"Type":"User","message":"Could not parse request body into json"}'
UNREADABLE: Final = HttpAnswer(
    400, (("content-type", "application/json"), ("x-amzn-errortype", "InvalidRequestContentException")), _SAID
)

FULL_OF_CODE: Final = lambda_api.refusal(
    400, "CodeStorageExceededException", f"A live session takes {limits.SCENARIO_BYTES_MAX // limits.MB} MB in all"
)


class LivePlayer:
    """The player of one session.

    :param scenario: the functions; its steps are not played.
    :param credentials: told of everything that a request came with, before the request is recorded.
    :param prepare: what the sandboxes of a revision are shown.
    :param watch: looks at what environments hold, between requests.
    """

    def __init__(
        self,
        scenario: Scenario,
        visitors: Visitors,
        log: EventLog,
        clock: Clock,
        credentials: Credentials,
        *,
        prepare: Callable[[Scenario, NamedFunction], Awaitable[Shown]],
        watch: StateWatch | None = None,
    ) -> None:
        self._watch = watch
        self._looking: set[asyncio.Task[None]] = set()
        self._prepare = prepare
        self._scenario = scenario
        self._visitors = visitors
        self._log = log
        self._clock = clock
        self._credentials = credentials
        self._fronts = Fronts(scenario, log, clock)
        self._callers = Callers()
        self._sent: dict[int, Request] = {}
        self._stepped = 0
        self._fault: Fault | None = None
        self._room = limits.SCENARIO_BYTES_MAX - len(json.dumps(scenario.to_json()))
        self._serving: set[asyncio.Task[None]] = set()
        self._total_s = visitors.total_s
        self._begun_us = self._heard_us = 0

    @property
    def scenario(self) -> Scenario:
        """What came so far as a scenario."""
        return lived_scenario(self._scenario, self._log.events, self._sent)

    def left(self) -> tuple[Message, ...]:
        """Steps that were not played: a session has none."""
        return ()

    async def play(self, service: LambdaService) -> None:
        """Serve what comes until the session ends, and then what is under way.

        :raises OurFailure: a sandbox failed.
        """
        self._begun_us = self._heard_us = self._log.now_us()
        self._log.append(SessionOpened(idle_s=self._visitors.idle_s, total_s=self._total_s))
        try:
            why = await self._until_the_end(service)
            self._log.append(SessionEnded(why=why))
            self._turn_away()
            while self._serving:
                await self._ended(self._serving)
        finally:
            self._turn_away()
            await cancel_all(self._looking)
            await cancel_all(self._serving)

    async def _until_the_end(self, service: LambdaService) -> Why:
        coming = asyncio.ensure_future(self._visitors.next())
        try:
            while (why := self._over()) is None:
                due_s = await service.let_pass()
                self._look()
                await self._something({coming, *self._serving, *self._looking}, due_s)
                if coming.done():
                    came, coming = coming.result(), asyncio.ensure_future(self._visitors.next())
                    if came == "end":
                        return "asked"
                    if not isinstance(came, Visit | CallersBy) and came in _STEPS:
                        await self._step(service, self._wished(_STEPS[came]))
                    await self._take(service, came)
            return why
        finally:
            await cancel_all([coming])

    async def _something(self, tasks: set[asyncio.Task[Came] | asyncio.Task[None]], due_s: float | None) -> None:
        """Wait for one of the tasks, or until a limit may have been reached or the service has something to do."""
        left_s = (self._ends_us() - self._log.now_us()) / _US
        alarm = asyncio.ensure_future(self._clock.sleep(max(0.0, min(left_s, left_s if due_s is None else due_s))))
        try:
            await asyncio.wait({*tasks, alarm}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel_all([alarm])
        await self._ended({each for each in self._serving if each.done()})

    async def _ended(self, tasks: set[asyncio.Task[None]]) -> None:
        """Take notice of those that have ended, of which one does where all are under way."""
        if not tasks:
            return
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self._serving -= done
        self._heard_us = self._log.now_us()
        for each in done:
            each.result()

    def _look(self) -> None:
        """Look at what environments hold, once nothing is under way."""
        for each in [each for each in self._looking if each.done()]:
            self._looking.discard(each)
            each.result()
        if self._watch is None or self._serving or self._looking:
            return
        scenario = self.scenario
        if self._watch.has_news(scenario):
            self._looking.add(asyncio.ensure_future(self._watch.look(scenario)))

    def _ends_us(self) -> int:
        """When the session ends unless something comes; while a request is served, it is not idle."""
        total_us = self._begun_us + round(self._total_s * _US)
        return total_us if self._serving else min(total_us, self._heard_us + round(self._visitors.idle_s * _US))

    def _over(self) -> Why | None:
        now_us = self._log.now_us()
        if self._is_full and not self._serving:
            return "requests"
        if now_us >= self._begun_us + round(self._total_s * _US):
            return "total"
        return "idle" if now_us >= self._ends_us() else None

    @property
    def _is_full(self) -> bool:
        """Whether it has as many steps as it may: each request is one, and so is what else is done."""
        return len(self._sent) + self._stepped >= limits.LIVE_REQUESTS_MAX

    async def _take(self, service: LambdaService, came: Came) -> None:
        self._heard_us = self._log.now_us()
        if isinstance(came, Visit):
            await self._begin(service, came)
        elif isinstance(came, CallersBy):
            self._callers.rule = came
            self._log.append(SessionCallers(by=came.by, name=came.name))
        elif came == "extend":
            self._total_s = min(self._total_s + self._visitors.total_s, self._visitors.at_most_s)
            self._log.append(SessionExtended(total_s=self._total_s))
        elif came in _FAULTS:
            self._arm(_FAULTS[came])

    def _arm(self, fault: Fault) -> None:
        """Have the next request that is waited for meet it, where an environment serves one at a time."""
        settings = self._fronts.deployed.scenario.settings_of
        if not any(settings(name).concurrency_per_environment for name in self._scenario.functions):
            self._fault = fault
            self._log.append(SessionArmed(fault=fault))

    def _wished(self, step: ServiceStep) -> ServiceStep:
        """The step for the function that is reached at the URL."""
        is_of_one = isinstance(step, InitializeStep)
        return step.model_copy(update={"function": self._fronts.deployed.first}) if is_of_one else step

    async def _step(self, service: LambdaService, step: ServiceStep) -> None:
        """Do what no request does, once what is under way is over; whatever comes meanwhile waits."""
        while self._serving:
            await self._ended(self._serving)
        if self._is_full:
            return
        self._stepped += 1
        match step:
            case IdleStep():
                await service.wait(step.idle)
            case InitializeStep():
                await service.initialize(step.initialize, step.function)
            case RecycleStep():
                await service.recycle(step.recycle)
            case ReserveStep():
                service.reserve(step.reserve, step.function)
            case ProvisionStep():
                await service.provision(step.provision, step.function)
            case DeployStep():
                await service.deploy(step.deploy)
        (what,) = described((step,))
        self._log.append(SessionStepped(what=what, step=step.model_dump(mode="json")))

    async def _change(self, service: LambdaService, change: Change) -> AwsAnswer:
        """Do what a client asks for; returns what it is told."""
        revision = change.revision
        if revision is not None:
            scenario = change.after.scenario
            written = revision.model_dump(mode="json", by_alias=True)
            size = len(json.dumps(written))
            if size > self._room:
                return FULL_OF_CODE
            try:
                shown = await self._prepare(scenario, revision)
            except (DependenciesFailedError, OurFailure) as failed:
                return _unprepared(failed)
            self._room -= size
            service.add(scenario, revision.name, shown)
            self._log.append(SessionRevised(name=revision.name, function=written))
        for step in change.steps:
            await self._step(service, step)
        self._fronts.deployed = change.after
        return change.answer

    def _turn_away(self) -> None:
        for visit in self._visitors.close():
            visit.answer(GONE)

    # --- one request ----------------------------------------------------------------------------------------------

    async def _begin(self, service: LambdaService, visit: Visit) -> None:
        visit = replace(visit, caller=visit.caller or self._callers.caller_of(visit.request))
        if self._is_full:
            visit.answer(_full(f"{limits.LIVE_REQUESTS_MAX} requests"))
            return
        try:
            asked = self._fronts.read(visit)
            size = _size(asked.request) if isinstance(asked, Asked) else 0
        except (ValueError, RecursionError):
            # Nested too deeply, half a character: nothing that a scenario can hold.
            visit.answer(UNREADABLE)
            return
        if isinstance(asked, HttpAnswer):
            visit.answer(asked)
            return
        if isinstance(asked, Change):
            visit.answer(http(await self._change(service, asked)))
            return
        if size > self._room:
            visit.answer(_full(f"{limits.SCENARIO_BYTES_MAX // limits.MB} MB in all"))
            return
        self._credentials.learn(visit.request)
        self._room -= size
        index = len(self._sent) + 1
        self._sent[index] = request = self._met_by(asked.request)
        call = IncomingRequest(index, visit.caller or f"request-{index}", request, _hearer(visit, asked))
        self._serving.add(asyncio.ensure_future(_serve(service, call, visit, asked)))

    def _met_by(self, request: Request) -> Request:
        """The request with the fault that it meets, if any was asked for."""
        if self._fault is None or request.type == "event" or request.is_too_large:
            return request
        fault, self._fault = self._fault, None
        return request.model_copy(update={"fault": fault})


def _hearer(visit: Visit, asked: Asked) -> Callable[[AnswerPart], None]:
    def hear(part: AnswerPart) -> None:
        for told in asked.telling.part(part):
            visit.answer(told)

    return hear


async def _serve(service: LambdaService, call: IncomingRequest, visit: Visit, asked: Asked) -> None:
    try:
        served = await service.serve(call)
        told = list(asked.telling.end(served))
    except BaseException:
        visit.answer(GONE)
        raise
    for each in told:
        visit.answer(each)


def _size(request: Request) -> int:
    """What a scenario with the request is larger by; of one that is too large, only its size is kept."""
    said = client_context.text(request.client_context)
    return 0 if request.payload_bytes else len(request.payload_text.encode()) + len(said)


def _unprepared(failed: DependenciesFailedError | OurFailure) -> AwsAnswer:
    """What a client is told of a revision that cannot be had; what was deployed before stays.

    https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html, Errors.
    """
    if isinstance(failed, OurFailure):
        return lambda_api.refusal(500, "ServiceException", f"The update failed: {failed.told('en')}")
    said = f"The packages of the function cannot be had: {render(failed.why, 'en')}"
    return lambda_api.refusal(400, "InvalidParameterValueException", said)


def _full(most: str) -> HttpAnswer:
    said = f"This live session takes {most}, and this is more. End it, and go live again.\n"
    return HttpAnswer(429, (("content-type", "text/plain"),), said.encode())
