"""A bounded, breadth-first walk over what a function's own modules hold. Reads; never runs user code.

Attributes are read through the descriptors that C types define, containers through the methods of their built-in
base, text through exact types: no ``__repr__``, ``__iter__``, ``__getattr__`` or property of the user's is called.
Breadth first, because what sits near a module's surface is what a person can name. Every cut sets ``truncated``.

A leaf is ``[root, carrier, path, kind, value, value_was_cut]``: ``carrier`` is the module's own name for the place
(``app.cache``), ``path`` what a person would write to read the value (``app.cache['user']``).
"""

from __future__ import annotations

import builtins
import os
import sys
import time
from collections import deque
from types import FunctionType, ModuleType
from typing import Any

from . import python_children, python_text

ROOT = "python-module"
DEPTH_MAX = 12
NODES_MAX = 100_000
# A walk that takes longer would eat the function's own time in the replay.
WALK_NS_MAX = 200_000_000
_now_ns, _folder = time.monotonic_ns, os.getcwd
# What the platform itself changes between requests.
_PLATFORM_VARIABLES = (b"_X_AMZN_TRACE_ID", b"_LAMBDA_TELEMETRY_LOG_FD", b"_HANDLER", b"TZ")


class State:
    """What one walk found."""

    def __init__(self) -> None:
        self.leaves: list[list[Any]] = []
        self.nodes = 0
        self.truncated = False
        self.text_bytes = 0


class Walker:
    """Walks what the function's modules hold; made before user code runs, which is its baseline."""

    def __init__(self, leaves_max: int, bytes_max: int) -> None:
        self._leaves_max = leaves_max
        self._bytes_max = bytes_max
        self._task_root = os.environ.get("LAMBDA_TASK_ROOT", "/var/task").rstrip("/") + "/"
        self._variables: dict[bytes, bytes] = os.environ._data  # type: ignore[attr-defined] # noqa: SLF001 - the dict itself, so that no replaced method of it runs
        self._variables_before = dict(self._variables)
        self._builtins_before = frozenset(vars(builtins))
        self._folder_before = os.getcwd()  # noqa: PTH109 - pathlib would be loaded before user code could be

    def walk(self) -> State:
        """Everything that is reachable within the bounds."""
        state = State()
        queue: deque[python_children.Place] = deque(self._roots(state))
        seen: set[int] = set()
        alive: list[Any] = []
        deadline = _now_ns() + WALK_NS_MAX
        while queue:
            if self._is_full(state) or (state.nodes % 256 == 0 and _now_ns() > deadline):
                state.truncated = True
                break
            place = queue.popleft()
            state.nodes += 1
            if not self._leaf(state, place) and id(place.value) not in seen:
                seen.add(id(place.value))
                alive.append(place.value)
                self._enter(state, place, queue)
        return state

    def _is_full(self, state: State) -> bool:
        return len(state.leaves) >= self._leaves_max or state.text_bytes >= self._bytes_max or state.nodes >= NODES_MAX

    def _leaf(self, state: State, place: python_children.Place) -> bool:
        text = python_text.scalar(place.value)
        if text is None:
            return False
        self._add(state, place, text[0], text[1])
        return True

    def _add(self, state: State, place: python_children.Place, text: str, was_cut: bool) -> None:
        state.text_bytes += len(text) + len(place.path) + len(place.carrier)
        state.truncated |= was_cut
        state.leaves.append([ROOT, place.carrier, place.path, python_text.kind_name(place.value), text, was_cut])

    def _enter(self, state: State, place: python_children.Place, queue: deque[python_children.Place]) -> None:
        if place.depth >= DEPTH_MAX:
            state.truncated = True
            return
        try:
            children, was_cut = python_children.children(place, self._is_users)
        except Exception:  # noqa: BLE001 - a container that changes under us, or an object that lies about itself
            state.truncated = True
            return
        state.truncated |= was_cut
        if not children and (text := python_text.empty(place.value)) is not None:
            self._add(state, place, text, was_cut=False)
        queue.extend(children)

    def _roots(self, state: State) -> list[python_children.Place]:
        try:
            return [*self._modules(), *self._environment(), *self._builtins(), *self._patched()]
        except RuntimeError:
            # A thread imported something while we looked.
            state.truncated = True
            return []

    def _modules(self) -> list[python_children.Place]:
        places = []
        for name, module in list(sys.modules.items()):
            if python_text.is_a(module, ModuleType) and type(name) is str and self._is_users(name):
                for key, value in list(python_children.instance_dict(module).items()):
                    if type(key) is str and not (key.startswith("__") and key.endswith("__")):
                        places.append(python_children.Place(f"{name}.{key}", f"{name}.{key}", value, 0))
        return places

    def _patched(self) -> list[python_children.Place]:
        """The user's functions in places of modules that are not the user's."""
        places = []
        for name, module in list(sys.modules.items()):
            if python_text.is_a(module, ModuleType) and type(name) is str and not self._is_users(name):
                for key, value in list(python_children.instance_dict(module).items()):
                    if type(value) is FunctionType and self._is_users(value.__globals__.get("__name__")):
                        places.append(python_children.Place(f"{name}.{key}", f"{name}.{key}", value, 0))
        return places

    def _is_users(self, module_name: Any) -> bool:
        module = sys.modules.get(module_name) if type(module_name) is str else None
        if not python_text.is_a(module, ModuleType):
            return False
        file = python_children.instance_dict(module).get("__file__")
        return type(file) is str and file.startswith(self._task_root)

    def _environment(self) -> list[python_children.Place]:
        places = []
        for key, value in list(self._variables.items()):
            if key not in _PLATFORM_VARIABLES and self._variables_before.get(key) != value:
                name = f"os.environ[{python_text.key(os.fsdecode(key))}]"
                places.append(python_children.Place(name, name, os.fsdecode(value), 0))
        folder = _folder()
        if folder != self._folder_before:
            places.append(python_children.Place("os.getcwd()", "os.getcwd()", folder, 0))
        return places

    def _builtins(self) -> list[python_children.Place]:
        new = [key for key in list(vars(builtins)) if key not in self._builtins_before and key != "_"]
        return [
            python_children.Place(f"builtins.{key}", f"builtins.{key}", vars(builtins)[key], 0)
            for key in new
            if type(key) is str
        ]
