"""Wipes a sandbox between two replays: nothing of the last function is left for the next.

Called when every process of the function is dead. What user code created is removed by a child under its own uid, with
descriptors instead of paths, so that depth, links and modes do not matter; what we created, by us. What a process
holds, including sockets and descriptors, ended with it. POSIX message queues cannot be created, because their limit is
zero (:func:`.processes.limit_resources`): where none is mounted there is no list to empty.

Sources: proc(5), `/proc/sysvipc`, for the tables of System V objects; keyctl(2) for the user's keyrings.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
from pathlib import Path
from typing import Final

from .processes import TASK_STORE
from .sandbox_user import as_sandbox_user

_SHARED_FOLDERS: Final = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")
# A million entries at about ten microseconds each, with a margin.
_WAIT_S: Final = 30.0
_IPC_RMID: Final = 0
# The system call's number, by machine; https://docs.kernel.org/security/keys/core.html for its commands.
_SYS_KEYCTL: Final = {"x86_64": 250, "aarch64": 219}
_KEYCTL_CLEAR: Final = 7
_KEYCTL_GET_PERSISTENT: Final = 22
_PROCESS_KEYRING: Final = -2
_USER_KEYRINGS: Final = (-3, -4, -5)
# No such keyring, no keyrings in this kernel, or none that this sandbox may use: nothing can be in them.
_NO_KEYRINGS: Final = (errno.ENOKEY, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)
_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class NotCleanError(Exception):
    """Something of the last function is left; the sandbox must be discarded."""


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
    """Remove everything in ``folder``. Subfolders are moved up before they are emptied, so depth does not matter."""
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
    """Unlink everything that is not a folder; return the folders."""
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
    _empty_keyrings()
    return b""


def _empty_keyrings() -> None:
    """The user's keyrings outlive its processes: those of the session and the user, and the persistent one."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = _SYS_KEYCTL.get(platform.machine())
    if number is None:
        raise NotCleanError(f"no number is known for keyctl on {platform.machine()}")
    persistent = libc.syscall(number, _KEYCTL_GET_PERSISTENT, -1, _PROCESS_KEYRING)
    for keyring in (*_USER_KEYRINGS, *([persistent] if persistent > 0 else [])):
        if libc.syscall(number, _KEYCTL_CLEAR, keyring) < 0 and ctypes.get_errno() not in _NO_KEYRINGS:
            raise NotCleanError(f"keyring {keyring} could not be emptied")


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
