"""One backend, its pool and its event loop, for the life of a process."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sandbox_runner import limits
from sandbox_runner.account.moto import MotoAnswering
from sandbox_runner.backends import Pool, choose
from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.instrumented import InstrumentedBackend
from sandbox_runner.backends.pool import READY_USUALLY
from sandbox_runner.cancellation import Cancellation
from sandbox_runner.clock import SystemClock
from sandbox_runner.dependencies.preparing import dependencies_of_this_machine
from sandbox_runner.environment.task_groups import start_sandbox
from sandbox_runner.errors import OurFailure, RunCancelled
from sandbox_runner.proof.lanes import Lanes
from sandbox_runner.run.runner import RunOptions, new_owner, play

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine

    from sandbox_runner.backends.base import Backend, BackendDescription
    from sandbox_runner.backends.instrumented import OnStart
    from sandbox_runner.clock import Clock
    from sandbox_runner.dependencies.preparing import Dependencies
    from sandbox_runner.events.log import Sink
    from sandbox_runner.results.model import RunResult
    from sandbox_runner.scenario.model import Scenario

_T = TypeVar("_T")


class Engine:
    """Plays runs on its own thread. Its methods block and may be called from several threads at once.

    :param backend_name: ``docker`` or ``namespace``; by default ``HOLDOVER_BACKEND``, else the best available.
    :param pool: whether to start sandboxes in advance; worthwhile in a process that plays many runs.
    :param backend: use this backend instead of choosing one; it is closed with the engine.
    :param owner: label of this engine's sandboxes, which tells :meth:`sweep` elsewhere that they are in use; pooled
        sandboxes serve the runs of this owner. Unique by default.
    :param on_start: called after each start of a sandbox, on the engine's thread
        (:mod:`sandbox_runner.backends.instrumented`).
    :param dependencies: what installs packages; by default what this machine's variables say.
    :raises BackendUnavailable: the requested backend is not available; blocks for up to two seconds to find out.
    """

    def __init__(
        self,
        backend_name: str | None = None,
        pool: bool = True,
        *,
        backend: Backend | None = None,
        clock: Clock | None = None,
        owner: str | None = None,
        on_start: OnStart | None = None,
        dependencies: Dependencies | None = None,
    ) -> None:
        self.owner = owner or new_owner()
        self._lanes = Lanes()
        chosen: Backend = InstrumentedBackend(backend or choose(backend_name), _all(self._lanes.note_start, on_start))
        self._unpooled = chosen
        self._backend: Backend = Pool(chosen, turn=self._lanes.time_for_others) if pool else chosen
        self._clock = clock
        self._answering = MotoAnswering(chosen, clock or SystemClock(), owner=self.owner)
        self._dependencies = dependencies or dependencies_of_this_machine(chosen)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox-engine", daemon=True)
        self._thread.start()
        self._clearing: set[asyncio.Task[None]] = set()
        self._closing = threading.Lock()
        self._closed = False
        if isinstance(self._backend, Pool):
            self._loop.call_soon_threadsafe(self._backend.prepare, self._usual_spec(), READY_USUALLY)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def backend_name(self) -> str:
        """The backend in use."""
        return self._backend.name

    def describe(self) -> BackendDescription:
        """The backend's description of itself.

        :raises BackendUnavailable: it cannot make sandboxes here.
        """
        return self._await(self._backend.describe())

    def missing(self, runtimes: Collection[str]) -> tuple[str, ...]:
        """Those of the runtimes whose own image is not built here.

        :raises BackendUnavailable: the backend cannot be asked.
        """
        return self._await(self._backend.missing(runtimes))

    def try_out(self) -> None:
        """Start a sandbox of the usual kind and end it.

        :raises BackendUnavailable: none can be made now.
        """
        self._await(self._try_out())

    def run(
        self,
        scenario: Scenario,
        *,
        sink: Sink | None = None,
        cancellation: Cancellation | None = None,
        options: RunOptions | None = None,
    ) -> RunResult:
        """Play ``scenario`` to its end and return its result. An interrupt of the calling thread cancels the run.

        The sandboxes of a run that has a result are removed beside what comes next, at the latest by :meth:`close`.

        :param sink: called with each event as it happens, on the engine's thread; it must not block for long.
        :raises RunCancelled: ``cancellation`` was requested, and nothing of the run is left.
        :raises RunNotBegun: no sandbox could be had before any code of the function ran.
        :raises OurFailure: something on our side failed, and nothing of the run is left.
        """
        loop = self._usable_loop()
        cancellation = cancellation or Cancellation()
        options = options or RunOptions()
        options = replace(options, owner=options.owner or self.owner)
        playing = asyncio.run_coroutine_threadsafe(
            play(
                scenario,
                self._backend,
                clock=self._clock,
                sink=sink,
                cancellation=cancellation,
                options=options,
                lanes=self._lanes,
                dependencies=self._dependencies,
                answering=self._answering,
                see_to=self._clear_away,
            ),
            loop,
        )
        try:
            return playing.result()
        except concurrent.futures.CancelledError:
            raise RunCancelled("the engine was closed while the run was played") from None
        except BaseException:
            # An interrupt reaches the thread that waits; what it waits for must end first.
            if not playing.done():
                cancellation.cancel()
                concurrent.futures.wait([playing])
            raise

    def sweep(self, live_owners: Collection[str]) -> int:
        """Remove sandboxes whose owner is not among ``live_owners``, and what is left of this engine's own.

        Returns how many there were.

        :raises BackendUnavailable: the backend cannot be asked.
        """
        return self._await(self._backend.sweep(live_owners))

    def close(self) -> None:
        """End every sandbox and the thread. Runs that are still being played fail. May be called again.

        :raises OurFailure: a sandbox could not be ended; the thread is.
        """
        with self._closing:
            if self._closed:
                return
            self._closed = True
            try:
                asyncio.run_coroutine_threadsafe(self._wind_up(), self._loop).result()
            finally:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
                self._loop.close()

    def _usual_spec(self) -> SandboxSpec:
        return SandboxSpec(self.owner, limits.MEMORY_MB_DEFAULT, limits.TMP_MB_DEFAULT)

    def _usable_loop(self) -> asyncio.AbstractEventLoop:
        if self._closed:
            raise OurFailure("this engine is closed; make a new one")
        return self._loop

    def _await(self, work: Coroutine[Any, Any, _T]) -> _T:
        try:
            loop = self._usable_loop()
        except OurFailure:
            work.close()
            raise
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    def _clear_away(self, work: Coroutine[None, None, None]) -> None:
        """Do ``work`` in the background; what fails in it, :meth:`sweep` does."""
        clearing = asyncio.ensure_future(_whatever_comes_of_it(work))
        self._clearing.add(clearing)
        clearing.add_done_callback(self._clearing.discard)

    async def _try_out(self) -> None:
        sandbox = await start_sandbox(self._unpooled, self._usual_spec())
        await sandbox.destroy()

    async def _wind_up(self) -> None:
        await asyncio.gather(*self._clearing)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._answering.close()
        await self._backend.close()


def run_scenario(
    scenario: Scenario,
    backend_name: str | None = None,
    *,
    sink: Sink | None = None,
    cancellation: Cancellation | None = None,
    options: RunOptions | None = None,
) -> RunResult:
    """Play one scenario with an engine of its own; see :meth:`Engine.run`."""
    with Engine(backend_name, pool=False) as engine:
        return engine.run(scenario, sink=sink, cancellation=cancellation, options=options)


async def _whatever_comes_of_it(work: Coroutine[None, None, None]) -> None:
    with contextlib.suppress(OurFailure):
        await work


def _all(*told: OnStart | None) -> OnStart:
    def tell(backend: str, started: bool, took_s: float) -> None:
        for each in told:
            if each is not None:
                each(backend, started, took_s)

    return tell
