"""Sandboxes started in advance.

A started sandbox contains an idle supervisor and no user code, so it can wait; the function's init is still a real one.
A sandbox is handed out once, to one function of one run, and destroyed afterwards; no other run ever gets it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.errors import OurFailure, SandboxNotReady

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable

    from .base import Backend, BackendDescription, Sandbox, SandboxSpec

READY_DEFAULT: Final = 2
# Of the kind that most runs are of: one for a run, and those that the proof of a handler that waits plays beside it.
READY_USUALLY: Final = 6
# How many kinds of sandbox are kept ready; the least recently requested kind is given up.
KINDS_MAX: Final = 2
# A run that was just given a sandbox is busy: the replacement is started when most runs are over, not alongside them.
# If runs follow each other there is no such pause: once none was ready, refilling continues until there were no
# requests for a while.
REST_SECONDS: Final = 0.5
BUSY_SECONDS: Final = 2.0


async def _at_once() -> None:
    """There is always time."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A waiting sandbox and a watch over it: an idle sandbox sends nothing unless it ends."""

    sandbox: Sandbox
    watch: asyncio.Task[Any]

    async def release(self) -> Sandbox | None:
        """The sandbox without its watch, or None (and destroyed) if it has ended."""
        alive = not self.watch.done()
        self.watch.cancel()
        with contextlib.suppress(asyncio.CancelledError, OurFailure):
            await self.watch
        if alive:
            return self.sandbox
        await self.sandbox.destroy()
        return None


class Pool:
    """Wraps a backend, keeping a few started sandboxes of each recently requested kind. A backend itself.

    Sandboxes of one kind have the same owner, so the owner must be the process that holds the pool, not a single run.
    Used within one event loop.

    :param size: how many to keep ready of each kind; 0 starts each on request.
    :param rest_s: how long after handing one out to start its replacement, as long as there was always one ready.
    :param turn: awaited before each start of a replacement; returns when there is time for it.
    """

    def __init__(
        self,
        backend: Backend,
        size: int = READY_DEFAULT,
        rest_s: float = REST_SECONDS,
        turn: Callable[[], Awaitable[object]] = _at_once,
    ) -> None:
        self.name = backend.name
        self._backend = backend
        self._size = size
        self._rest_s = rest_s
        self._turn = turn
        self._counts: dict[SandboxSpec, int] = {}
        self._kinds: OrderedDict[SandboxSpec, deque[_Waiting]] = OrderedDict()
        # Setting it ends the pause before a refill.
        self._refilling: dict[SandboxSpec, asyncio.Event] = {}
        self._busy_until_s = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def describe(self, runtimes: Collection[str] = ()) -> BackendDescription:
        """The backend's description of itself."""
        return await self._backend.describe(runtimes)

    async def missing(self, runtimes: Collection[str]) -> tuple[str, ...]:
        """Those whose image the backend has not."""
        return await self._backend.missing(runtimes)

    def ready(self, spec: SandboxSpec) -> int:
        """How many of this kind are ready now."""
        return sum(not waiting.watch.done() for waiting in self._kinds.get(spec, ()))

    def prepare(self, spec: SandboxSpec, count: int | None = None) -> None:
        """Start keeping ``count`` sandboxes of this kind ready, by default as many as of any; returns at once."""
        if count is not None:
            self._counts[spec] = count
        self._prepare(spec, 0)

    def _prepare(self, spec: SandboxSpec, rest_s: float) -> None:
        if self._closed or self._size == 0:
            return
        self._kinds.setdefault(spec, deque())
        self._kinds.move_to_end(spec)
        while len(self._kinds) > KINDS_MAX:
            _, given_up = self._kinds.popitem(last=False)
            self._spawn(_end_all(given_up))
        if spec not in self._refilling:
            self._begin_refill(spec, rest_s)
        if not rest_s:
            self._refilling[spec].set()

    def _begin_refill(self, spec: SandboxSpec, rest_s: float) -> None:
        self._refilling[spec] = asyncio.Event()
        self._spawn(self._refill(spec, rest_s))

    async def start(self, spec: SandboxSpec) -> Sandbox:
        """A ready one that is alive, else a new one. One that is shown folders is started for who asks.

        Folders are for few runs and may be removed: a sandbox that waited with one would keep what nobody needs.

        :raises BackendUnavailable: none can be made.
        """
        if spec.shown:
            return await self._started(spec)
        waiting = self._kinds.get(spec, deque())
        try:
            while waiting:
                if sandbox := await waiting.popleft().release():
                    return sandbox
            self._busy_until_s = inf
            return await self._started(spec)
        finally:
            self._prepare(spec, 0 if self._is_busy() else self._rest_s)

    async def _started(self, spec: SandboxSpec) -> Sandbox:
        """A new one, and another where that did not get ready: whole runs and sessions end for want of one."""
        try:
            return await self._backend.start(spec)
        except SandboxNotReady:
            return await self._backend.start(spec)

    def forget(self, name: str) -> bool:
        """The backend lets go of a shown folder."""
        return self._backend.forget(name)

    async def sweep(self, live_owners: Collection[str]) -> int:
        """Sweep the backend; the owner of the waiting sandboxes must be among the live ones.

        Those that ended while waiting are replaced.
        """
        swept = await self._backend.sweep(live_owners)
        await self._replace_ended()
        return swept

    async def _replace_ended(self) -> None:
        for spec, waiting in list(self._kinds.items()):
            ended = [each for each in waiting if each.watch.done()]
            for each in ended:
                waiting.remove(each)
            await _end_all(ended)
            # Nothing refills it: a refill failed, or the waiting ones ended.
            if self._wanting(spec) and spec not in self._refilling:
                self._begin_refill(spec, self._rest_s)

    async def close(self) -> None:
        """End the waiting sandboxes, then the backend with all it has started."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*map(_end_all, self._kinds.values()))
        self._kinds.clear()
        await self._backend.close()

    async def _refill(self, spec: SandboxSpec, rest_s: float) -> None:
        """Start one after the other, so that a current run keeps most of the machine."""
        try:
            if rest_s:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._refilling[spec].wait(), rest_s)
            # No caller waits for this failure; the next request for a sandbox reports it.
            with contextlib.suppress(OurFailure):
                while self._wanting(spec):
                    await self._turn()
                    sandbox = await self._backend.start(spec)
                    await self._keep(spec, sandbox)
        finally:
            del self._refilling[spec]

    def _is_busy(self) -> bool:
        """Whether a request recently found none ready; each call extends the period."""
        now_s = asyncio.get_running_loop().time()
        if now_s > self._busy_until_s:
            return False
        self._busy_until_s = now_s + BUSY_SECONDS
        return True

    def _wanting(self, spec: SandboxSpec) -> bool:
        return not self._closed and spec in self._kinds and self.ready(spec) < self._counts.get(spec, self._size)

    async def _keep(self, spec: SandboxSpec, sandbox: Sandbox) -> None:
        if self._wanting(spec):
            self._kinds[spec].append(_Waiting(sandbox, asyncio.ensure_future(sandbox.receive())))
        else:
            await sandbox.destroy()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _end_all(waiting: Iterable[_Waiting]) -> None:
    for each in waiting:
        if sandbox := await each.release():
            await sandbox.destroy()
