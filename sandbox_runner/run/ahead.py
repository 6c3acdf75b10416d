"""Sandboxes for replays: those of the run itself, and some started while it waits for its last answer.

Neither costs the verdict the time of a start, and the former cost no processor that of another sandbox.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits
from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.environment.task_groups import cancel_all, start_sandbox, undisturbed
from sandbox_runner.environment.wiping import wipe
from sandbox_runner.errors import OurFailure
from sandbox_runner.events.times_alone import processors_busy, shortest_replay_s
from sandbox_runner.proof.lanes import WORTH_A_SANDBOX_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Mapping

    from sandbox_runner.backends.base import BackendDescription, Sandbox, Shown
    from sandbox_runner.backends.removals import Removals
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.proof.lanes import Lanes
    from sandbox_runner.scenario.model import Scenario

# Where requests keep more than that of a processor busy, starting sandboxes beside them would slow them down.
_BUSY_MAX: Final = 0.5
LOOK_S: Final = 0.1


class Ahead:
    """Wraps what removes the sandboxes of replays, and hands out those that are there. A backend itself."""

    def __init__(self, backend: Removals, lanes: Lanes, clock: Clock) -> None:
        self.name = backend.name
        self._backend = backend
        self._clock = clock
        self._left = 0
        self.lanes = lanes
        self._coming: defaultdict[SandboxSpec, deque[asyncio.Task[Sandbox]]] = defaultdict(deque)
        self._starting = asyncio.Semaphore(limits.STARTS_AT_ONCE_MAX)

    def prepare(self, spec: SandboxSpec, count: int) -> None:
        """Begin to start what is missing to so many of a kind; what one fails with, whoever gets it does."""
        missing = count - len(self._coming[spec])
        self._coming[spec] += [asyncio.ensure_future(self._started(spec)) for _ in range(missing)]

    async def prepare_one_by_one(self, spec: SandboxSpec, count: Callable[[], int]) -> None:
        """Start one after the other as long as there are fewer than ``count`` says."""
        while (there := len(self._coming[spec])) < count():
            self.prepare(spec, there + 1)
            await asyncio.wait([self._coming[spec][-1]])

    def leave(self, spec: SandboxSpec, sandbox: Sandbox) -> bool:
        """Take over a sandbox of the run's own, emptied, before any that was prepared; false if there are enough."""
        if self._left == self.lanes.processors:
            return False
        self._left += 1
        self._coming[spec].appendleft(asyncio.ensure_future(self._emptied(spec, sandbox)))
        return True

    async def start(self, spec: SandboxSpec) -> Sandbox:
        """One that was left or prepared, or a new one."""
        if self._coming[spec]:
            return await self._coming[spec].popleft()
        async with self.lanes.beginning():
            return await self._backend.start(spec)

    async def _started(self, spec: SandboxSpec) -> Sandbox:
        # The run that it is prepared for is still waited for itself.
        async with self._starting, self.lanes.beginning(own=1):
            return await start_sandbox(self._backend, spec)

    async def _emptied(self, spec: SandboxSpec, sandbox: Sandbox) -> Sandbox:
        """``sandbox``, or a new one where something of the function would stay in it."""
        try:
            await wipe(GuestLink(sandbox, self._clock))
        except OurFailure:
            await sandbox.destroy()
            return await self._started(spec)
        except BaseException:
            await undisturbed(sandbox.destroy())
            raise
        return sandbox

    async def describe(self, runtimes: Collection[str] = ()) -> BackendDescription:
        """The backend's description of itself."""
        return await self._backend.describe(runtimes)

    async def missing(self, runtimes: Collection[str]) -> tuple[str, ...]:
        """Those whose image the backend has not."""
        return await self._backend.missing(runtimes)

    def forget(self, name: str) -> bool:
        """The backend lets go of a shown folder."""
        return self._backend.forget(name)

    async def sweep(self, live_owners: Collection[str]) -> int:
        """Sweep the backend."""
        return await self._backend.sweep(live_owners)

    async def close(self) -> None:
        """Do nothing: the backend is closed by its creator."""

    async def settled(self) -> None:
        """End what nobody took, and wait until every destroyed sandbox is gone.

        :raises OurFailure: one could not be removed; the others are.
        """
        await undisturbed(self._end_the_rest())
        await undisturbed(self._backend.settled())

    async def _end_the_rest(self) -> None:
        coming = [task for tasks in self._coming.values() for task in tasks]
        self._coming.clear()
        await cancel_all(coming)
        for task in coming:
            if not task.cancelled() and task.exception() is None:
                await task.result().destroy()


class Preparation:
    """Has what the first replays of a run will need started while the run waits: two requests in one environment.

    :param look_s: how often it looks whether the run waits.
    """

    def __init__(
        self,
        scenario: Scenario,
        log: EventLog,
        ahead: Ahead,
        *,
        owner: str,
        shown: Mapping[str, Shown],
        look_s: float = LOOK_S,
    ) -> None:
        self._log = log
        self._ahead = ahead
        self._look_s = look_s
        self._names = [scenario.name_of(request.function) for _, _, request in scenario.requests()]
        self._functions = scenario.functions
        self._owner = owner
        self._shown = shown

    def before_last(self) -> None:
        """Begin to start all of them, if the last step waits as those before it did."""
        busy = processors_busy(self._log.events)
        if busy is not None and busy <= _BUSY_MAX and self._names:
            self._ahead.prepare(self._spec(), self._count())

    @asynccontextmanager
    async def meanwhile(self) -> AsyncIterator[None]:
        """Start one after the other from when the run waits for something long until the block ends."""
        preparing = [asyncio.ensure_future(self._one_by_one())] if len(self._names) > 1 else []
        try:
            yield
        finally:
            await cancel_all(preparing)

    async def _one_by_one(self) -> None:
        """Whether a run waits or computes is not known yet: where the whole machine does little, it waits."""
        lanes, nothing = self._ahead.lanes, asyncio.get_running_loop().create_future()
        waits = False
        while not waits:
            before_s = lanes.worked_s()
            await asyncio.wait([nothing], timeout=self._look_s)
            waits = lanes.worked_s() - before_s <= _BUSY_MAX * self._look_s and self._count() > 0
        await self._ahead.prepare_one_by_one(self._spec(), self._count)

    def _spec(self) -> SandboxSpec:
        name = self._names[-1]
        return SandboxSpec.of(self._owner, self._functions[name], self._shown.get(name, ()))

    def _count(self) -> int:
        """How many are worth it, as far as is known how long they take; none where that is short."""
        takes_s, lanes = shortest_replay_s(self._log.events, self._log.now_us()), self._ahead.lanes
        if takes_s < WORTH_A_SANDBOX_S:
            return 0
        most = lanes.most(self._functions[self._names[-1]].memory_mb)
        # The one that plays the last step is left for them.
        return min(lanes.worth_starting(takes_s), most) - 1
