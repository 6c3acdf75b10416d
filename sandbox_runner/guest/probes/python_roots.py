"""The roots of a walk: the function's modules, what it placed elsewhere, and its process state.

Which modules are the function's, and what the others contain, is re-examined only where it changed, by identity. A
module's own values are never kept between walks. Of the other modules, all are examined when a module came or went, and
afterwards only those related to the function's files: modules whose names contain a word of theirs.
"""

from __future__ import annotations

import builtins
import io
import os
import re
import sys
from operator import is_
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from . import python_packages, python_text
from .python_text import is_a

if TYPE_CHECKING:
    from collections.abc import Iterator

# Carrier, the rest of the path, and the value.
Root = tuple[str, str, Any]

# In larger programs every module is examined each time.
_WORDS_FROM_BYTES_MAX = 1024 * 1024
# A dict with more is not looked at.
_TEXTS_MAX = 1000
_WORD = re.compile(r"[A-Za-z_]\w*").findall
_folder, _open_code = os.getcwd, io.open_code
_names_of = ModuleType.__dict__["__dict__"].__get__  # type: ignore[index] # typeshed has its type as that of a method
# What the platform itself changes between requests.
_PLATFORM_VARIABLES = (b"_X_AMZN_TRACE_ID", b"_LAMBDA_TELEMETRY_LOG_FD", b"_HANDLER", b"TZ")


