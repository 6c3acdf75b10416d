"""Restores places outside modules, and values that cannot be assigned, to their state after init.

Each function records the state and returns a function that restores it. This runs only in replays, whose answers are
compared: what it cannot restore shows as a carrier that is not confirmed.
"""

from __future__ import annotations

import functools
import logging
import os
import signal
import sys
import types
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from . import python_process

PutBack = Callable[[], Any]

# How many values to draw from a generator, to reach the position of another one.
_STEPS_MAX = 100
_VARIABLE_ARGUMENTS = 0x04 | 0x08


def of_process(place: str) -> PutBack | None:
    """For a place named by :mod:`.python_process`; ``None`` for any other."""
    return next((remember(place) for named, remember in _PLACES if place.startswith(named)), None)


def folder(path: str) -> PutBack:
    """For a folder of files: what came into it since is taken away."""
    before = set(os.listdir(path))  # noqa: PTH208 - pathlib would be loaded before user code could be

    def put_back() -> None:
        for name in set(os.listdir(path)) - before:  # noqa: PTH208 - the same
            taken_away(f"{path}/{name}")

    return put_back


def taken_away(path: str) -> None:
    """Remove a file, or a folder with all that is in it."""
    if os.path.islink(path) or not os.path.isdir(path):  # noqa: PTH112, PTH114 - the same
        os.unlink(path)  # noqa: PTH108 - the same
        return
    for name in os.listdir(path):  # noqa: PTH208 - the same
        taken_away(f"{path}/{name}")
    os.rmdir(path)  # noqa: PTH106 - the same


def generator(value: Any) -> Any:
    """Another generator at the same position as ``value`` with the same variables; ``None`` if none can be made.

    It is created from the same code and arguments and advanced, so it has the effects that ``value`` had.
    """
    frame, code = value.gi_frame, value.gi_code
    if frame is None or code.co_freevars or code.co_flags & _VARIABLE_ARGUMENTS:
        return None
    held = dict(frame.f_locals)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    given = [held.get(name) for name in names[: code.co_argcount]]
    named = {name: held.get(name) for name in names[code.co_argcount :]}
    function = types.FunctionType(code, frame.f_globals)
    function.__kwdefaults__ = named or None
    again = function(*given)
    if not value.gi_suspended:
        return again
    for _ in range(_STEPS_MAX):
        next(again)
        if again.gi_frame.f_lasti == frame.f_lasti and dict(again.gi_frame.f_locals) == held:
            return again
    return None


def lock(value: Any) -> PutBack:
    """For a lock: release it if it was not held before."""
    was_held = _is_held(value)

    def put_back() -> None:
        while _is_held(value) and not was_held:
            value.release()

    return put_back


def _is_held(value: Any) -> bool:
    return repr(value).startswith("<locked")


def _mask(_: str) -> PutBack:
    before = os.umask(0)
    os.umask(before)
    return functools.partial(os.umask, before)


def _locale(_: str) -> PutBack:
    module = sys.modules["_locale"]
    return functools.partial(module.setlocale, module.LC_ALL, module.setlocale(module.LC_ALL, None))


def _decimal(_: str) -> PutBack:
    module = sys.modules["decimal"]
    before = module.getcontext().copy()
    return lambda: module.setcontext(before.copy())


def _random(_: str) -> PutBack:
    module = sys.modules["random"]
    return functools.partial(module.setstate, module.getstate())


def _warnings(_: str) -> PutBack:
    module = sys.modules["warnings"]
    before = list(module.filters)

    def put_back() -> None:
        module.filters[:] = before
        module._filters_mutated()  # noqa: SLF001 - what resetwarnings() calls

    return put_back


def _signal(place: str) -> PutBack:
    number = signal.Signals[place.partition("(")[2].rstrip(")")]
    return functools.partial(signal.signal, number, signal.getsignal(number))


def _logging(place: str) -> PutBack:
    """For a logger, or for its filters or its handlers alone."""
    name, _, part = place.partition("(")[2].rpartition(")")
    logger = logging.getLogger(name.strip("'\""))
    kinds = [kind for kind in ("filters", "handlers") if not part or part.startswith(f".{kind}")]
    kept = {kind: list(getattr(logger, kind)) for kind in kinds}
    level = logger.level

    def put_back() -> None:
        for kind, before in kept.items():
            getattr(logger, kind)[:] = before
        if not part:
            logger.setLevel(level)

    return put_back


def _child(_: str) -> PutBack:
    """End children started since; what an existing one was told cannot be undone."""
    before = set(python_process.children())

    def put_back() -> None:
        for number in set(python_process.children()) - before:
            with suppress(OSError):
                os.kill(int(number), signal.SIGKILL)

    return put_back


def _descriptor(place: str) -> PutBack:
    number = int(place.removeprefix("descriptor ").partition(",")[0])
    return functools.partial(os.lseek, number, os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)


_PLACES: tuple[tuple[str, Callable[[str], PutBack]], ...] = (
    ("os.umask()", _mask),
    ("locale.setlocale(", _locale),
    ("decimal.getcontext()", _decimal),
    ("random.getstate()", _random),
    ("warnings.filters", _warnings),
    ("signal.getsignal(", _signal),
    ("logging.getLogger(", _logging),
    ("child process ", _child),
    ("descriptor ", _descriptor),
)
