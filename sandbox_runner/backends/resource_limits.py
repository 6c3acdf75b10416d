"""What a sandbox may use, on every backend. Pure. MB means 1024 KB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.limits import KB, MB, PROCESSES_AND_THREADS_MAX

if TYPE_CHECKING:
    from .base import SandboxSpec

HOSTNAME: Final = "sandbox"
# When the machine runs out of memory, a sandbox is killed before any worker.
OOM_SCORE_ADJ: Final = 500
# The supervisor is one process with one thread.
PIDS: Final = PROCESSES_AND_THREADS_MAX + 1
# Short, so that a small share is spread evenly: with the kernel's 100 ms, 128 MB would pause for 93 ms at a time.
# The kernel accepts no share under 1 ms, see sched-bwc in its documentation.
CPU_PERIOD_US: Final = 20_000
_CPU_QUOTA_US_MIN: Final = 1_000
# For the supervisor: its pipes and the connections to its Runtime API. It gives the function Lambda's 1,024.
DESCRIPTORS: Final = 4096
# A core file pattern that names a program would run it outside the sandbox at any limit except 1, see core(5).
CORE_BYTES: Final = 1
# As recorded inside the service: localstack/localstack tests/aws/services/lambda_/test_lambda.snapshot.json,
# test_runtime_ulimits.
MEMLOCK_BYTES: Final = 64 * KB
STACK_BYTES: Final = 8 * MB

# The function's files are written at the first path and read at the second, a read-only mount of the same file system,
# so that writing fails with EROFS as on Lambda. Only root can enter the folder around the first, because the files' own
# modes stop nobody from writing, see write_task_files in guest/task_files.py.
_STORE: Final = "/run/store"
TASK_STORE: Final = f"{_STORE}/task"
TASK_ROOT: Final = "/var/task"
TASK_MB: Final = 16
TASK_INODES: Final = 4096
RUN_MB: Final = 1
RUN_INODES: Final = 256
_STORE_KB: Final = 4
_STORE_INODES: Final = 2

# One inode per 16 KB, as mke2fs creates them, see inode_ratio in mke2fs.conf(5). Without a limit, a million empty files
# would exhaust the sandbox's memory instead of filling /tmp.
_BYTES_PER_INODE: Final = 16 * KB
# What the kernel uses for a tmpfs inode and its name; measured at 1.1 KB.
_INODE_KB: Final = 2
# The supervisor: interpreter, an answer and its copies on the way to the wire, waiting output, page tables and kernel
# stacks of 1,024 threads.
_SUPERVISOR_MB: Final = 128


def tmp_inodes(tmp_mb: int) -> int:
    """How many files and folders ``/tmp`` may hold."""
    return tmp_mb * MB // _BYTES_PER_INODE


def cpu_quota_us(processors: float) -> int:
    """Microseconds of processor time per :data:`CPU_PERIOD_US`. The supervisor's share comes out of it too."""
    return max(_CPU_QUOTA_US_MIN, round(processors * CPU_PERIOD_US))


def memory_mb(spec: SandboxSpec) -> int:
    """The memory of the whole sandbox: the function's, the capacity of its tmpfs, and the supervisor's own.

    Pages of a tmpfs count as memory of the sandbox, so a full ``/tmp`` must not reduce the function's memory. The
    supervisor enforces the function's own limit; this is the limit behind it.
    """
    inodes = tmp_inodes(spec.tmp_mb) + TASK_INODES + RUN_INODES
    return spec.memory_mb + spec.tmp_mb + TASK_MB + RUN_MB + inodes * _INODE_KB // KB + _SUPERVISOR_MB


def writable(spec: SandboxSpec) -> dict[str, str]:
    """Every writable place, with its size, number of files and mode in tmpfs(5) syntax.

    Nested places come after their parents.
    """
    return {
        "/tmp": _tmpfs(spec.tmp_mb * KB, tmp_inodes(spec.tmp_mb), "1777"),  # noqa: S108 - the sandbox's own
        "/run": _tmpfs(RUN_MB * KB, RUN_INODES, "0755"),
        _STORE: _tmpfs(_STORE_KB, _STORE_INODES, "0700"),
        TASK_STORE: _tmpfs(TASK_MB * KB, TASK_INODES, "0755"),
    }


def _tmpfs(size_kb: int, inodes: int, mode: str) -> str:
    return f"size={size_kb}k,nr_inodes={inodes},mode={mode}"
