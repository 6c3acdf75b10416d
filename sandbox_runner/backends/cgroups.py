"""A control group for one sandbox of the ``namespace`` backend, if this process may create one.

Without it, the kernel has no limit behind the supervisor's own memory limit and counts processes per user; the
backend's description says which of the two applies. Both layouts of control groups are supported:
https://docs.kernel.org/admin-guide/cgroup-v1/ and https://docs.kernel.org/admin-guide/cgroup-v2.html
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox_runner.limits import MB

from .resource_limits import CPU_PERIOD_US, PIDS, cpu_quota_us, memory_mb

if TYPE_CHECKING:
    from .base import SandboxSpec

ROOT: Final = Path("/sys/fs/cgroup")
PARENT: Final = "holdover"
_REMOVAL_SECONDS: Final = 2.0
# A group is briefly empty between its creation and the sandbox entering it.
_STRAY_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """One sandbox's group: a single folder, or one per controller in the old layout."""

    folders: tuple[Path, ...]

    @property
    def doors(self) -> list[str]:
        """The files a process writes its pid into to come under the limits."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    @property
    def views(self) -> dict[str, str]:
        """Where a process inside expects the kernel's counters of its group, and the folder that shows them."""
        if len(self.folders) == 1:
            return {"": str(self.folders[0])}
        return {folder.parent.parent.name: str(folder) for folder in self.folders}

    def remove(self) -> None:
        """Remove the group; blocks briefly until the kernel has seen the last process gone."""
        deadline = time.monotonic() + _REMOVAL_SECONDS
        for folder in self.folders:
            while not _removed(folder) and time.monotonic() < deadline:
                time.sleep(0.005)


def make_group(sandbox_id: str, spec: SandboxSpec, root: Path = ROOT) -> ControlGroup | None:
    """Create a group with the sandbox's limits; None if this process may not."""
    memory, pids = str(memory_mb(spec) * MB), str(PIDS)
    unified = {"memory.max": memory, "memory.swap.max": "0", "memory.oom.group": "0", "pids.max": pids}
    by_controller = {
        "memory": {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory},
        "pids": {"pids.max": pids},
    }
    if spec.processors is not None:
        period, quota = str(CPU_PERIOD_US), str(cpu_quota_us(spec.processors))
        unified["cpu.max"] = f"{quota} {period}"
        by_controller["cpu"] = {"cpu.cfs_period_us": period, "cpu.cfs_quota_us": quota}
    made: list[Path] = []
    try:
        if (root / "cgroup.controllers").exists():
            _open_controllers(root, "+memory +pids" if spec.processors is None else "+memory +pids +cpu")
            made.append(_make(root / PARENT / sandbox_id, unified))
        else:
            for controller, limits in by_controller.items():
                made.append(_make(root / controller / PARENT / sandbox_id, limits))
    except OSError:
        ControlGroup(tuple(made)).remove()
        return None
    return ControlGroup(tuple(made))


def stray_groups(root: Path = ROOT) -> list[ControlGroup]:
    """Groups without processes, of sandboxes whose host died."""
    folders = [folder for parent in (root, *root.glob("*/")) for folder in (parent / PARENT).glob("*/")]
    return [ControlGroup((folder,)) for folder in folders if _is_stray(folder)]


def _open_controllers(root: Path, wanted: str) -> None:
    (root / PARENT).mkdir(exist_ok=True)
    for folder in (root, root / PARENT):
        (folder / "cgroup.subtree_control").write_text(wanted)


def _make(folder: Path, limits: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, value in limits.items():
        # Not every kernel has every file; the first of each layout is the essential one.
        if (folder / name).exists():
            (folder / name).write_text(value)
    return folder


def _is_stray(folder: Path) -> bool:
    try:
        old = time.time() - folder.stat().st_mtime > _STRAY_SECONDS
        return old and not (folder / "cgroup.procs").read_text()
    except OSError:
        return False


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
