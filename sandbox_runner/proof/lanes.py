"""How many replays are played side by side: many where they wait, as many as there are processors where they compute.

How busy a request of the run kept a processor says how many to begin with. A replay that takes as long beside others
as its requests took in the run leaves the machine room for more of them.
All proofs of an engine share what there is, and none is given memory that the machine does not have.
Answers come first: while somebody waits for some, one processor is left to them (:meth:`Lanes.beginning`).
"""

from __future__ import annotations

import asyncio
import math
import os
import statistics
from collections import deque
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

# A replay that is shorter is over before one more sandbox is there to play beside it.
WORTH_A_SANDBOX_S: Final = 0.3
# What a replay takes beside its requests: files are written, and the sandbox is wiped.
BESIDE_S: Final = 0.05
FIRST: Final = 4
# Beside others it may take so much longer and is still waiting most of the time; over the second it competes.
WAITING: Final = 1.25
COMPETING: Final = 1.5
# How long a sandbox takes to start, until some were started, and of how many of the last ones that is said.
START_S: Final = 0.1
_STARTS: Final = 9
# Of the memory that is free now; sandboxes of runs that begin meanwhile need some too.
MEMORY_SHARE: Final = 0.5
_MEMORY: Final = Path("/proc/meminfo")
_PROCESSORS: Final = Path("/proc/stat")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def free_memory_mb() -> int:
    """What the machine could give to new processes; see proc(5), ``MemAvailable``."""
    for line in _MEMORY.read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // limits.KB
    return 0


def worked_s() -> float:
    """For how long the machine's processors have worked, all together; see proc_stat(5)."""
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(int, _PROCESSORS.read_text().split()[1:9])
    return (user + nice + system + irq + softirq) / _TICKS


