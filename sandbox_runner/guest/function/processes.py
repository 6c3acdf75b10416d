"""The function's processes: everything in this pid namespace except the supervisor.

Signals go to pid -1, which from process 1 of a namespace means all others in it, including descendants in nested
namespaces. The kernel delivers it under the lock that also guards forking, so no fork escapes. Outside its own
namespace this would hit the whole machine: everything here refuses unless the supervisor is process 1.

Limits: descriptors as on Lambda. The number of processes is limited by the sandbox (its pids limit), because
RLIMIT_NPROC counts a uid across all sandboxes of a machine.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html for the limits; kill(2), wait(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

UID: Final = 993
GID: Final = 990
TASK_ROOT: Final = "/var/task"
# The same file system, at its writable mount, for us.
TASK_STORE: Final = "/run/store/task"

_PROC: Final = "/proc"
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
# Of a thousand processes so many say how busy they are.
_READ_MAX: Final = 64
_FILE_DESCRIPTORS_MAX: Final = 1024
_STACK_BYTES: Final = 8 * 1024 * 1024
_LOCKED_BYTES: Final = 64 * 1024
# include/uapi/asm-generic/resource.h; Python has no name for it.
_RLIMIT_MSGQUEUE: Final = 12
# A stop takes microseconds; a process in an uninterruptible call cannot be waited for, and runs no user code either.
_STOP_WAIT_S: Final = 0.05
# Ending a process of 10 GB takes a second or two; longer means a machine in trouble.
_KILL_WAIT_S: Final = 10.0
# A thousand spinning processes compete for processors with the supervisor that has to end them. With equal priority it
# could wait for seconds; each of these has a tenth of its weight, see sched(7).
_NICENESS: Final = 10
_OOM_SCORE: Final = "/proc/self/oom_score_adj"
_OOM_SCORE_MAX: Final = 1000
# Stopped, traced, dead: states in which nothing runs until someone outside says so.
_AT_REST: Final = frozenset("TtZXx")


class StillAliveError(Exception):
    """Processes survived being killed for longer than they should."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a process in ``folder``; ``inherited`` are its descriptors besides 0, 1 and 2."""

    command: Sequence[str]
    environment: Mapping[str, str]
    stdout: int
    stderr: int
    inherited: Sequence[int]
    folder: str = TASK_ROOT
    gives_way: bool = True


