"""The execution environments of one function: how each is created, which are free, and how they end.

All fleets of a run share its limits: how many sandboxes start at once, how much may be logged, names and turns.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits
from sandbox_runner.backends.base import Backend, SandboxSpec
from sandbox_runner.environment import identity
from sandbox_runner.environment.environment import Environment
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.environment.output import LogAllowance
from sandbox_runner.environment.task_groups import cancel_all, start_sandbox, together
from sandbox_runner.events.records import CreatedBy, EndedBy, EnvironmentCreated, InitializationName, StartKind
from sandbox_runner.rules import placement
from sandbox_runner.rules.phases import init_limit_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox_runner.account.moments import RunAccount
    from sandbox_runner.backends.base import Sandbox, Shown
    from sandbox_runner.clock import Clock
    from sandbox_runner.environment.environment import Leave
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.peers.hub import PeerHub
    from sandbox_runner.scenario.model import Scenario

_US: Final = 1_000_000


@dataclass(slots=True, eq=False)
class Slot:
    """One environment of the fleet. It has a name before its sandbox exists.

    ``turn`` and ``free_since_us`` are those of :class:`sandbox_runner.rules.placement.Free`.
    """

    name: str
    created_by: CreatedBy
    environment: Environment | None = None
    turn: int = 0
    free_since_us: int = 0

    @property
    def provisioned(self) -> bool:
        """Whether it is part of the provisioned concurrency."""
        return self.created_by == "provisioned"

    def next_start(self) -> StartKind:
        """Whether the next request here meets a warm runtime or an init."""
        if self.environment is None:
            return "cold"
        start = self.environment.next_start()
        return "provisioned" if self.provisioned and start == "warm" and self.turn == 0 else start


@dataclass(frozen=True, slots=True)
class Shared:
    """What all fleets of one run share.

    :ivar owner: label of the sandboxes.
    :ivar peers: what every environment can reach.
    :ivar shown: folders that the sandboxes of each function are shown.
    :ivar account: AWS's services, which keep what each request finds.
    :ivar leave: who takes the sandboxes, by their kind, of environments that end with the run.
    """

    backend: Backend
    log: EventLog
    clock: Clock
    owner: str
    peers: PeerHub
    shown: Mapping[str, Shown] = field(default_factory=dict)
    account: RunAccount | None = None
    leave: Callable[[SandboxSpec, Sandbox], bool] | None = None
    allowance: LogAllowance = field(default_factory=LogAllowance)
    starts: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(limits.STARTS_AT_ONCE_MAX))
    names: Iterator[int] = field(default_factory=lambda: count(1))
    turns: Iterator[int] = field(default_factory=lambda: count(1))


class Fleet:
    """Creates, lends and ends the environments of one function; each serves one request at a time.

    :param name: the function's name in the scenario.
    :ivar environments: makes them.
    """

    def __init__(self, scenario: Scenario, name: str, shared: Shared) -> None:
        function = scenario.functions[name]
        self._scenario = scenario
        self._function = function
        self._recorded = scenario.recorded(name)
        self._settings = scenario.settings_of(name)
        self.environments: Callable[..., Environment] = Environment
        self._shared = shared
        self._backend = shared.backend
        self._log = shared.log
        self._clock = shared.clock
        self._spec = SandboxSpec.of(shared.owner, function, shared.shown.get(name, ()))
        self._free: list[Slot] = []
        self._alive: list[Environment] = []
        # Free ones and those that serve a request.
        self._provisioned = 0
        self._preparing: set[asyncio.Task[None]] = set()
        # Requests waiting for a new environment, longest first; each takes the first environment that is ready.
        self._waiting: list[asyncio.Future[Slot]] = []

    # --- for requests ---------------------------------------------------------------------------------------------

    def lend(self) -> Slot:
        """Lend a free environment by the placement rules, or a slot for a new one that is yet to be opened."""
        slot = placement.choose(self._free, self._scenario.placement)
        if slot is None:
            return self._new_slot("request")
        self._free.remove(slot)
        return slot

    async def open(self, slot: Slot) -> Slot:
        """Open a lent slot: create and initialise its environment if it is new.

        If one that was pre-initialised is ready sooner, it is returned instead, and the new one is left for the next
        request. Source: AWS's description of July 2023, "if a pre-initialized execution environment becomes
        available while Lambda is initializing a new execution environment to process an invocation, Lambda can use
        the pre-initialized execution environment", as quoted in https://aaronstuyvenberg.com/posts/understanding-proactive-initialization

        :raises OurFailure: no sandbox could be made, or one failed.
        """
        if slot.environment is not None:
            return slot
        instead: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        opening = asyncio.ensure_future(self._open_for_request(slot))
        self._waiting.append(instead)
        try:
            await asyncio.wait((opening, instead), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await cancel_all([opening])
            raise
        finally:
            self._waiting.remove(instead)
        if not opening.done():
            self._preparing.add(asyncio.ensure_future(self._leave_for_the_next(slot, opening)))
            return instead.result()
        if instead.done():
            self._make_free(instead.result())
        opening.result()
        return slot

    def give_back(self, slot: Slot) -> None:
        """Return an environment after a request."""
        slot.turn = next(self._shared.turns)
        self._make_free(slot)

    # --- ahead of requests ----------------------------------------------------------------------------------------

    async def provision(self) -> None:
        """Bring the provisioned concurrency up to its number; none is free until all are ready.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
        """
        if self._settings.initialization == "provisioned-concurrency":
            await self._prepare("provisioned", self._settings.provisioned_concurrency)

    async def keep_provisioned(self, count: int) -> None:
        """Change the number of those that are provisioned: more are prepared, or the least recently used ones end.

        One that serves a request is not ended; it counts.
        """
        await self.settled()
        more = count - self._provisioned
        free = sorted((each for each in self._free if each.provisioned), key=lambda each: each.turn)
        await self._end(free[: max(0, -more)], "spindown")
        await self._prepare("provisioned", max(0, more))

    async def initialize(self, count: int) -> None:
        """Pre-initialise idle environments."""
        await self._prepare("proactive", count)

    def want_spare(self) -> None:
        """Start pre-initialising a spare, if the scenario allows it and none is ready.

        AWS does not say when the service does this, see
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
        """
        spare_is_ready = any(not each.provisioned and each.turn == 0 for each in self._free)
        if self._scenario.spare_environments and not self._preparing and not spare_is_ready:
            task = asyncio.ensure_future(self.initialize(1))
            self._preparing.add(task)

    async def settled(self) -> None:
        """Wait until no spare is being created.

        :raises OurFailure: one failed.
        """
        while self._preparing:
            task = next(iter(self._preparing))
            await asyncio.wait([task])
            self._preparing.discard(task)
            task.result()

    # --- ends -----------------------------------------------------------------------------------------------------

    @property
    def longest_unused(self) -> Slot | None:
        """The least recently used free environment."""
        return placement.longest_unused(self._free)

    async def recycle(self, which: str = "all") -> None:
        """Shut down every free environment, or only the least recently used ``one``; provisioned ones are replaced."""
        oldest = self.longest_unused
        ended = list(self._free) if which == "all" else [oldest] if oldest else []
        await self._end(ended, "spindown")
        await self._prepare("provisioned", sum(each.provisioned for each in ended))

    async def retire(self) -> None:
        """Shut down every free environment for good."""
        await self.settled()
        await self._end(list(self._free), "spindown")

    @property
    def next_spin_down_us(self) -> int | None:
        """The service time at which the next environment's idle time expires."""
        after_s = self._scenario.spin_down_after
        return None if after_s is None else placement.next_spin_down_us(self._free, round(after_s * _US))

    async def spin_down(self) -> None:
        """Shut down environments whose idle time has expired."""
        if self._scenario.spin_down_after is not None:
            after_us = round(self._scenario.spin_down_after * _US)
            await self._end(placement.spun_down(self._free, self._log.service_us(), after_us), "spindown")

    async def end_run(self) -> None:
        """Shut down every free environment by the rules, because the run is over."""
        leave = self._shared.leave
        await self._end(list(self._free), "run-ended", partial(leave, self._spec) if leave else None)

    async def destroy(self) -> None:
        """End every environment, whatever it is doing; nothing is left when this returns."""
        await cancel_all(self._preparing)
        environments, self._alive, self._free = self._alive, [], []
        outcomes = await asyncio.gather(*(each.destroy() for each in environments), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    # --- how ------------------------------------------------------------------------------------------------------

    async def _prepare(self, created_by: CreatedBy, count: int) -> None:
        slots = [self._new_slot(created_by) for _ in range(count)]
        self._provisioned += sum(each.provisioned for each in slots)
        await together(self._open_ahead(slot) for slot in slots)
        for slot in slots:
            self._make_free(slot)

    async def _open_ahead(self, slot: Slot) -> None:
        slot.environment = await self._create(slot)
        await slot.environment.initialize(freeze=True)

    def _new_slot(self, created_by: CreatedBy) -> Slot:
        return Slot(f"env-{next(self._shared.names)}", created_by)

    async def _open_for_request(self, slot: Slot) -> None:
        slot.environment = await self._create(slot)
        await slot.environment.initialize()

    async def _leave_for_the_next(self, slot: Slot, opening: asyncio.Task[None]) -> None:
        await opening
        assert slot.environment is not None  # it has just been created
        await slot.environment.freeze()
        self._make_free(slot)

    def _make_free(self, slot: Slot) -> None:
        unused = not slot.provisioned and slot.turn == 0 and slot.next_start() == "warm"
        waiting = next((each for each in self._waiting if not each.done()), None) if unused else None
        if waiting is not None:
            waiting.set_result(slot)
            return
        slot.free_since_us = self._log.service_us()
        self._free.append(slot)

    async def _create(self, slot: Slot) -> Environment:
        stream = identity.log_stream(self._clock.epoch_ms(), uuid.uuid4().hex)
        spilt = not slot.provisioned and self._settings.initialization != "on-demand"
        initialization: InitializationName = "on-demand" if spilt else self._settings.initialized_as
        created = EnvironmentCreated(
            initialization=initialization, created_by=slot.created_by, log_stream=stream, function=self._recorded
        )
        self._log.append(created, environment=slot.name)
        async with self._shared.starts:
            sandbox = await start_sandbox(self._backend, self._spec)
        link = GuestLink(sandbox, self._clock)
        self._shared.peers.join(slot.name, link)
        environment = self.environments(
            slot.name,
            self._function,
            link,
            self._log,
            self._clock,
            stream=stream,
            allowance=self._shared.allowance,
            reach=self._shared.peers.reach,
            initialization=initialization,
            init_limit_s=init_limit_s(initialization, self._function.timeout_s, self._scenario.init_limit),
        )
        self._alive.append(environment)
        return environment

    async def _end(self, slots: list[Slot], reason: EndedBy, leave: Leave | None = None) -> None:
        self._provisioned -= sum(each.provisioned for each in slots)
        for slot in slots:
            self._free.remove(slot)
            if slot.environment is not None:
                await slot.environment.shutdown(reason, leave)
                self._alive.remove(slot.environment)
