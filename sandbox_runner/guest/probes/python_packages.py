"""Which modules are an installed package's and not the function's, and of which version: told by where their files are.

A package beside the function's own code is known by its ``.dist-info``; in a layer, in the runtime and in any
``site-packages`` everything is a package's. Folders are listed once, and nothing of a package is run.
"""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import suppress
from types import ModuleType
from typing import Any

from . import python_children
from .python_text import is_a

# Name and version; the version is empty where nobody says it.
Package = tuple[str, str]

_PLACES = re.compile(r"(?:.*/(?:site|dist)-packages|/opt/python|/var/runtime)/")
_INFO = re.compile(r"(.+?)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info")
_BYTES_MAX = 256 * 1024
_INFOS_MAX = 500
_open_code, _listdir = io.open_code, os.listdir


class Index:
    """What is installed, by folder; created before user code runs."""

    def __init__(self) -> None:
        self._task_root = os.environ.get("LAMBDA_TASK_ROOT", "/var/task").rstrip("/") + "/"
        self._folders: dict[str, dict[str, Package]] = {}

    def package_of(self, file: str) -> Package | None:
        """The package that a module's file belongs to; ``None`` for the function's own and the interpreter's."""
        found = _PLACES.match(file)
        folder = found[0] if found else self._task_root if file.startswith(self._task_root) else ""
        if not folder:
            return None
        top = file[len(folder) :].partition("/")[0].partition(".")[0]
        if folder not in self._folders:
            self._folders[folder] = _installed(folder)
        return self._folders[folder].get(top, (top, "") if found else None)


class Packages:
    """For one walk: what it learns of a class is only true for as long as the class is held."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[int, Package | None] = {}

    def of(self, value: Any) -> Package | None:
        """The package of the class that ``value`` is an instance of."""
        kind = type(value)
        number = id(kind)
        if number not in self._known:
            self._known[number] = self._index.package_of(file_of(python_children.module_of(kind)))
        return self._known[number]


def file_of(module: str) -> str:
    """The file of a loaded module; empty where there is none."""
    found = sys.modules.get(module)
    file = python_children.instance_dict(found).get("__file__") if is_a(found, ModuleType) else None
    return file if type(file) is str else ""


def _installed(folder: str) -> dict[str, Package]:
    """Package by the name of the module or folder that it brought."""
    found: dict[str, Package] = {}
    with suppress(OSError):
        infos = [each for each in map(_INFO.fullmatch, sorted(_listdir(folder))) if each]
        for info in infos[:_INFOS_MAX]:
            for top in _tops(f"{folder}{info[0]}", info[1]):
                found[top] = (info[1].replace("_", "-"), info[2])
    return found


def _tops(info: str, name: str) -> list[str]:
    """What a package's own files say that it brought; by its name where they do not."""
    if listed := _text(f"{info}/top_level.txt"):
        return listed.split()
    tops = {line.partition("/")[0].partition(".")[0] for line in _text(f"{info}/RECORD").splitlines() if ".py," in line}
    return sorted(tops) or [name.replace("-", "_")]


def _text(path: str) -> str:
    try:
        with _open_code(path) as file:
            return str(file.read(_BYTES_MAX).decode("utf-8", "replace"))
    except OSError:
        return ""