class Lanes:
    """What the proofs of one engine share."""

    def __init__(
        self,
        processors: int | None = None,
        free_mb: Callable[[], int] = free_memory_mb,
        worked: Callable[[], float] = worked_s,
    ) -> None:
        self.processors = processors or os.cpu_count() or 1
        self.worked_s = worked
        self._free_mb = free_mb
        self._proofs = 0
        self._starts_s: deque[float] = deque(maxlen=_STARTS)
        self._answering = self._beginning = 0
        self._waiting: deque[asyncio.Event] = deque()
        # Of each run that goes on, whether it is proven.
        self._runs: list[bool] = []
        self._time_for_others = asyncio.Event()
        self._time_for_others.set()

    @contextmanager
    def running(self, *, proven: bool) -> Iterator[None]:
        """A run goes on for as long as the block lasts; ``proven`` says whether its verdict will be."""
        self._runs.append(proven)
        self._note_runs()
        try:
            yield
        finally:
            self._runs.remove(proven)
            self._note_runs()

    async def time_for_others(self) -> None:
        """Wait while one run is proven and no other goes on: what the next one needs would only slow it down."""
        await self._time_for_others.wait()

    def _note_runs(self) -> None:
        if self._runs == [True]:
            self._time_for_others.clear()
        else:
            self._time_for_others.set()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Somebody waits for the answers of a run for as long as the block lasts."""
        self._answering += 1
        try:
            yield
        finally:
            self._answering -= 1
            self._let_begin()

    @asynccontextmanager
    async def beginning(self, own: int = 0) -> AsyncIterator[None]:
        """A sandbox of a replay is started, or a function is loaded there, for as long as the block lasts.

        That is when a replay that waits needs a processor. While somebody waits for answers, one processor is left to
        them, and replays that find no other begin in turn. One always may, so no proof stands still.

        :param own: how many of those who wait for answers wait for the run that the replay is of.
        """
        while self._answering > own and self._beginning >= max(1, self.processors - 1):
            turn = asyncio.Event()
            self._waiting.append(turn)
            try:
                await turn.wait()
            except BaseException:
                # Whoever is next has the turn that came too late.
                if turn.is_set():
                    self._let_begin()
                else:
                    self._waiting.remove(turn)
                raise
        self._beginning += 1
        try:
            yield
        finally:
            self._beginning -= 1
            self._let_begin()

    def _let_begin(self) -> None:
        """Wake as many as may begin now."""
        room = max(1, self.processors - 1) - self._beginning if self._answering else len(self._waiting)
        for _ in range(min(max(0, room), len(self._waiting))):
            self._waiting.popleft().set()

    def note_start(self, _backend: str, started: bool, took_s: float) -> None:
        """Learn how long a sandbox takes to start."""
        if started:
            self._starts_s.append(took_s)

    def worth_starting(self, takes_s: float) -> int:
        """How many sandboxes play a dozen replays soonest, where each takes so long.

        They are started by the same processors, so the more there are the later the last one is ready, and those of
        other runs take their part of it. The quickest start says what one costs a processor; others waited for each
        other.
        """
        runs = max(1, self._proofs + self._answering)
        start_s, most = min(self._starts_s, default=START_S) * runs / self.processors, limits.REPLAYS_AT_ONCE_MAX
        return min(range(1, most + 1), key=lambda count: count * start_s + math.ceil(most / count) * takes_s)

    @contextmanager
    def taken(self, memory_mb: int, busy: float | None = None) -> Iterator[Pace]:
        """The pace of one proof for as long as the block lasts.

        :param memory_mb: of each sandbox.
        :param busy: how many processors a request of the run kept busy; ``None`` where that is not known.
        """
        self._proofs += 1
        try:
            yield Pace(self, memory_mb, FIRST if not busy else max(FIRST, int(self.processors / busy)))
        finally:
            self._proofs -= 1

    def most(self, memory_mb: int) -> int:
        """The replays that one proof may play at once."""
        proofs = max(1, self._proofs)
        fitting = int(self._free_mb() * MEMORY_SHARE) // memory_mb // proofs
        return max(1, min(limits.REPLAYS_AT_ONCE_MAX, limits.REPLAYS_AT_ONCE_IN_ALL // proofs, fitting))

    def share(self) -> int:
        """The replays that compute which one proof may play at once; whoever waits for answers has a part too."""
        return max(1, self.processors // max(1, self._proofs + self._answering))


class Pace:
    """How many replays one proof plays at once; learns from how long they took."""

    def __init__(self, lanes: Lanes, memory_mb: int, first: int) -> None:
        self._lanes = lanes
        self._memory_mb = memory_mb
        self._wait = first
        # Found out by competing; what competed once is not tried again.
        self._compete = limits.REPLAYS_AT_ONCE_MAX
        self._one_at_a_time = False

    def asked_at_once(self, takes_s: float) -> int:
        """How many to ask for now, played at once or the half of them after the other half.

        What is asked for one after the other takes a proof at least three turns.
        """
        at_once, most = self.at_once(takes_s), limits.REPLAYS_AT_ONCE_MAX
        return most if 2 * at_once >= most else at_once

    def at_once(self, takes_s: float) -> int:
        """How many to play now, where each takes so long alone."""
        if self._one_at_a_time:
            return 1
        if takes_s < WORTH_A_SANDBOX_S:
            return min(self._lanes.share(), self._lanes.most(self._memory_mb))
        wait = min(self._wait, self._compete, self._lanes.worth_starting(takes_s))
        return min(max(wait, self._lanes.share()), self._lanes.most(self._memory_mb))

    def note(self, times: Sequence[tuple[float, float]]) -> None:
        """Learn from replays that were played at once: seconds that each should take alone, and that it took."""
        long = [(alone, took) for alone, took in times if alone >= WORTH_A_SANDBOX_S]
        if len(long) <= 1:
            return
        slower = statistics.median(took / (alone + BESIDE_S) for alone, took in long)
        if slower > COMPETING:
            self._compete = max(1, len(times) // 2)
        elif slower < WAITING:
            self._wait = max(self._wait, 2 * len(times))

    def slow_down(self) -> None:
        """One at a time from now on."""
        self._one_at_a_time = True