class Roots:
    """Created before user code runs, as the baseline."""

    def __init__(self, index: python_packages.Index) -> None:
        self._index = index
        self._task_root = os.environ.get("LAMBDA_TASK_ROOT", "/var/task").rstrip("/") + "/"
        self._variables: dict[bytes, bytes] = os.environ._data  # type: ignore[attr-defined] # noqa: SLF001 - the dict itself, so that no replaced method of it runs
        self._variables_before = dict(self._variables)
        self._builtins_before = frozenset(vars(builtins))
        self._folder_before = os.getcwd()  # noqa: PTH109 - pathlib would be loaded before user code could be
        self._modules: tuple[list[Any], list[int]] = ([], [])
        self._users: frozenset[str] = frozenset()
        # Those that the function wrote itself, and imported.
        self._made: list[str] = []
        self._others: dict[str, list[Any]] = {}
        self._patches: dict[str, list[str]] = {}
        # The dicts of other modules by their names, and what was in those of texts when they were first looked at.
        self._dicts: dict[str, list[tuple[str, dict[Any, Any]]]] = {}
        self._texts_before: dict[str, dict[Any, Any] | None] = {}
        # Those of the others that are related to the function's files, once all were examined.
        self._meant: list[str] | None = None

    def places(self) -> Iterator[Root]:
        """All of them.

        :raises RuntimeError: something was imported meanwhile.
        """
        self._look_at_modules()
        for name in self._modules[0]:
            if name in self._users:
                yield from self._of_users(name)
        yield from self._environment()
        yield from self._builtins()
        yield from self._patched()
        yield from self._told()
        for name in self._made:
            for key, value in list(_names_of(sys.modules[name]).items()):
                if type(key) is str and not (key.startswith("__") and key.endswith("__")):
                    yield f"sys.modules[{python_text.key(name)}]", f".{key}", value

    def is_users(self, module_name: Any) -> bool:
        """Whether a module is the function's own, as of the last examination."""
        return type(module_name) is str and module_name in self._users

    def _look_at_modules(self) -> None:
        names, numbers = list(sys.modules), list(map(id, sys.modules.values()))
        names_before, numbers_before = self._modules
        if numbers == numbers_before and all(map(is_, names, names_before)):
            return
        modules = [name for name in names if type(name) is str and is_a(sys.modules.get(name), ModuleType)]
        self._users = frozenset(name for name in modules if self._is_own(sys.modules[name], self._task_root))
        self._made = [name for name in modules if name not in self._users and self._is_own(sys.modules[name], "/tmp/")]
        self._others = {name: [] for name in modules if name not in self._users}
        self._patches = {}
        self._meant = None
        self._modules = (names, numbers)

    def _is_own(self, module: ModuleType, root: str) -> bool:
        """Whether its file is the function's below that folder, and no installed package's."""
        file = _file_of(module)
        return file.startswith(root) and self._index.package_of(file) is None

    def _of_users(self, name: str) -> Iterator[Root]:
        for key, value in list(_names_of(sys.modules[name]).items()):
            if type(key) is str and not (key.startswith("__") and key.endswith("__")):
                yield f"{name}.{key}", "", value

    def _patched(self) -> Iterator[Root]:
        """The user's functions that replace attributes of other modules."""
        for name in self._others if self._meant is None else self._meant:
            held, before = _names_of(sys.modules[name]), self._others[name]
            if len(held) != len(before) or not all(map(is_, held.values(), before)):
                self._others[name] = list(held.values())
                self._dicts[name] = [
                    (f"{name}.{key}", value) for key, value in list(held.items()) if _is_dict(key, value)
                ]
                self._patches[name] = [key for key, value in list(held.items()) if self._is_users_function(key, value)]
        if self._meant is None:
            self._meant = self._mentioned()
        for name, keys in self._patches.items():
            for key in keys:
                yield f"{name}.{key}", "", _names_of(sys.modules[name]).get(key)

    def _told(self) -> Iterator[Root]:
        """Texts that came into a dict of texts of a module that the function's code names."""
        for name in self._meant or ():
            for carrier, held in self._dicts.get(name, ()):
                if carrier not in self._texts_before:
                    self._texts_before[carrier] = dict(held) if _are_texts(held) else None
                before = self._texts_before[carrier]
                if before is None or (len(held) == len(before) and all(map(is_, held.values(), before.values()))):
                    continue
                for key, value in list(held.items()):
                    if type(key) is str and type(value) is str and before.get(key) is not value:
                        yield carrier, f"[{python_text.key(key)}]", value

    def _mentioned(self) -> list[str]:
        left, words = _WORDS_FROM_BYTES_MAX, {"builtins"}
        for name in self._users:
            text = _text_of(str(_names_of(sys.modules[name]).get("__file__")), left)
            left -= len(text)
            if left <= 0:
                return list(self._others)
            words.update(_WORD(text))
        known = {id(sys.modules[name]): name for name in self._others}
        found = [name for name in self._others if not words.isdisjoint(name.split("."))]
        # ``os.path`` is another module's name for one.
        inner = [held for name in found for key, held in list(_names_of(sys.modules[name]).items()) if key in words]
        return list(dict.fromkeys([*found, *(known[id(each)] for each in inner if id(each) in known)]))

    def _is_users_function(self, key: Any, value: Any) -> bool:
        return type(key) is str and type(value) is FunctionType and self.is_users(value.__globals__.get("__name__"))

    def _environment(self) -> Iterator[Root]:
        for key, value in list(self._variables.items()):
            if key not in _PLATFORM_VARIABLES and self._variables_before.get(key) != value:
                yield f"os.environ[{python_text.key(os.fsdecode(key))}]", "", os.fsdecode(value)
        folder = _folder()
        if folder != self._folder_before:
            yield "os.getcwd()", "", folder

    def _builtins(self) -> Iterator[Root]:
        for key in [key for key in vars(builtins) if key not in self._builtins_before and key != "_"]:
            if type(key) is str:
                yield f"builtins.{key}", "", vars(builtins)[key]


def _file_of(module: ModuleType) -> str:
    file = _names_of(module).get("__file__")
    return file if type(file) is str else ""


def _is_dict(key: Any, value: Any) -> bool:
    return type(key) is str and not key.startswith("__") and type(value) is dict


def _are_texts(held: dict[Any, Any]) -> bool:
    return len(held) <= _TEXTS_MAX and all(type(key) is str and type(value) is str for key, value in held.items())


def _text_of(path: str, size: int) -> str:
    try:
        with _open_code(path) as file:
            return str(file.read(size).decode("utf-8", "replace"))
    except (OSError, ValueError):
        return ""
