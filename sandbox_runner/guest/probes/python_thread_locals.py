"""What a ``threading.local`` has in each thread, which it shows to that thread alone."""

from __future__ import annotations

import _thread
import gc
from typing import Any

_own_of = _thread._local.__getattribute__  # noqa: SLF001 - the type has no other name
_referents = gc.get_referents


def dicts(value: Any) -> list[dict[Any, Any]]:
    """One for each thread that has any, this thread's first: all that such an object refers to is a dict of them."""
    own = _own_of(value, "__dict__")
    held = (each for of in _referents(value) if type(of) is dict for each in list(dict.values(of)))
    return [own, *(each for each in held if type(each) is dict and each is not own)]


def merged(value: Any) -> dict[Any, Any]:
    """All of it; of what several threads have, what this one has, or else the first."""
    found: dict[Any, Any] = {}
    for each in dicts(value):
        for key, held in list(each.items()):
            found.setdefault(key, held)
    return found


def put(value: Any, name: str, held: Any) -> None:
    """Give ``name`` a value in this thread and in every other that has it."""
    for number, each in enumerate(dicts(value)):
        if number == 0 or name in each:
            each[name] = held


def take_away(value: Any, name: str) -> None:
    """In every thread."""
    for each in dicts(value):
        each.pop(name, None)
