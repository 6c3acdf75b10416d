"""A bounded, breadth-first walk over the state of a function's modules. Reads; never runs user code.

Attributes are read through the descriptors that C types define, containers through the methods of their built-in
base, text through exact types: no ``__repr__``, ``__iter__``, ``__getattr__`` or property of the user's is called.
Breadth first, because what sits near a module's surface is what a person can name; what instances of installed
packages hold comes last, because there is much of it. Every cut sets ``truncated``.
"""

from __future__ import annotations

import re
import time
from collections import deque
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from . import (
    python_children,
    python_libraries,
    python_packages,
    python_process,
    python_roots,
    python_rows,
    python_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

DEPTH_MAX = 12
NODES_MAX = 100_000
# A longer walk would use up the function's own time in the replay.
WALK_NS_MAX = 200_000_000
_now_ns = time.monotonic_ns
PACKAGES_BYTES_MAX, PACKAGES_MAX = 24_000, 200
_CHILDREN_MAX, _KEY_MAX = python_children.CHILDREN_MAX, python_text.KEY_CHARACTERS_MAX
_PATH_MAX = python_rows.PATH_CHARACTERS_MAX
# The most common values that are not leaves. By identity of the type, as elsewhere.
_NO_LEAVES = frozenset(map(id, (dict, list, tuple, set, frozenset, deque, FunctionType, type)))
_plain, _scalar, _row = python_rows.plain, python_text.scalar, python_rows.row
# What a function closes over. Where that has a name of its own already, which of them it is says what was put there.
_closed_over = re.compile(r"\.__closure__\['\w+'\]\Z").search
_NO_DATA = (FunctionType, type, ModuleType)

# A value to examine: the beginning of its rows, its path, itself, its depth.
Place = tuple[str, str, Any, int]


class Walker:
    """Walks the state of the function's modules; created before user code runs, as the baseline."""

    def __init__(self, leaves_max: int) -> None:
        self._leaves_max = leaves_max
        self._index = python_packages.Index()
        self._roots = python_roots.Roots(self._index)
        self._libraries = python_libraries.Libraries(self._index)
        self._process = python_process.Process()
        self._known: dict[str, python_rows.Known] = {}
        self._of_libraries: dict[str, python_rows.Known] = {}

    def walk(self, bytes_max: int) -> Walk:
        """Everything reachable within the limits; its rows are at most ``bytes_max`` long."""
        packages = python_packages.Packages(self._index)
        walk = Walk(python_rows.Rows(self._leaves_max, bytes_max), self._roots.is_users, self._known, packages)
        try:
            walk.roots(self._roots.places())
            walk.roots(self._process.places())
        except RuntimeError:
            # A thread imported something during the walk.
            walk.truncated = True
        walk.run()
        self._known = walk.known
        if not walk.rows.is_full:
            self._look_at_libraries(walk, packages)
        return walk

    def _look_at_libraries(self, walk: Walk, packages: python_packages.Packages) -> None:
        """After all of the function's own. What is cut here is not said: a package is never looked at whole."""
        inner = Walk(python_libraries.Collected(), self._roots.is_users, self._of_libraries, packages)

        def look(places: Iterable[python_roots.Root], is_first: bool) -> tuple[list[str], bool, int]:
            rows, before = python_libraries.Collected(), len(inner.seen)
            inner.begin(rows)
            inner.roots(places)
            inner.run(before + python_libraries.NODES_OF_EACH_MAX)
            if is_first:
                self._of_libraries.update(inner.known)
            return rows.listed, not inner.truncated, len(inner.seen) - before

        walk.give_packages_room()
        for name, package, rows in self._libraries.changed(look):
            walk.rows.add(rows)
            walk.note(name, package)


class Walk:
    """One walk: ``rows`` and the number of ``nodes``, leaves included."""

    def __init__(
        self,
        rows: python_rows.Rows,
        is_users: python_children.IsUsers,
        before: dict[str, python_rows.Known],
        packages: python_packages.Packages,
    ) -> None:
        self.rows = rows
        self.truncated = False
        self.known: dict[str, python_rows.Known] = {}
        self._before = before
        self._look = python_children.Look(is_users)
        self._queue: deque[Place] = deque()
        self._packaged: deque[Place] = deque()
        self._package_of = packages.of
        self._is_own = True
        # Which package a path leads into, where it first does: path, name, version.
        self.packages: list[tuple[str, str, str]] = []
        # Half of it, so that what packages' own modules hold is never without a name.
        self._packages_left = PACKAGES_BYTES_MAX // 2
        # Each with its path. Held as long as the walk lasts: the number of an object that is gone may be another's.
        self.seen: dict[int, tuple[Any, str]] = {}

    @property
    def nodes(self) -> int:
        """How many values were visited."""
        return self.rows.count + len(self.seen)

    def roots(self, places: Iterable[python_roots.Root]) -> None:
        """Start with these."""
        for carrier, step, value in places:
            self._spread(python_rows.head(carrier), carrier, [(step, value)], 0)

    def begin(self, rows: python_rows.Rows) -> None:
        """Begin anew with other rows; what was looked into is not looked into again."""
        self.rows, self.truncated, self.known = rows, False, {}
        self._queue, self._packaged, self._is_own = deque(), deque(), True

    def give_packages_room(self) -> None:
        """Let modules of packages have their half of the names."""
        self.packages = self.packages[: PACKAGES_MAX // 2]
        self._packages_left = PACKAGES_BYTES_MAX // 2

    def note(self, path: str, package: python_packages.Package) -> None:
        """From ``path`` on it is a package's."""
        # A character may take six bytes.
        size = 6 * len(path + package[0] + package[1]) + 12
        if self._packages_left > size:
            self._packages_left -= size
            self.packages.append((path, *package))

    def run(self, nodes_max: int = NODES_MAX) -> None:
        """Look into what was begun with, and into what is in there."""
        seen, deadline = self.seen, _now_ns() + WALK_NS_MAX
        while self._has_more() and not self.rows.is_full:
            if len(seen) >= nodes_max or _now_ns() > deadline:
                break
            begin, path, value, depth = self._queue.popleft()
            number = id(value)
            if number not in seen:
                seen[number] = value, path
                self._enter(begin, path, value, depth)
            elif _closed_over(path) and not python_text.is_a(value, _NO_DATA):
                self.rows.add([_row(begin, path, value, seen[number][1], was_cut=False)])
        self.truncated |= self._has_more() or self.rows.is_full

    def _has_more(self) -> bool:
        """Whether something is left; where that is only what packages hold, it is that which is looked into now."""
        if not self._queue:
            self._queue, self._packaged, self._is_own = self._packaged, deque(), False
        return bool(self._queue)

    def _enter(self, begin: str, path: str, value: Any, depth: int) -> None:
        if depth >= DEPTH_MAX:
            self.truncated = True
            return
        try:
            kind = type(value)
            if kind is list or kind is tuple:
                done = self._is_flat(begin, path, kind, (), value)
            elif kind is dict:
                done = self._is_flat(begin, path, kind, value, value.values())
            else:
                done = False
            if not done:
                self._inside(begin, path, value, depth)
        except Exception:  # noqa: BLE001 - a container that changes under us, or an object that lies about itself
            self.truncated = True

    def _is_flat(self, begin: str, path: str, kind: Any, keys: Any, values: Any) -> bool:
        """Whether the rows of a built-in container could be reused from the last walk, or stored."""
        known = self._before.get(path)
        if known is not None and known.still(begin, kind, keys, values) and self.rows.take(known.text, len(values)):
            self.known[path] = known
            return True
        if not 0 < len(values) <= _CHILDREN_MAX or not python_rows.are_plain(values) or len(path) > _PATH_MAX // 2:
            return False
        if kind is dict:
            if not python_rows.are_plain(keys):
                return False
            rows = [
                _plain(begin, f"{path}[{key!r}]", value) if type(key) is not str or len(key) <= _KEY_MAX else ""
                for key, value in zip(keys, values, strict=True)
            ]
        else:
            rows = [_plain(begin, f"{path}[{number}]", value) for number, value in enumerate(values)]
        if not all(rows):
            return False
        text = self.rows.add(rows)
        self.known[path] = python_rows.Known(begin, kind, tuple(keys), tuple(values), text)
        return True

    def _inside(self, begin: str, path: str, value: Any, depth: int) -> None:
        steps, was_cut = self._look.children(value)
        self.truncated |= was_cut
        if steps:
            self._spread(begin, path, steps, depth + 1)
        elif (text := python_text.empty(value)) is not None:
            self.rows.add([_row(begin, path, value, text, was_cut=False)])

    def _spread(self, begin: str, path: str, steps: python_children.Steps, depth: int) -> None:
        rows, queue, packaged, no_leaves = [], self._queue, self._packaged, _NO_LEAVES
        package_of = self._package_of
        for step, value in steps:
            at = (path + step)[:_PATH_MAX]
            row = _plain(begin, at, value)
            if row:
                rows.append(row)
            elif id(type(value)) not in no_leaves and (text := _scalar(value)) is not None:
                rows.append(_row(begin, at, value, text[0], was_cut=text[1]))
                self.truncated |= text[1]
            else:
                package = package_of(value)
                (queue if package is None else packaged).append((begin, at, value, depth))
                if package is not None and self._is_own:
                    self.note(at, package)
        if rows:
            self.rows.add(rows)
