"""The content of ``/tmp``: a bounded walk over its regular files, while everything is frozen.

Only regular files are opened, no link is followed, and a file that its owner cannot read is skipped: the walk must
change nothing.
"""

from __future__ import annotations

import os
import stat
import time
from collections import deque
from pathlib import Path
from typing import Any, Final

from .sandbox_user import rights_of_sandbox_user

_ROOT: Final = "/tmp"
_ENTRIES_MAX: Final = 20_000
# One file may not use up the share of the others.
_FILE_BYTES_MAX: Final = 64 * 1024
_WAIT_S: Final = 2.0

Leaf = list[Any]


def walk_tmp(leaves_max: int, bytes_max: int) -> tuple[list[Leaf], bool]:
    """The leaves found, ``["tmp-file", path, path, "file", text, truncated]``, and whether the walk was cut short.

    Only while everything is frozen.
    """
    try:
        with rights_of_sandbox_user():
            return walk(_ROOT, leaves_max, bytes_max)
    except OSError:
        return [], True


def walk(root: str, leaves_max: int, bytes_max: int) -> tuple[list[Leaf], bool]:
    """The leaves below ``root`` by depth and name, and whether a limit ended the walk."""
    leaves: list[Leaf] = []
    folders = deque([root])
    entries = size = 0
    give_up = time.monotonic() + _WAIT_S
    while folders:
        for path, mode in _listed(folders.popleft()):
            entries += 1
            if stat.S_ISDIR(mode):
                folders.append(path)
            elif stat.S_ISREG(mode) and (leaf := _leaf(path, min(_FILE_BYTES_MAX, bytes_max - size))):
                leaves.append(leaf)
                size += len(path) + len(leaf[4])
            is_full = entries >= _ENTRIES_MAX or len(leaves) >= leaves_max or size >= bytes_max
            if is_full or time.monotonic() > give_up:
                return leaves, True
    return leaves, False


def _listed(folder: str) -> list[tuple[str, int]]:
    """Path and mode of everything in ``folder``, sorted; only the first entries if there are too many."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.path for entry, _ in zip(entries, range(_ENTRIES_MAX), strict=False))
        return [(name, Path(name).lstat().st_mode) for name in names]
    except OSError:
        return []


def _leaf(path: str, room: int) -> Leaf | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(descriptor, "rb") as file:  # noqa: PTH123 - opened without following links
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        data = file.read(max(0, room) + 1)
    name = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return ["tmp-file", name, name, "file", data[:room].decode("utf-8", "replace"), len(data) > room]
