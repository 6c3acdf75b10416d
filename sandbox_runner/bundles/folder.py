"""Reads a folder of this machine; links are never followed."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.bundles.bundle import PACKAGES, Bundle, Entry, LeftOut, checked, shown_path
from sandbox_runner.bundles.zip_archive import read_zip
from sandbox_runner.errors import ScenarioError, UsageError
from sandbox_runner.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def zip_bytes_max(environment: Mapping[str, str] = os.environ) -> int:
    """How large a zip may be here: what Lambda takes in a request, or what ``HOLDOVER_ARCHIVE_MB`` says.

    :raises UsageError: the variable is no number of MB.
    """
    written = environment.get("HOLDOVER_ARCHIVE_MB", "")
    if not written:
        return limits.ARCHIVE_BYTES_MAX
    most = limits.UNZIPPED_BYTES_MAX // limits.MB
    if not written.isdecimal() or not 1 <= int(written) <= most:
        raise UsageError(f"HOLDOVER_ARCHIVE_MB is {written!r}; write how many MB a zip may have, from 1 to {most}")
    return int(written) * limits.MB


def read_path(path: Path, *, is_layer: bool = False) -> Bundle:
    """The files of a folder, or of a zip, which is read as a whole.

    :param is_layer: whether it is one for ``/opt``, see :func:`.zip_archive.read_zip`.

    :raises ScenarioError: it is neither, or holds what no scenario can have.
    """
    return _folder(path, is_layer=is_layer) if path.is_dir() else _zip(path, is_layer=is_layer)


def _zip(path: Path, *, is_layer: bool) -> Bundle:
    try:
        file = path.open("rb")
    except OSError as problem:
        raise ScenarioError(
            say("bundle-unreadable", name=shown_path(path.name), reason=problem.strerror or "")
        ) from None
    try:
        return replace(read_zip(file, is_layer=is_layer, bytes_max=zip_bytes_max()), close=file.close)
    except ScenarioError:
        file.close()
        raise


def _folder(path: Path, *, is_layer: bool) -> Bundle:
    def read(entry: Entry) -> bytes:
        return _content(path / entry.path, entry)

    left_out = LeftOut(PACKAGES if is_layer else frozenset())
    return checked(_entries(path, left_out), read, left_out)


def _entries(top: Path, left_out: LeftOut) -> Iterator[Entry]:
    count = 0
    for folder, names, files in os.walk(top, followlinks=False):
        for name in [name for name in names if left_out.leaves_out(name) or name.startswith(".")]:
            # Not even walked through: there may be 100,000 files in it.
            left_out.folders[name] += 0
            names.remove(name)
        links = [name for name in names if Path(folder, name).is_symlink()]
        for name in sorted([*files, *links]):
            count += 1
            if count > limits.ARCHIVE_ENTRIES_MAX:
                raise ScenarioError(say("archive-too-many-files", files=count, most=limits.ARCHIVE_ENTRIES_MAX))
            path = Path(folder, name)
            found = path.lstat()
            relative = path.relative_to(top).as_posix()
            yield Entry(relative, found.st_size, bool(found.st_mode & 0o111), stat.S_ISREG(found.st_mode))
        names.sort()


def _content(path: Path, entry: Entry) -> bytes:
    """What is in the file; opened before it is checked, so that the file checked is the file read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        reason = problem.strerror or ""
        raise ScenarioError(say("bundle-unreadable", name=shown_path(entry.path), reason=reason)) from None
    with os.fdopen(descriptor, "rb") as file:
        is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        data = file.read(entry.size + 1) if is_regular else b""
    if not is_regular or len(data) != entry.size:
        raise ScenarioError(say("bundle-changed", path=shown_path(entry.path)))
    return data
