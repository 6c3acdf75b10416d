"""Plays a scenario: walks its steps against the emulated service, proves the verdict, returns the result."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from sandbox_runner import limits
from sandbox_runner.account.moments import AccountRefusedError, ReplayAccount, RunAccount, opened
from sandbox_runner.backends.removals import Removals
from sandbox_runner.cancellation import Cancellation
from sandbox_runner.clock import Clock, SystemClock
from sandbox_runner.dependencies.preparing import DependenciesFailedError
from sandbox_runner.environment.task_groups import seen_to
from sandbox_runner.errors import (
    BackendUnavailable,
    EngineAway,
    ImageChanged,
    OurFailure,
    RunCancelled,
    RunNotBegun,
    SandboxLost,
)
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import PlatformInitStart, ProofStopped, RunFinished, RunStarted
from sandbox_runner.live.credentials import Credentials
from sandbox_runner.live.player import LivePlayer
from sandbox_runner.live.state_watch import StateWatch
from sandbox_runner.messages import say
from sandbox_runner.projections.project import project
from sandbox_runner.proof.lanes import Lanes
from sandbox_runner.proof.replays import ProofBudget
from sandbox_runner.proof.sandbox_replayer import FunctionReplayers
from sandbox_runner.results.model import BackendResult, RunResult
from sandbox_runner.rules.phases import lowered_fidelity
from sandbox_runner.run.ahead import Ahead, Preparation
from sandbox_runner.run.connecting import connect
from sandbox_runner.run.proving import prove_run
from sandbox_runner.run.scenario_steps import ScenarioSteps
from sandbox_runner.runtimes.registry import runtime_of
from sandbox_runner.scenario.step_descriptions import described
from sandbox_runner.service.service import LambdaService

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox_runner.account.base import Answering
    from sandbox_runner.backends.base import Backend, BackendDescription, Shown
    from sandbox_runner.bundles.archive_folder import Archives
    from sandbox_runner.cancellation import Wish
    from sandbox_runner.dependencies.preparing import Dependencies
    from sandbox_runner.environment.task_groups import SeeTo
    from sandbox_runner.events.log import Sink
    from sandbox_runner.live.visitors import Visitors
    from sandbox_runner.run.scenario_steps import Course
    from sandbox_runner.scenario.model import NamedFunction, Scenario


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Limits of a run.

    :param wall_s: seconds of run time for the scenario's steps; steps left after that are not played.
    :param prove: whether requests are replayed to prove the verdict.
    :param proof_s: seconds of run time for all replays together; by default in proportion to the run.
    :param proof_s_max: the maximum where they are in proportion.
    :param proof_times: how many times as long as that replays may take.
    :param proof_replays: the maximum number of replays.
    :param owner: label of the sandboxes, so that those of a dead process can be found; by default the engine's own.
    :param idle_real_s_max: longer waits are compressed.
    :param locks: texts of locks that are kept with the scenario, by the function's name; a function's own comes first.
    :param archives: where the zips are that the scenario names; by default in the data folder.
    :param goes_on: a result of the scenario: nothing of it is played again but replays, and its proof goes on.
    :param visitors: whose requests are played in place of the scenario's steps; the result has them as steps.
    """

    wall_s: float = limits.RUN_WALL_S_DEFAULT
    prove: bool = True
    proof_s: float | None = None
    proof_s_max: float = limits.PROOF_S_AT_MOST
    proof_times: int = 1
    proof_replays: int = limits.PROOF_REPLAYS_DEFAULT
    owner: str = ""
    idle_real_s_max: float = limits.IDLE_REAL_S_MAX
    locks: Mapping[str, str] = field(default_factory=dict)
    archives: Archives | None = None
    goes_on: RunResult | None = None
    visitors: Visitors | None = None

    @property
    def proof_s_most(self) -> float:
        """The seconds that the replays of any run may take."""
        return self.proof_times * (self.proof_s_max if self.proof_s is None else self.proof_s)

    @property
    def most_s(self) -> float:
        """The seconds that packages, steps and replays of any run may take."""
        return limits.DEPENDENCIES_S + self.wall_s + self.proof_s_most

    def proof_s_of(self, played_s: float) -> float:
        """The seconds for the replays of a run that took ``played_s``."""
        if self.proof_s is not None:
            return self.proof_s_most
        fitting = max(limits.PROOF_S_AT_LEAST, limits.PROOF_TIMES_RUN * played_s)
        return min(self.proof_s_most, self.proof_times * fitting)


def new_owner() -> str:
    """A unique label for an owner of sandboxes."""
    return f"holdover-{uuid.uuid4().hex}"


