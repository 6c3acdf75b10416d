"""Methods and functions of the languages that change what they are called on, or given."""

from __future__ import annotations

from typing import Final

# Methods of built-in containers that change them.
CHANGING: Final = frozenset(
    (
        "append",
        "appendleft",
        "add",
        "addFilter",
        "addHandler",
        "addListener",
        "enterWith",
        "on",
        "once",
        "update",
        "setdefault",
        "insert",
        "next",
        "send",
        "extend",
        "extendleft",
        "put",
        "put_nowait",
        "set",
    )
) | frozenset(("write", "push", "unshift", "splice", "fill", "copyWithin"))

# Those that only take something out.
REMOVING: Final = frozenset(
    ("clear", "delete", "discard", "pop", "popitem", "popleft", "remove", "removeFilter", "removeHandler", "shift")
)

# Functions that change what they are given first.
CHANGING_THE_FIRST: Final = frozenset(
    (
        "Object.assign",
        "Object.defineProperty",
        "Object.defineProperties",
        "Object.setPrototypeOf",
        "Reflect.set",
        "Reflect.defineProperty",
        "Array.prototype.push.call",
        "Map.prototype.set.call",
        "setattr",
        "object.__setattr__",
        "list.append",
        "list.extend",
        "dict.update",
        "dict.__setitem__",
        "set.add",
        "heapq.heappush",
        "heappush",
        "bisect.insort",
        "insort",
    )
)
