"""Restores named places to their state after init, in replays that test whether a place carried a value.

The order is JSON, ``{"after": 1, "places": ["app.last", "/tmp/x"]}``: restore these after so many requests.

Containers are emptied and filled in place, so that other references see the change too. What cannot be restored (a
cursor of another library, a started iterator) stays as it is: the replay then confirms nothing.
"""

from __future__ import annotations

import _thread
import builtins
import copy
import functools
import gc
import io
import itertools
import json
import os
import random
import sys
import types
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, cast

from . import python_children, python_digests, python_put_back, python_steps, python_thread_locals
from .python_text import is_a

PutBack = Callable[[], Any]

_DEPTH_MAX = 12
_NODES_MAX = 50_000
_UNSET = python_steps.UNSET
_COPIED = (itertools.count, itertools.cycle, *(type(iter(each)) for each in python_children.ITERABLES))
_LOCKS = (_thread.LockType, _thread.RLock)
_LRU_CACHE = type(functools.lru_cache(len))


class Restorer:
    """Records its places after init and restores them after so many requests."""

    def __init__(self, order: str) -> None:
        asked = json.loads(order) if order else {}
        self._after: int = asked.get("after", 0)
        self._places: list[str] = asked.get("places", [])
        self._answered = 0
        self._put_back: list[PutBack] = []

    def next_request(self) -> None:
        """Call before each wait for an event, including the first. A failure leaves its place unchanged."""
        if self._answered == 0:
            for place in self._places:
                with suppress(Exception):
                    self._put_back.append(_remembered(place))
        elif self._answered == self._after:
            for put_back in self._put_back:
                with suppress(Exception):
                    put_back()
        self._answered += 1


def _remembered(place: str) -> PutBack:
    if place.startswith("/tmp/"):
        return python_put_back.folder(place) if os.path.isdir(place) else _file(place)  # noqa: PTH112 - see _file
    if place.startswith("os.environ["):
        return _variable(place.removeprefix("os.environ['").removesuffix("']"))
    if place == "os.getcwd()":
        return functools.partial(os.chdir, os.getcwd())  # noqa: PTH109 - pathlib would be loaded before user code
    if put_back_process := python_put_back.of_process(place):
        return put_back_process
    holder, name, steps = _home(place)
    if not steps:
        return _of(lambda: holder.get(name, _UNSET), functools.partial(_assign, holder, name))
    last = steps[-1]

    def inner() -> Any:
        return functools.reduce(python_steps.after, steps[:-1], holder[name])

    return _of(lambda: python_steps.after(inner(), last, _UNSET), lambda value: python_steps.put(inner(), last, value))


def _of(get: PutBack, put: Callable[[Any], Any]) -> PutBack:
    """For a value that ``get`` gives, :data:`_UNSET` where there is none, and ``put`` puts into its place."""
    value = get()
    if value is _UNSET:
        return lambda: put(_UNSET)
    before = _Keeper().keep(value, 0)

    def put_back() -> None:
        held = before()
        if get() is not held:
            put(held)

    return put_back


def _assign(holder: dict[str, Any], name: str, value: Any) -> None:
    if value is _UNSET:
        holder.pop(name, None)
    else:
        holder[name] = value


def _home(place: str) -> tuple[dict[str, Any], str, list[str]]:
    """The namespace of the longest module name that ``place`` begins with, the name in it, and the steps from there."""
    if place.startswith("sys.modules["):
        _, name, *steps = python_steps.steps_of(place.removeprefix("sys"))
        return cast("dict[str, Any]", sys.modules), python_steps.key_of(name), steps
    if place.startswith("builtins."):
        first, *steps = python_steps.steps_of(place.removeprefix("builtins"))
        return vars(builtins), first[1:], steps
    named = place.partition("[")[0].partition(".__")[0].split(".")
    for count in range(len(named) - 1, 0, -1):
        name = ".".join(named[:count])
        module = sys.modules.get(name)
        if is_a(module, types.ModuleType):
            first, *steps = python_steps.steps_of(place.removeprefix(name))
            return python_children.instance_dict(module), first[1:], steps
    raise KeyError(place)


def _file(path: str) -> PutBack:
    try:
        with io.open_code(path) as file:
            before: bytes | None = file.read()
    except OSError:
        before = None

    def put_back() -> None:
        if before is None:
            python_put_back.taken_away(path)
        else:
            with open(path, "wb") as written:  # noqa: PTH123 - the same
                written.write(before)

    return put_back


def _variable(name: str) -> PutBack:
    before = os.environ.get(name)

    def put_back() -> None:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before

    return put_back