async def play(
    scenario: Scenario,
    backend: Backend,
    *,
    clock: Clock | None = None,
    sink: Sink | None = None,
    cancellation: Cancellation | None = None,
    options: RunOptions | None = None,
    lanes: Lanes | None = None,
    dependencies: Dependencies | None = None,
    answering: Answering | None = None,
    see_to: SeeTo | None = None,
) -> RunResult:
    """Play ``scenario`` in sandboxes of ``backend``; no sandbox is left when this returns or raises.

    What cannot be removed because the engine is unreachable is left to
    :meth:`sandbox_runner.backends.base.Backend.sweep`.

    :param dependencies: what installs the packages that functions ask for; by default nothing does.
    :param answering: what answers for AWS's services; a scenario without an account needs none.
    :param lanes: what the run's replays share with those of other runs; by default nothing.
    :param sink: called with every event as it happens.
    :param see_to: given what waits until the sandboxes of a run that has a result are gone; by default this does.
    :raises RunCancelled: ``cancellation`` was requested.
    :raises RunNotBegun: no sandbox could be had before any code of the function ran.
    :raises OurFailure: something on our side failed; user code that fails is part of the result.
    """
    cancellation = cancellation or Cancellation()
    if cancellation.requested:
        raise RunCancelled("the run was cancelled before it began")
    options = options or RunOptions()
    options = replace(options, owner=options.owner or new_owner())
    removals = Removals(backend)
    run = _Run(
        scenario,
        removals,
        clock or SystemClock(),
        sink,
        options,
        stop_proof=cancellation.proof,
        lanes=lanes or Lanes(),
        dependencies=dependencies,
        answering=answering,
        leaves=see_to is not None,
    )
    playing = asyncio.ensure_future(run.play())
    loop = asyncio.get_running_loop()
    result = None
    try:
        with cancellation.telling(lambda: loop.call_soon_threadsafe(playing.cancel)):
            return (result := await playing)
    except asyncio.CancelledError:
        run.finish("cancelled")
        if cancellation.requested:
            raise RunCancelled("the run was cancelled") from None
        raise
    except (BackendUnavailable, SandboxLost) as problem:
        if run.code_has_run:
            raise
        raise RunNotBegun(str(problem), engine_away=isinstance(problem, EngineAway)) from problem
    finally:
        await seen_to(run.removed(), see_to if result else None)


