"""Sandboxes for replays: those of the run itself, and some started while it waits for its last answer.

Neither costs the verdict the time of a start, and the former cost no processor that of another sandbox.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits
from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.environment.task_groups import cancel_all, start_sandbox, undisturbed
from sandbox_runner.environment.wiping import wipe
from sandbox_runner.errors import OurFailure
from sandbox_runner.events.times_alone import processors_busy, times_alone
from sandbox_runner.proof.lanes import WORTH_A_SANDBOX_S

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sandbox_runner.backends.base import BackendDescription, Sandbox, Shown
    from sandbox_runner.backends.removals import Removals
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.proof.lanes import Lanes
    from sandbox_runner.scenario.model import Scenario

# Where requests keep more than that of a processor busy, starting sandboxes beside them would slow them down.
_BUSY_MAX: Final = 0.5


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
        """Begin to start so many of a kind; what one fails with, whoever gets it does."""
        self._coming[spec] += [asyncio.ensure_future(self._started(spec)) for _ in range(count)]

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


def prepare_replays(scenario: Scenario, log: EventLog, ahead: Ahead, *, owner: str, shown: Mapping[str, Shown]) -> None:
    """Begin to start what the first replays will need, if the last step waits as those before it did."""
    takes_s, busy = times_alone(log.events), processors_busy(log.events)
    request_s = max((seconds for index, seconds in takes_s.items() if index), default=0.0)
    names = [scenario.name_of(request.function) for _, _, request in scenario.requests()]
    if busy is None or busy > _BUSY_MAX or request_s < WORTH_A_SANDBOX_S or not names:
        return
    function = scenario.functions[names[-1]]
    # A replay is of a request and of the one before it.
    count = ahead.lanes.worth_starting(takes_s.get(0, 0.0) + 2 * request_s)
    spec = SandboxSpec.of(owner, function, shown.get(names[-1], ()))
    # The one that plays the last step is left for them.
    ahead.prepare(spec, min(count, ahead.lanes.most(function.memory_mb)) - 1)
