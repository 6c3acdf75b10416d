"""Code from a folder, for scenarios that name one: text files only, bounded, no links followed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.yaml_reader import shown

# What tools leave beside code and no function needs.
_LEFT_OUT = frozenset({"__pycache__", "node_modules"})


def read_directory(directory: Path) -> dict[str, str]:
    """Every text file below ``directory`` by its relative path; hidden files and caches are left out.

    :raises ScenarioError: it is no folder, or holds links, binary files, or more than a scenario may.
    """
    if not directory.is_dir():
        raise ScenarioError(f"function.directory {shown(str(directory))} is no folder; name one beside the scenario")
    files: dict[str, str] = {}
    for folder, names, entries in os.walk(directory, followlinks=False):
        names[:] = sorted(name for name in names if _wanted(name))
        for name in sorted(filter(_wanted, entries + [each for each in names if Path(folder, each).is_symlink()])):
            path = Path(folder, name)
            files[path.relative_to(directory).as_posix()] = _text(path)
            if len(files) > limits.FILES_MAX:
                raise ScenarioError(f"function.directory has more than {limits.FILES_MAX} files; name a smaller folder")
    return files


def _wanted(name: str) -> bool:
    return not name.startswith(".") and name not in _LEFT_OUT


def _text(path: Path) -> str:
    name = shown(path.name)
    # Opened before it is looked at, and never through a link: what is checked is what is read.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        raise ScenarioError(
            f"function.directory: {name} cannot be read ({problem.strerror}); links are not followed"
        ) from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ScenarioError(f"function.directory: {name} is no regular file; take it out")
        data = file.read(limits.FILE_BYTES_MAX + 1)
    if len(data) > limits.FILE_BYTES_MAX:
        raise ScenarioError(f"function.directory: {name} is over {limits.FILE_BYTES_MAX // limits.KB} KB; split it")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ScenarioError(f"function.directory: {name} is not UTF-8 text; take it out") from None