class _Run:
    """One play of one scenario."""

    def __init__(
        self,
        scenario: Scenario,
        removals: Removals,
        clock: Clock,
        sink: Sink | None,
        options: RunOptions,
        *,
        stop_proof: Wish,
        lanes: Lanes,
        dependencies: Dependencies | None,
        answering: Answering | None,
        leaves: bool,
    ) -> None:
        self._scenario = scenario
        self._backend = removals
        self._leaves = leaves
        self._ahead = Ahead(removals.apart(), lanes, clock)
        self._clock = clock
        self._options = options
        self._stop_proof = stop_proof
        self._lanes = lanes
        self._dependencies = dependencies
        self._answering = answering
        self._account: RunAccount | None = None
        self._shown: dict[str, Shown] = {}
        # A proof that goes on is part of the run, whose last record comes last.
        before = options.goes_on.events if options.goes_on else ()
        self._credentials = Credentials()
        sink = sink and self._credentials.blanking(sink)
        self._log = EventLog(clock, sink, before=[each for each in before if not isinstance(each.record, RunFinished)])
        self._course: Course | None = None

    @property
    def code_has_run(self) -> bool:
        """Whether a sandbox was told to load the function; from then on its code may have run."""
        return any(isinstance(event.record, PlatformInitStart) for event in self._log.events)

    async def play(self) -> RunResult:
        with self._lanes.running(proven=self._options.prove and self._options.visitors is None):
            return await self._play()

    async def _play(self) -> RunResult:
        description = await self._backend.describe(self._scenario.interpreters)
        if self._options.goes_on is not None:
            return await self._go_on(self._options.goes_on, description)
        started = RunStarted(
            at_epoch_ms=self._log.began_epoch_ms, backend=description.name, steps=len(self._scenario.steps)
        )
        # The run began when its clock did, although the backend is known only now.
        self._log.append(started, monotonic_us=0)
        try:
            with contextlib.nullcontext() if self._options.visitors else self._lanes.answering():
                self._shown = await self._prepared(self._scenario, self._log)
                self._account = await self._opened()
                reason = await self._play_course()
                if self._account is not None:
                    await self._account.look_last()
            if self._options.prove:
                await self._prove()
            self.finish(reason)
        except (DependenciesFailedError, AccountRefusedError):
            self.finish("done")
        finally:
            if self._account is not None:
                await self._account.close()
        backend = BackendResult(
            name=description.name,
            isolation=description.isolation,
            image_digest=description.image_digest,
            fidelity={**description.fidelity, **lowered_fidelity(self._scenario)},
            installed={name: runtime_of(name).installed for name in self._scenario.runtimes},
            played_on=dict(self._scenario.stand_ins),
        )
        return self._credentials.blank_result(project(self._scenario, backend, self._log.events))

    async def removed(self) -> None:
        """Wait until every sandbox of the run is gone."""
        # What was prepared for a proof that did not begin; what that could not remove, its result says.
        with contextlib.suppress(OurFailure):
            await self._ahead.settled()
        # A result stays valid if the engine goes away afterwards, and the first failure is the one reported.
        with contextlib.suppress(EngineAway):
            await self._backend.settled()

    async def _go_on(self, before: RunResult, description: BackendDescription) -> RunResult:
        """Prove the verdict of ``before`` further, in sandboxes of the kind that its answers came from."""
        here, there = (description.name, description.image_digest), (before.backend.name, before.backend.image_digest)
        if here != there:
            raise ImageChanged(f"{there[0]} {there[1]}")
        # What is installed was recorded when the run began.
        self._shown = await self._prepared(self._scenario, EventLog(self._clock))
        await self._prove()
        last = before.events[-1].record
        self._log.append(last if isinstance(last, RunFinished) else RunFinished())
        return project(self._scenario, before.backend, self._log.events)

    async def _prepared(self, scenario: Scenario, log: EventLog) -> dict[str, Shown]:
        """Layers, code and packages of each function that has some; what is done for them is recorded in ``log``."""
        if self._dependencies is None:
            return {}
        return await self._dependencies.prepare(scenario, self._backend, self._clock, log, self._options)

    async def _prepared_for(self, scenario: Scenario, revision: NamedFunction) -> Shown:
        """The same of a function that is new in ``scenario``."""
        alone = scenario.model_copy(update={"written_functions": {revision.name: revision}})
        # What comes to nothing is no part of the run.
        log = EventLog(self._clock)
        self._shown |= await self._prepared(alone, log)
        for event in log.events:
            self._log.append(event.record)
        return self._shown.get(revision.name, ())

    async def _opened(self) -> RunAccount | None:
        """The scenario's account with its resources, if there is one."""
        settings = self._scenario.account
        if settings is None or not settings.offered:
            return None
        if self._answering is None:
            raise BackendUnavailable("nothing here answers for AWS's services, which the scenario's account needs")
        return await opened(self._answering, settings, self._log, self._clock)

    def _replay_account(self) -> Callable[[EventLog], ReplayAccount] | None:
        run, settings = self._account, self._scenario.account
        if run is None or settings is None:
            return None
        return lambda log: ReplayAccount(run, settings, log, self._clock)

    def finish(self, reason: Literal["done", "out-of-time", "cancelled"]) -> None:
        out_of_time = reason == "out-of-time"
        left = (self._course.left() if self._course else described(self._scenario.steps)) if out_of_time else ()
        self._log.append(
            RunFinished(
                reason=reason,
                budget_s=self._options.wall_s if out_of_time else None,
                left=left[: limits.LEFT_SHOWN_MAX],
                left_steps=len(left),
            )
        )

    async def _play_course(self) -> Literal["done", "out-of-time"]:
        options, visitors = self._options, self._options.visitors
        told = self._log, self._clock, self._credentials
        # What an account has is not known before the end.
        watch = StateWatch(self._log, self._replayers) if options.prove and self._account is None else None
        prepares = self._prepared_for
        live = LivePlayer(self._scenario, visitors, *told, prepare=prepares, watch=watch) if visitors else None
        ahead = Preparation(self._scenario, self._log, self._ahead, owner=options.owner, shown=self._shown)
        is_proven = options.prove and live is None
        self._course = live or ScenarioSteps(
            self._scenario, self._log, self._account, ahead.before_last if is_proven else None
        )
        service = LambdaService(
            self._scenario,
            self._backend,
            self._log,
            self._clock,
            owner=options.owner,
            idle_real_s_max=options.idle_real_s_max,
            shown=self._shown,
            account=self._account,
            visits=limits.LIVE_REQUESTS_MAX if live else None,
            leave=self._ahead.leave if options.prove else None,
        )
        if self._account is not None:
            await connect(self._scenario, self._log, self._clock, service, self._account)
        try:
            async with asyncio.timeout(options.wall_s) as wall:
                await service.prepare()
                async with ahead.meanwhile() if is_proven else contextlib.nullcontext():
                    await self._course.play(service)
                await service.drain()
            await service.end_run()
            if self._account is not None:
                self._account.settle()
        except TimeoutError:
            if not wall.expired():
                raise
            if self._account is not None:
                self._account.settle()
            return "out-of-time"
        finally:
            await service.destroy()
            if live is not None:
                self._scenario = live.scenario
        if live is not None and not self._scenario.steps:
            self.finish("cancelled")
            raise RunCancelled("nobody sent a request to the session")
        return "done"

    def _replayers(self, scenario: Scenario) -> FunctionReplayers:
        return FunctionReplayers(
            scenario,
            self._ahead,
            self._clock,
            owner=self._options.owner,
            shown=self._shown,
            account=self._replay_account(),
            events=self._log.events,
            beginning=self._lanes.beginning,
        )

    async def _prove(self) -> None:
        options = self._options
        replayer = self._replayers(self._scenario)
        budget = ProofBudget(round(options.proof_s_of(self._log.now_us() / 1_000_000), 1), options.proof_replays)
        try:
            try:
                await prove_run(self._scenario, self._log, replayer, budget, lanes=self._lanes, stop=self._stop_proof)
            finally:
                await replayer.close()
                if not self._leaves:
                    await self._ahead.settled()
        except OurFailure as failure:
            if options.goes_on is not None:
                raise
            # The run's own results stay valid; only the proof is missing, and the result says so.
            self._log.append(ProofStopped(played=0, wanted=0, why=say("replay-failed", failure=failure.message)))
