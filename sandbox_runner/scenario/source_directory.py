"""Reads a function's code from a folder: text files only, within limits, following no links."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import say
from sandbox_runner.runtimes import registry
from sandbox_runner.scenario.yaml_reader import shown

# What tools leave beside code and no function needs.
_LEFT_OUT = frozenset({"__pycache__", "node_modules"})


def read_directory(directory: Path, field: str) -> dict[str, str]:
    """Every text file below ``directory`` by relative path; hidden files and caches are skipped.

    :param field: the field of the scenario that names it.
    :raises ScenarioError: it is not a folder, or holds links, binary files, or more than a scenario may.
    """
    if not directory.is_dir():
        raise ScenarioError(say("directory-missing", field=field, name=shown(str(directory))))
    files: dict[str, str] = {}
    for folder, names, entries in os.walk(directory, followlinks=False):
        names[:] = sorted(name for name in names if _wanted(name))
        for name in sorted(filter(_wanted, entries + [each for each in names if Path(folder, each).is_symlink()])):
            path = Path(folder, name)
            files[path.relative_to(directory).as_posix()] = _text(path, field)
            if len(files) > limits.FILES_MAX:
                raise ScenarioError(say("directory-too-many-files", field=field, most=limits.FILES_MAX))
    return files


def _wanted(name: str) -> bool:
    return not name.startswith(".") and name not in _LEFT_OUT


def _text(path: Path, field: str) -> str:
    name = shown(path.name)
    # Opened before it is checked, and never through a link: the file checked is the file read.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        reason = problem.strerror or ""
        raise ScenarioError(say("directory-file-unreadable", field=field, name=name, reason=reason)) from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ScenarioError(say("directory-file-not-regular", field=field, name=name))
        data = file.read(limits.FILE_BYTES_MAX + 1)
    if len(data) > limits.FILE_BYTES_MAX:
        kb = limits.FILE_BYTES_MAX // limits.KB
        raise ScenarioError(say("directory-file-too-large", field=field, name=name, kb=kb))
    try:
        return registry.text_of(path.name, data)
    except UnicodeDecodeError:
        raise ScenarioError(say("directory-file-not-text", field=field, name=name)) from None
