"""Measures the function's memory, and detects whether it was killed for it.

Used memory is the resident unshared memory of all its processes plus the largest shared part of any, sampled while it
runs; a page that forked processes still share counts once. The runtime's own high-water mark comes from the kernel. The
sandbox's own limit kills at once; where it has none, or leaves room for the supervisor, the sampler detects that the
function's limit is exceeded.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from .processes import process_ids
from .sandbox_user import as_sandbox_user

_PAGE_KB: Final = os.sysconf("SC_PAGE_SIZE") // 1024
_CGROUP: Final = Path("/sys/fs/cgroup")
_OOM_COUNTERS: Final = (_CGROUP / "memory.events", _CGROUP / "memory" / "memory.oom_control")
_STATISTICS: Final = (_CGROUP / "memory.stat", _CGROUP / "memory" / "memory.stat")
# Anonymous memory, in the new and the old layout of control groups.
_ANONYMOUS: Final = re.compile(r"^(?:anon|total_rss) (\d+)$", re.MULTILINE)
_OOM_KILL: Final = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
# Without a kernel counter: a process killed this close to the limit was killed for memory.
_NEARLY: Final = 0.9
_PSS_ANON: Final = re.compile(rb"^Pss_Anon: +(\d+) kB$", re.MULTILINE)
_READ_MAX: Final = 128
_COUNT_S: Final = 0.1


class Memory:
    """Samples the memory of one environment. ``limit_kb`` is the function's memory size."""

    def __init__(self, limit_kb: int) -> None:
        self.limit_kb = limit_kb
        self.peak_kb = 0
        self._last_kb = 0
        self._oom_kills = _oom_kills()
        self.passed_limit = False

    def begin(self) -> None:
        """A new runtime process: reset the peak."""
        self.peak_kb = self._last_kb = 0
        self._oom_kills = _oom_kills()
        self.passed_limit = False

    def sample(self) -> bool:
        """Take a sample; true if the function exceeds its limit and must be killed."""
        pids = process_ids()
        # A sandbox with a thousand processes leaves no time to read them all.
        if len(pids) <= _READ_MAX or (used := _group_kb(pids[:1])) is None:
            used = _used_kb(pids)
            if used > self.peak_kb and len(pids) > 1 and (counted_once := _counted_once_kb(pids)) is not None:
                used = min(used, counted_once)
        self._last_kb = used
        self.peak_kb = max(self.peak_kb, self._last_kb)
        self.passed_limit = self._last_kb > self.limit_kb
        return self.passed_limit

    def was_out_of_memory(self, runtime_peak_kb: int) -> bool:
        """Whether a runtime killed by SIGKILL, not by us, was killed for its memory."""
        if self.passed_limit:
            return True
        kills = _oom_kills()
        if kills is not None:
            return kills > (self._oom_kills or 0)
        return max(self._last_kb, runtime_peak_kb) >= self.limit_kb * _NEARLY


def _used_kb(pids: list[str]) -> int:
    """The current use of these processes; pages shared after a fork count for each of them."""
    own = shared = 0
    for pid in pids:
        resident, sharing = _pages(pid)
        own += resident - sharing
        shared = max(shared, sharing)
    return (own + shared) * _PAGE_KB


def _counted_once_kb(pids: list[str]) -> int | None:
    """Their use with each shared page counted once; ``None`` if unknown."""
    grouped = _group_kb(pids)
    return _asked_kb(pids) if grouped is None else grouped


def _group_kb(pids: list[str]) -> int | None:
    """The control group's memory without the supervisor's, plus the largest shared part of any of ``pids``."""
    for path in _STATISTICS:
        if found := _ANONYMOUS.search(_read(path)):
            resident, sharing = _pages("self")
            shared = max((_pages(pid)[1] for pid in pids), default=0)
            return max(0, int(found[1]) // 1024 - (resident - sharing) * _PAGE_KB) + shared * _PAGE_KB
    return None


def _asked_kb(pids: list[str]) -> int | None:
    """The same, read from each process, if no control group is visible.

    Only the function's own user may see this, not the supervisor. If its child gets no answer, which other processes of
    that user can cause, the rougher and higher count must apply.
    """
    try:
        counted = as_sandbox_user(lambda: b"%d" % _sum_counted_once(pids), wait_s=_COUNT_S, bytes_max=20)
    except OSError:
        return None
    return None if counted is None else int(counted)


def _sum_counted_once(pids: list[str]) -> int:
    shared = max(_pages(pid)[1] for pid in pids) * _PAGE_KB
    return shared + sum(map(_anonymous_kb, pids))


def _anonymous_kb(pid: str) -> int:
    """A process's own memory, with its part of shared pages; all of it if it hides them."""
    try:
        found = _PSS_ANON.search(Path(f"/proc/{pid}/smaps_rollup").read_bytes())
    except OSError:
        found = None
    if found:
        return int(found[1])
    resident, sharing = _pages(pid)
    return (resident - sharing) * _PAGE_KB


def _pages(pid: str) -> tuple[int, int]:
    try:
        columns = Path(f"/proc/{pid}/statm").read_bytes().split()
    except OSError:
        return 0, 0
    return (int(columns[1]), int(columns[2])) if len(columns) > 2 else (0, 0)


def _oom_kills() -> int | None:
    """How often the kernel killed in this sandbox for memory; ``None`` if unreadable."""
    for path in _OOM_COUNTERS:
        if (text := _read(path)) and (found := _OOM_KILL.search(text)):
            return int(found[1])
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