class Processes:
    """Starts, stops, continues, kills and reaps. ``exit_status`` is the runtime's wait status once it has ended."""

    def __init__(self) -> None:
        self.exit_status: int | None = None
        self._runtime = 0
        self._runtime_stopped = False
        # How many processes the last stop found.
        self.stopped = 0
        # Wait statuses of the processes beside the runtime, once they have ended; none while they run.
        self._beside: dict[int, int | None] = {}
        # High-water mark of the runtime's resident memory in KB, as the kernel keeps it.
        self.runtime_peak_kb = 0

    @property
    def running(self) -> bool:
        """Whether there is a runtime process that has not ended."""
        return self._runtime > 0 and self.exit_status is None

    @property
    def runtime(self) -> str:
        """The runtime's process id, ``0`` if there is none."""
        return str(self._runtime)

    def start(self, launch: Launch) -> None:
        """Start the runtime under the function's uid, in its own session.

        :raises OSError: it cannot be started.
        """
        self.exit_status, self._runtime_stopped, self.runtime_peak_kb = None, False, 0
        self._runtime = _start(launch)

    def start_beside(self, launch: Launch) -> int:
        """Start another process in the same way; returns its pid.

        :raises OSError: it cannot be started.
        """
        pid = _start(launch)
        self._beside[pid] = None
        return pid

    def take_ended(self, pid: int) -> int | None:
        """The wait status of a process beside the runtime, once: when it has ended."""
        status = self._beside.get(pid)
        if status is not None:
            del self._beside[pid]
        return status

    def stop_all(self) -> int:
        """Stop every process and verify that none runs; returns how many there are."""
        _signal_all(signal.SIGSTOP)
        give_up = time.monotonic() + _STOP_WAIT_S
        pause = 0.0
        while True:
            found = process_ids()
            if self._at_rest(found) or time.monotonic() > give_up:
                self.stopped = len(found)
                return self.stopped
            time.sleep(pause)
            pause = 0.000_2
            # A process still running may have continued another.
            _signal_all(signal.SIGSTOP)

    def continue_all(self) -> None:
        """Continue every process."""
        self._runtime_stopped = False
        if self.stopped == 1 and self.running:
            # Nobody can have joined while everything was stopped; a signal to all makes the kernel check every process
            # of the machine.
            _require_namespace()
            os.kill(self._runtime, signal.SIGCONT)
        else:
            _signal_all(signal.SIGCONT)

    def terminate_runtime(self) -> None:
        """Ask the runtime to end.

        The signal goes to its first thread: of several that a thaw has just woken the kernel takes any, and a Python
        runtime, which waits for the next event on another thread, would not notice it there.
        """
        if self.running:
            ctypes.CDLL(None).tgkill(self._runtime, self._runtime, signal.SIGTERM)

    def kill_runtime(self) -> None:
        """Kill the runtime and what is still in its session's process group."""
        if self._runtime > 0:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._runtime, signal.SIGKILL)

    def kill_all(self) -> int:
        """Kill every process and reap it; returns how many there were.

        :raises StillAliveError: some are still there after a long wait.
        """
        found = process_ids()
        give_up = time.monotonic() + _KILL_WAIT_S
        pause = 0.000_1
        while True:
            _signal_all(signal.SIGKILL)
            self.reap()
            if not process_ids():
                self._runtime = 0
                self._beside.clear()
                return len(found)
            if time.monotonic() > give_up:
                raise StillAliveError(f"{len(process_ids())} processes survive SIGKILL")
            time.sleep(pause)
            pause = min(pause * 2, 0.01)

    def reap(self) -> None:
        """Record every process that ended, including orphans."""
        while True:
            try:
                ended, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not ended:
                return
            self._note_end(ended, status, used)

    def _note_end(self, ended: int, status: int, used: resource.struct_rusage) -> None:
        if ended == self._runtime:
            self.exit_status = status
            self.runtime_peak_kb = max(self.runtime_peak_kb, used.ru_maxrss)
        elif ended in self._beside:
            self._beside[ended] = status

    def _at_rest(self, found: Sequence[str]) -> bool:
        runtime = str(self._runtime)
        return all(self._runtime_at_rest() if pid == runtime else is_at_rest(pid) for pid in found)

    def _runtime_at_rest(self) -> bool:
        """One call for all its threads: the kernel reports a stop to the parent once the last of them has stopped."""
        if self._runtime_stopped or not self.running:
            return True
        try:
            ended, status, used = os.wait4(self._runtime, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            return True
        if not ended:
            return False
        self.runtime_peak_kb = max(self.runtime_peak_kb, used.ru_maxrss)
        if os.WIFSTOPPED(status):
            self._runtime_stopped = True
        else:
            self._note_end(ended, status, used)
        return True

    def keep_stopped(self) -> None:
        """While frozen: stop processes that were continued from inside, for instance by a timer that sends SIGCONT."""
        if not all(is_at_rest(pid) for pid in process_ids()):
            _signal_all(signal.SIGSTOP)


def _start(launch: Launch) -> int:
    _require_namespace()
    with children_die_first():
        process = subprocess.Popen(
            list(launch.command),
            env=dict(launch.environment),
            cwd=launch.folder,
            stdin=subprocess.DEVNULL,
            stdout=launch.stdout,
            stderr=launch.stderr,
            pass_fds=tuple(launch.inherited),
            start_new_session=True,
            user=UID,
            group=GID,
            extra_groups=[],
            umask=0o022,
            preexec_fn=give_way if launch.gives_way else None,  # noqa: PLW1509 - the supervisor has one thread
        )
    # Only waited for here: keeps the object from checking a pid that may have been reused.
    process.returncode = 0
    return process.pid


def give_way() -> None:
    """In the child, before it becomes the runtime: lower the priority, which its descendants inherit."""
    os.nice(_NICENESS)


@contextlib.contextmanager
def children_die_first() -> Iterator[None]:
    """Have children forked meanwhile killed before the supervisor when memory runs out: the highest score goes first.

    A child cannot raise its own score: the file belongs to root until it has executed another program. Lowering it
    again is allowed down to the sandbox's initial value, see proc_pid_oom_score_adj(5).
    """
    before = _write_oom_score(str(_OOM_SCORE_MAX))
    try:
        yield
    finally:
        if before:
            _write_oom_score(before)


def _write_oom_score(score: str) -> str:
    """Set the supervisor's own score; returns the previous one, empty if there is none."""
    try:
        with open(_OOM_SCORE, "r+", encoding="ascii") as file:  # noqa: PTH123 - one descriptor to read and to write
            before = file.read().strip()
            file.seek(0)
            file.write(score)
    except OSError:
        return ""
    return before


def process_ids() -> list[str]:
    """The pids of every process but the supervisor."""
    return [name for name in os.listdir(_PROC) if name[0] in "123456789" and name != "1"]  # noqa: PTH208 - at every freeze


def worked_us() -> int:
    """The processor time of every process but the supervisor, and of children that they have waited for."""
    ticks = sum(map(_ticks, process_ids()[:_READ_MAX]))
    return ticks * 1_000_000 // _TICKS_PER_S


def _ticks(pid: str) -> int:
    """See proc(5), ``utime`` to ``cstime``; a process that is gone has none."""
    try:
        with open(f"{_PROC}/{pid}/stat", "rb") as file:  # noqa: PTH123 - at every freeze
            return sum(map(int, file.read().rpartition(b")")[2].split()[11:15]))
    except OSError:
        return 0


def is_at_rest(pid: str) -> bool:
    """Whether no thread of a process runs or could; a process that is gone is at rest."""
    try:
        threads = os.listdir(f"{_PROC}/{pid}/task")  # noqa: PTH208 - at every freeze
        return all(_state(f"{_PROC}/{pid}/task/{thread}/stat") in _AT_REST for thread in threads)
    except OSError:
        return True


def limit_resources() -> None:
    """Set the limits that the function's processes inherit from the supervisor. None is ever raised."""
    for kind, soft, hard in (
        (resource.RLIMIT_NOFILE, _FILE_DESCRIPTORS_MAX, _FILE_DESCRIPTORS_MAX),
        (resource.RLIMIT_STACK, _STACK_BYTES, resource.RLIM_INFINITY),
        (resource.RLIMIT_MEMLOCK, _LOCKED_BYTES, _LOCKED_BYTES),
        # Lambda allows core files; here a core pattern of the host would receive them.
        (resource.RLIMIT_CORE, 0, 0),
        # A queue would outlive the function's processes, invisibly if none is mounted.
        (_RLIMIT_MSGQUEUE, 0, 0),
    ):
        _, now_hard = resource.getrlimit(kind)
        ceiling = _lower(hard, now_hard)
        resource.setrlimit(kind, (_lower(soft, ceiling), ceiling))


def _lower(one: int, other: int) -> int:
    if resource.RLIM_INFINITY in (one, other):
        return other if one == resource.RLIM_INFINITY else one
    return min(one, other)


def _state(path: str) -> str:
    """The one-letter state in a ``stat`` file; it follows the name, which may contain anything."""
    text = Path(path).read_bytes()
    after = text.rfind(b")") + 2
    return chr(text[after]) if after < len(text) else "X"


def _signal_all(number: signal.Signals) -> None:
    _require_namespace()
    try:
        os.kill(-1, number)
    except ProcessLookupError:
        return


def _require_namespace() -> None:
    if os.getpid() != 1:
        raise RuntimeError("the supervisor handles processes only as process 1 of a namespace of its own")
