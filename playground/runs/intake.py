"""Whether this worker takes runs: it stops while its sandbox engine is away, and resumes when it answers.

While it is closed, the queue is left to other workers, a message in hand is returned, and nothing is claimed.
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
# How often a working engine is checked.
ASK_S: Final = 5.0
PAUSE_MIN_S: Final = 0.5
PAUSE_MAX_S: Final = 10.0


class SandboxEngine(Protocol):
    """Makes sandboxes, such as :class:`sandbox_runner.run.engine.Engine`."""

    def describe(self) -> object:
        """:raises BackendUnavailable: it cannot make sandboxes."""
        ...

    def try_out(self) -> None:
        """:raises BackendUnavailable: it does not make one now."""
        ...

    def sweep(self, live_owners: Collection[str]) -> int:
        """:raises OurFailure: unused sandboxes could not be removed."""
        ...


class Tap(Protocol):
    """Controls the delivery of messages to this worker. Methods are called from any thread, repeatedly."""

    def close(self) -> None:
        """Stop the delivery."""
        ...

    def open(self) -> None:
        """Resume the delivery."""
        ...


@dataclass(frozen=True, slots=True)
class EngineReport:
    """The state of the engine: ``problem`` is empty if it answers, ``age_s`` is the age of this information."""

    problem: str
    age_s: float


class Intake:
    """Open while the engine can make sandboxes. A thread checks the engine and sweeps unused sandboxes.

    :param live_owners: whose sandboxes must stay.
    :param turned: called after closing or opening; must not raise.
    :param clock: monotonic seconds.
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
        """Start checking; the first time at once."""
        self._asked_for.set()
        self._thread.start()

    def stop(self) -> None:
        """Stop checking. A check in progress is waited for only briefly, because the engine may hang."""
        self._over = True
        self._asked_for.set()
        if self._thread.is_alive():
            self._thread.join(PAUSE_MIN_S)

    @property
    def is_open(self) -> bool:
        """Whether runs may be taken."""
        return self._open.is_set()

    def wait_open(self, limit_s: float) -> bool:
        """Wait at most that long until runs may be taken; returns whether they may."""
        return self._open.wait(limit_s)

    def report(self) -> EngineReport:
        """The state of the engine, and its age."""
        with self._lock:
            return EngineReport(self._problem, self._clock() - self._answered_at)

    def report_away(self, problem: str) -> None:
        """Called when a run found the engine away: take no more runs, and check the engine soon."""
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
        """An engine that was away has to make a sandbox; a working one only has to answer."""
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
