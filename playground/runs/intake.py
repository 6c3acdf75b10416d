"""Whether this worker takes runs: it stops while its sandbox engine is away, and goes on when that answers again.

While it is closed its queue stays for other workers, a message that it has in hand goes back, and nothing is claimed.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sandbox_runner.errors import BackendUnavailable, OurFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_LOG: Final = logging.getLogger(__name__)
# How often an engine that answers is asked.
ASK_S: Final = 5.0
PAUSE_MIN_S: Final = 0.5
PAUSE_MAX_S: Final = 10.0


class SandboxEngine(Protocol):
    """What makes sandboxes; :class:`sandbox_runner.run.engine.Engine` is one."""

    def describe(self) -> object:
        """:raises BackendUnavailable: it cannot make sandboxes."""
        ...

    def try_out(self) -> None:
        """:raises BackendUnavailable: it does not make one now."""
        ...

    def sweep(self, live_owners: Collection[str]) -> int:
        """:raises OurFailure: it did not clear away what nobody uses."""
        ...


class Tap(Protocol):
    """The way on which messages reach this worker. Its methods are called from any thread, and again and again."""

    def close(self) -> None:
        """Let none through."""
        ...

    def open(self) -> None:
        """Let them through again."""
        ...


@dataclass(frozen=True, slots=True)
class EngineReport:
    """What is known of the engine: ``problem`` is empty where it answers, ``age_s`` is how long that is known."""

    problem: str
    age_s: float


class Intake:
    """Open while the engine makes sandboxes. A thread asks it, and sweeps what nobody uses.

    :param live_owners: whose sandboxes must stay.
    :param turned: is called after it was closed or opened; must not raise.
    :param clock: seconds that never go back.
    """

    def __init__(
        self,
        engine: SandboxEngine,
        live_owners: Collection[str],
        tap: Tap,
        *,
        turned: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._live_owners = live_owners
        self._tap = tap
        self._turned = turned
        self._clock = clock
        self._lock = threading.Lock()
        self._problem = ""
        self._answered_at = clock()
        self._open = threading.Event()
        self._open.set()
        self._asked_for = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._go_round, name="intake", daemon=True)

    def start(self) -> None:
        """Begin to ask; the first time at once."""
        self._asked_for.set()
        self._thread.start()

    def stop(self) -> None:
        """Ask no more. What was asked is waited for no longer than a moment: the engine may hang."""
        self._over = True
        self._asked_for.set()
        if self._thread.is_alive():
            self._thread.join(PAUSE_MIN_S)

    @property
    def is_open(self) -> bool:
        """Whether runs may be taken."""
        return self._open.is_set()

    def wait_open(self, limit_s: float) -> bool:
        """Wait until runs may be taken, but no longer than that; returns whether they may."""
        return self._open.wait(limit_s)

    def report(self) -> EngineReport:
        """What is known of the engine, and since when nothing newer is."""
        with self._lock:
            return EngineReport(self._problem, self._clock() - self._answered_at)

    def met(self, problem: str) -> None:
        """Somebody met an engine that is away: take no more runs, and ask it soon."""
        self._close(problem)
        self._asked_for.set()

    def _go_round(self) -> None:
        pause_s = PAUSE_MIN_S
        while True:
            self._asked_for.wait(ASK_S if self.is_open else pause_s)
            if self._over:
                return
            if self._asked_for.is_set():
                self._asked_for.clear()
                pause_s = PAUSE_MIN_S / 2
            self._ask()
            pause_s = min(2 * pause_s, PAUSE_MAX_S)

    def _ask(self) -> None:
        """An engine that was away has to make a sandbox; one that answers has to say that it could."""
        try:
            if self.is_open:
                self._engine.describe()
            else:
                self._engine.try_out()
        except BackendUnavailable as problem:
            self._close(str(problem))
            return
        except OurFailure as problem:
            _LOG.warning("The sandbox engine gave an answer that says nothing of it: %s", problem)
            return
        self._open_again()
        try:
            self._engine.sweep(self._live_owners)
        except OurFailure as problem:
            _LOG.warning("What no sandbox uses was not cleared away: %s", problem)

    def _close(self, problem: str) -> None:
        with self._lock:
            was_open = self.is_open
            self._problem, self._answered_at = problem, self._clock()
            self._open.clear()
        if was_open:
            _LOG.error("This worker takes no runs: %s", problem)
        self._tap.close()
        if was_open:
            self._turned()

    def _open_again(self) -> None:
        with self._lock:
            was_open = self.is_open
            self._problem, self._answered_at = "", self._clock()
            self._open.set()
        if not was_open:
            _LOG.warning("The sandbox engine makes sandboxes again; this worker takes runs.")
        self._tap.open()
        if not was_open:
            self._turned()
