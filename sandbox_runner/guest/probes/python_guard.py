"""Detects what user code has changed about the probe: its tools, its descriptor, its functions.

The probe lives in the process of the code it observes, so it cannot be out of that code's reach. But it can detect
changes: its dependencies are recorded before user code runs and compared by identity before and after each walk.
"""

from __future__ import annotations

import builtins
import gc
import os
import sys
from operator import is_
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Commonly replaced by programs, and not used here.
_FREE = frozenset(("print", "input", "open", "help", "exit", "quit", "breakpoint", "copyright", "credits", "license"))
_NAMED_MAX = 5
_TOOLS = range(6)
_fstat, _listdir, _getpid = os.fstat, os.listdir, os.getpid
_gettrace, _settrace, _getprofile, _setprofile = sys.gettrace, sys.settrace, sys.getprofile, sys.setprofile
_is_collecting, _stop_collecting, _collect_again = gc.isenabled, gc.disable, gc.enable
# Not by names that the function could rebind.
_all, _any, _map, _zip = all, any, map, zip
_tool = getattr(getattr(sys, "monitoring", None), "get_tool", None)


class Guard:
    """Created before user code runs.

    :param descriptor: the descriptor for frames.
    :param watched: the probe's own modules and objects by name; functions and methods in them must stay.
    """

    def __init__(self, descriptor: int, watched: dict[str, Any]) -> None:
        self._descriptor = descriptor
        self._file = _identity(descriptor)
        self._process = _getpid()
        self._modules = sys.modules
        # By namespace: the namespace, its watched names as reported, by key, and the original object.
        self._held: dict[int, tuple[Any, list[str], list[str], list[Any]]] = {}
        for name, table, key in _places(watched):
            _, names, keys, held = self._held.setdefault(id(table), (table, [], [], []))
            names.append(name)
            keys.append(key)
            held.append(table[key])

    def is_own_process(self) -> bool:
        """Whether this is the process that created the guard, not a child of it."""
        return _getpid() == self._process

    def disturbed(self) -> list[str]:
        """The names of what has changed, at most a few; also whether anyone else has the descriptor."""
        return [*self.replaced(), *self._of_descriptor()][:_NAMED_MAX]

    def replaced(self) -> list[str]:
        """What the probe depends on and someone replaced."""
        found = [
            name
            for table, names, keys, held in self._held.values()
            if not _all(_map(is_, _map(table.get, keys), held))
            for name, key, was in _zip(names, keys, held, strict=True)
            if table.get(key) is not was
        ]
        if sys.modules is not self._modules:
            found.append("sys.modules")
        if _tool is not None and _any(_tool(number) is not None for number in _TOOLS):
            found.append("sys.monitoring")
        return found[:_NAMED_MAX]

    def _of_descriptor(self) -> list[str]:
        if self._file is None or _identity(self._descriptor) != self._file:
            return ["the probe's descriptor"]
        others = (int(name) for name in _listdir("/proc/self/fd") if int(name) != self._descriptor)
        return ["a copy of the probe's descriptor"] if _any(_identity(each) == self._file for each in others) else []


def undisturbed(work: Callable[[], Any]) -> Any:
    """Run ``work()`` without trace functions and the garbage collector, which would run user code in between.

    If none is set, none is removed: setting one, even None, re-instruments all code of the process.
    """
    trace, profile, collects = _gettrace(), _getprofile(), _is_collecting()
    if trace is not None:
        _settrace(None)
    if profile is not None:
        _setprofile(None)
    _stop_collecting()
    try:
        return work()
    finally:
        if collects:
            _collect_again()
        if profile is not None:
            _setprofile(profile)
        if trace is not None:
            _settrace(trace)


def _places(watched: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    for key, value in vars(builtins).items():
        if callable(value) and key not in _FREE:
            yield f"builtins.{key}", vars(builtins), key
    for name, owner in watched.items():
        table = vars(owner)
        for key, value in table.items():
            if isinstance(value, (FunctionType, type)) or (isinstance(owner, ModuleType) and callable(value)):
                yield f"the probe's {name}.{key}", table, key


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        found = _fstat(descriptor)
    except OSError:
        return None
    return found.st_dev, found.st_ino