class _Keeper:
    """Creates, for a value and its contents, the function that restores its current state and returns it."""

    def __init__(self) -> None:
        self._seen: dict[int, Any] = {}
        self._nodes = 0

    def keep(self, value: Any, depth: int) -> PutBack:
        """See the class."""
        self._nodes += 1
        if id(value) in self._seen or depth > _DEPTH_MAX or self._nodes > _NODES_MAX:
            return lambda: value
        if python_children.is_database(value):
            return _database(value)
        if type(value) in _COPIED or python_digests.is_digest(value):
            kept = value.copy() if python_digests.is_digest(value) else copy.copy(value)
            return lambda: kept
        if type(value) is types.GeneratorType:
            again = python_put_back.generator(value)
            return lambda: value if again is None else again
        for kind, keep in self._kinds():
            if is_a(value, kind):
                self._seen[id(value)] = value
                put_back = keep(value, depth + 1)
                return lambda: (put_back(), value)[1]
        return lambda: value

    def _kinds(self) -> tuple[tuple[Any, Callable[[Any, int], PutBack]], ...]:
        return (
            (dict, self._dict),
            ((list, deque), self._sequence),
            (set, self._set),
            (tuple, self._each),
            (bytearray, self._bytes),
            (_LRU_CACHE, self._cache),
            (_LOCKS, lambda value, _: python_put_back.lock(value)),
            (types.FunctionType, self._function),
            (ContextVar, self._context),
            (random.Random, lambda value, _: functools.partial(value.setstate, value.getstate())),
            ((io.StringIO, io.BytesIO), self._buffer),
            (io.IOBase, lambda value, _: functools.partial(value.seek, value.tell())),
            (type, self._class),
            (_thread._local, self._local),  # noqa: SLF001 - its dict is hidden from everybody but its own thread
            (object, self._instance),
        )

    def _dict(self, value: Any, depth: int) -> PutBack:
        kept = [(key, self.keep(held, depth)) for key, held in dict.items(value)]

        def put_back() -> None:
            dict.clear(value)
            for key, before in kept:
                dict.__setitem__(value, key, before())

        return put_back

    def _sequence(self, value: Any, depth: int) -> PutBack:
        kept = [self.keep(held, depth) for held in list(value)]
        return lambda: (value.clear(), value.extend([before() for before in kept]))

    def _set(self, value: Any, _: int) -> PutBack:
        kept = set(value)
        return lambda: (set.clear(value), set.update(value, kept))

    def _local(self, value: Any, depth: int) -> PutBack:
        kept = {id(each): self._dict(each, depth) for each in python_thread_locals.dicts(value)}
        # A thread that began since then had nothing.
        return lambda: [kept.get(id(each), each.clear)() for each in python_thread_locals.dicts(value)]

    def _each(self, value: Any, depth: int) -> PutBack:
        kept = [self.keep(held, depth) for held in tuple.__iter__(value)]
        return lambda: [before() for before in kept]

    def _bytes(self, value: Any, _: int) -> PutBack:
        kept = bytes(value)
        return lambda: value.__setitem__(slice(None), kept)

    def _cache(self, value: Any, depth: int) -> PutBack:
        own = python_children.instance_dict(value)
        inner = self.keep(own.get("__wrapped__"), depth)
        if any(type(part) is dict and part is not own and part for part in gc.get_referents(value)):
            return inner  # it was filled in init, and its entries cannot be told apart from later ones
        return lambda: (value.cache_clear(), inner())

    def _function(self, value: Any, depth: int) -> PutBack:
        kept = [self.keep(part, depth) for part in (value.__defaults__, value.__kwdefaults__, value.__dict__)]
        cells = [(cell, self.keep(cell.cell_contents, depth)) for cell in value.__closure__ or () if _is_full(cell)]

        def put_back() -> None:
            value.__defaults__, value.__kwdefaults__ = kept[0](), kept[1]()
            kept[2]()
            for cell, before in cells:
                cell.cell_contents = before()

        return put_back

    def _context(self, value: Any, depth: int) -> PutBack:
        held = value.get(_UNSET)
        if held is _UNSET:
            # A value never set cannot be unset from here, but it reads as its own default.
            with suppress(LookupError):
                return functools.partial(value.set, value.get())
            return lambda: None
        before = self.keep(held, depth)
        return lambda: value.set(before())

    def _buffer(self, value: Any, _: int) -> PutBack:
        text, at = value.getvalue(), value.tell()
        return lambda: (value.seek(0), value.truncate(), value.write(text), value.seek(at))

    def _class(self, value: Any, depth: int) -> PutBack:
        file = getattr(sys.modules.get(value.__module__), "__file__", None) or ""
        if not file.startswith(os.environ.get("LAMBDA_TASK_ROOT", "/var/task")):
            return lambda: None
        kept = {key: self.keep(held, depth) for key, held in vars(value).items() if not key.startswith("__")}

        def put_back() -> None:
            for key in [key for key in vars(value) if not key.startswith("__") and key not in kept]:
                type.__delattr__(value, key)
            for key, before in kept.items():
                held = before()
                if vars(value).get(key, _UNSET) is not held:
                    type.__setattr__(value, key, held)

        return put_back

    def _instance(self, value: Any, depth: int) -> PutBack:
        parts = [self._dict(python_children.instance_dict(value), depth)]
        for kind in type(value).__mro__:
            slots = [slot for slot in vars(kind).values() if is_a(slot, types.MemberDescriptorType)]
            parts += [self._slot(slot, value, depth) for slot in slots if kind.__module__ != "builtins"]
        return lambda: [part() for part in parts]

    def _slot(self, slot: Any, value: Any, depth: int) -> PutBack:
        try:
            before = self.keep(slot.__get__(value), depth)
        except AttributeError:
            return lambda: _emptied(slot, value)
        return lambda: slot.__set__(value, before())


def _database(value: Any) -> PutBack:
    kept = value.serialize()

    def put_back() -> Any:
        value.rollback()
        value.deserialize(kept)
        return value

    return put_back


def _emptied(slot: Any, value: Any) -> None:
    with suppress(AttributeError):
        slot.__delete__(value)


def _is_full(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - asks whether there are any
    except ValueError:
        return False
    return True
