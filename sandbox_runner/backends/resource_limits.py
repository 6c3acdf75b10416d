"""What a sandbox may use, whichever backend makes it; pure. MB means 1024 KB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.limits import KB, MB, PROCESSES_AND_THREADS_MAX

if TYPE_CHECKING:
    from .base import SandboxSpec

HOSTNAME: Final = "sandbox"
# When the machine runs out of memory, a sandbox goes before any worker does.
OOM_SCORE_ADJ: Final = 500
# The supervisor is one process with one thread.
PIDS: Final = PROCESSES_AND_THREADS_MAX + 1
# Short, so that a small share comes in small pieces: the kernel's own 100 ms would let 128 MB wait for 93 ms at once.
# The kernel gives no share under 1 ms, see sched-bwc in its documentation.
CPU_PERIOD_US: Final = 20_000
_CPU_QUOTA_US_MIN: Final = 1_000
# For the supervisor: its pipes and the connections to its Runtime API. It gives the function Lambda's 1,024.
DESCRIPTORS: Final = 4096
# A core file pattern that names a program would run it outside the sandbox at any limit but 1, see core(5).
CORE_BYTES: Final = 1
# As recorded inside the service: localstack/localstack tests/aws/services/lambda_/test_lambda.snapshot.json,
# test_runtime_ulimits.
MEMLOCK_BYTES: Final = 64 * KB
STACK_BYTES: Final = 8 * MB

# The function's files are written at the first place and read at the second, where the same file system is mounted
# once more and read-only: writing there fails as on Lambda, with EROFS. Nobody but root passes the folder around the
# first, because the files' own modes keep nobody from writing, see write_task_files in guest/task_files.py.
_STORE: Final = "/run/store"
TASK_STORE: Final = f"{_STORE}/task"
TASK_ROOT: Final = "/var/task"
TASK_MB: Final = 16
TASK_INODES: Final = 4096
RUN_MB: Final = 1
RUN_INODES: Final = 256
_STORE_KB: Final = 4
_STORE_INODES: Final = 2

# One inode for 16 KB, as mke2fs makes them, see inode_ratio in mke2fs.conf(5). Without a bound a million empty files
# would end the sandbox by memory instead of filling /tmp.
_BYTES_PER_INODE: Final = 16 * KB
# What the kernel keeps for a tmpfs inode and its name; seen at 1.1 KB.
_INODE_KB: Final = 2
# The supervisor: interpreter, an answer and its copies on the way to the wire, output that waits, page tables and
# kernel stacks of 1,024 threads.
_SUPERVISOR_MB: Final = 128


def tmp_inodes(tmp_mb: int) -> int:
    """How many files and folders ``/tmp`` may hold."""
    return tmp_mb * MB // _BYTES_PER_INODE


def cpu_quota_us(processors: float) -> int:
    """Microseconds of processor time for each period of :data:`CPU_PERIOD_US`. The supervisor lives off it too."""
    return max(_CPU_QUOTA_US_MIN, round(processors * CPU_PERIOD_US))


def memory_mb(spec: SandboxSpec) -> int:
    """The memory of the whole sandbox: the function's, what its tmpfs can hold, and the supervisor's own.

    Pages of a tmpfs count as memory of the sandbox, so ``/tmp`` filled to the brim must not take from the function.
    The function's own limit is kept by the supervisor; this is the wall behind it.
    """
    inodes = tmp_inodes(spec.tmp_mb) + TASK_INODES + RUN_INODES
    return spec.memory_mb + spec.tmp_mb + TASK_MB + RUN_MB + inodes * _INODE_KB // KB + _SUPERVISOR_MB


def writable(spec: SandboxSpec) -> dict[str, str]:
    """Every place that can be written to, with its size, number of files and mode as tmpfs(5) spells them.

    What is below another comes after it.
    """
    return {
        "/tmp": _tmpfs(spec.tmp_mb * KB, tmp_inodes(spec.tmp_mb), "1777"),  # noqa: S108 - the sandbox's own
        "/run": _tmpfs(RUN_MB * KB, RUN_INODES, "0755"),
        _STORE: _tmpfs(_STORE_KB, _STORE_INODES, "0700"),
        TASK_STORE: _tmpfs(TASK_MB * KB, TASK_INODES, "0755"),
    }


def _tmpfs(size_kb: int, inodes: int, mode: str) -> str:
    return f"size={size_kb}k,nr_inodes={inodes},mode={mode}"
