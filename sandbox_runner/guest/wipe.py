"""Make a sandbox as new between two replays: nothing of the last function is left for the next.

Called when every process of the function is dead. What user code made is removed by a child under its own uid, with
descriptors instead of paths, so that neither depth nor links nor modes lead anywhere; what we made, by us.
Kernel keyrings and POSIX queues that are not mounted have no list to empty; the backends deny both.

Source for the tables of System V objects: proc(5), `/proc/sysvipc`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path
from typing import Final

from .processes import TASK_STORE
from .sandbox_user import as_sandbox_user

_SHARED_FOLDERS: Final = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")
# A million entries at about ten microseconds each, and some.
_WAIT_S: Final = 30.0
_IPC_RMID: Final = 0
_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class NotCleanError(Exception):
    """Something of the last function is still there; the sandbox must be thrown away."""


def wipe() -> None:
    """Remove every file, System V object and queue of the function.

    :raises NotCleanError: something could not be removed.
    """
    if as_sandbox_user(_remove_own_things, wait_s=_WAIT_S, bytes_max=0) is None:
        raise NotCleanError("the sandbox could not be emptied")
    empty_folder(TASK_STORE)
    left = [folder for folder in (*_SHARED_FOLDERS, TASK_STORE) if _entries(folder)]
    if left or _ipc_objects():
        raise NotCleanError(f"still there after a wipe: {', '.join(left) or 'System V objects'}")


def empty_folder(folder: str) -> None:
    """Remove everything in ``folder``. Subfolders are moved up before they are emptied: depth is no obstacle."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        root = os.open(folder, _OPEN_FOLDER)
        try:
            _empty(root)
        finally:
            os.close(root)


def _empty(root: int) -> None:
    moved = 0
    pending = _unlink_files(root)
    while pending:
        name = pending.pop()
        os.chmod(name, 0o700, dir_fd=root)
        inner = os.open(name, _OPEN_FOLDER, dir_fd=root)
        try:
            for child in _unlink_files(inner):
                moved += 1
                # Moving a folder changes its "..", for which it must be writable.
                os.chmod(child, 0o700, dir_fd=inner)
                pending.append(_move_up(child, inner, root, moved))
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=root)


def _move_up(child: str, inner: int, root: int, number: int) -> str:
    name = f".wipe-{os.getpid()}-{number}"
    os.rename(child, name, src_dir_fd=inner, dst_dir_fd=root)
    return name


def _unlink_files(folder: int) -> list[str]:
    """Unlink whatever is no folder; return the folders."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=folder)
    return folders


def _remove_own_things() -> bytes:
    for folder in _SHARED_FOLDERS:
        empty_folder(folder)
    libc = ctypes.CDLL(None)
    for kind, number in _ipc_objects():
        if kind == "shm":
            libc.shmctl(number, _IPC_RMID, None)
        elif kind == "msg":
            libc.msgctl(number, _IPC_RMID, None)
        else:
            libc.semctl(number, 0, _IPC_RMID)
    return b""


def _ipc_objects() -> list[tuple[str, int]]:
    found = []
    for kind in ("shm", "msg", "sem"):
        with contextlib.suppress(OSError):
            rows = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
            found += [(kind, int(row.split()[1])) for row in rows]
    return found


def _entries(folder: str) -> list[str]:
    try:
        return [path.name for path in Path(folder).iterdir()]
    except OSError:
        return []
