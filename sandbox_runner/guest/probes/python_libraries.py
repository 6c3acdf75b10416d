"""What modules of installed packages hold and did not hold when they were first seen, which is after init for most.

A package has thousands of values that are nobody's. So a module is walked when it is first seen, within bounds, and
of later walks only those rows count that were not there. A module that is too large to be walked whole is not followed:
part of it would look new whenever the cut fell elsewhere. The client's own modules and those it loaded are left out.
"""

from __future__ import annotations

import logging
import sys
from operator import is_
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from . import python_rows
from .python_text import is_a

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from . import python_packages, python_roots

# Of one module, and of all together in one walk.
NODES_OF_EACH_MAX = 300
NODES_MAX = 2_000
ROWS_OF_EACH_MAX = 1_000
_CLIENT = frozenset(("awslambdaric", "simplejson", "snapshot_restore_py", "runtime_client"))
# Loggers are places of the process.
_NO_STATE = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType, logging.Logger)
_PLAIN = frozenset(map(id, (str, int, float, bool, type(None))))


class Collected(python_rows.Rows):
    """Rows as a list, for one module. What is as it was when the module was first seen is left out."""

    def __init__(self) -> None:
        super().__init__(ROWS_OF_EACH_MAX, 0)
        self.listed: list[str] = []

    def add(self, rows: list[str]) -> str:
        """Add these rows, or as many as fit."""
        self.listed += rows[: ROWS_OF_EACH_MAX - self.count]
        self.count += len(rows)
        self.is_full = self.count >= ROWS_OF_EACH_MAX
        return ""

    def take(self, text: str, count: int) -> bool:  # noqa: ARG002 - the base's parameters
        """Nothing: these rows are known."""
        return True


class _First(NamedTuple):
    """What a module had when it was first seen: how many names, its plain values, and the others with their rows."""

    names: int
    plain: dict[str, Any]
    others: tuple[str, ...]
    rows: frozenset[str]

    def changed_names(self, held: dict[str, Any]) -> Iterable[str]:
        """The names to look at: those that may have changed within, and plain ones that have another value."""
        if len(held) != self.names:
            return [key for key in held if key not in self.plain or self.plain[key] is not held[key]]
        if all(map(is_, map(held.get, self.plain), self.plain.values())):
            return self.others
        return (*self.others, *(key for key, value in self.plain.items() if held.get(key) is not value))


class Libraries:
    """Created before user code runs, as the baseline."""

    def __init__(self, index: python_packages.Index) -> None:
        self._index = index
        self._platform = frozenset(sys.modules)
        self._names: list[str] = []
        self._count = 0
        self._packages: dict[str, python_packages.Package] = {}
        # ``None`` for a module that is not followed.
        self._first: dict[str, _First | None] = {}

    def changed(
        self, look: Callable[[list[python_roots.Root], bool], tuple[list[str], bool, int]]
    ) -> Iterator[tuple[str, python_packages.Package, list[str]]]:
        """Each module that has rows that it did not have, with its package.

        :param look: the rows of places, whether these are all, and how many values were visited; it is told whether
            the module is seen for the first time.
        """
        self._find_modules()
        left = NODES_MAX
        for name in self._names:
            module = sys.modules.get(name)
            if not is_a(module, ModuleType) or (name in self._first and self._first[name] is None):
                continue
            first, held = self._first.get(name), _names(module)
            places = _places(name, held, list(held) if first is None else first.changed_names(held))
            rows, is_whole, nodes = look(places, first is None) if places and left > 0 else ([], left > 0, 0)
            left -= nodes
            if first is None:
                self._first[name] = _first_of(held, rows) if is_whole else None
            elif news := [row for row in rows if row not in first.rows]:
                yield name, self._packages[name], news

    def _find_modules(self) -> None:
        """A package's outermost modules first: what people set is there."""
        if len(sys.modules) == self._count:
            return
        self._count = len(sys.modules)
        for name, module in list(sys.modules.items()):
            if type(name) is not str or name in self._packages or name in self._platform:
                continue
            file = _names(module).get("__file__") if is_a(module, ModuleType) else None
            package = self._index.package_of(file) if type(file) is str else None
            if package is not None and name.partition(".")[0] not in _CLIENT:
                self._packages[name] = package
        self._names = sorted(self._packages, key=lambda name: name.count("."))


def _places(name: str, held: dict[str, Any], keys: Iterable[str]) -> list[tuple[str, str, Any]]:
    """The places that those names of a module are."""
    return [(f"{name}.{key}", "", held[key]) for key in keys if _is_state(key, held.get(key))]


def _is_state(key: Any, value: Any) -> bool:
    return type(key) is str and not is_a(value, _NO_STATE) and not (key.startswith("__") and key.endswith("__"))


def _first_of(held: dict[str, Any], rows: list[str]) -> _First:
    plain = {key: value for key, value in list(held.items()) if id(type(value)) in _PLAIN}
    others = tuple(key for key, value in list(held.items()) if key not in plain and _is_state(key, value))
    return _First(len(held), plain, others, frozenset(rows))


def _names(module: Any) -> dict[str, Any]:
    return ModuleType.__dict__["__dict__"].__get__(module)  # type: ignore[index,no-any-return] # typeshed has its type as that of a method
