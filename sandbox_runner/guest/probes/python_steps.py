"""From a place to what is within it: the steps of a path as the probe writes them, and the value that each leads to.

An attribute (``.user``), an entry by a text (``['who']``), a variable of a function's closure
(``.__closure__['seen']``), a default of a parameter (``.__defaults__['rows']``).
"""

from __future__ import annotations

import _thread
import ast
import re
from typing import Any

from . import python_children, python_thread_locals
from .python_text import is_a

UNSET: Any = object()
_STEP = re.compile(
    r"\.__(?:closure|kwdefaults|defaults)__\['\w+'\]|\.[A-Za-z_]\w*|\['(?:[^'\\]|\\.)*'\]|\[\"(?:[^\"\\]|\\.)*\"\]"
)
_HIDDEN = re.compile(r"\.__(closure|kwdefaults|defaults)__\['(\w+)'\]")


def steps_of(path: str) -> list[str]:
    """The steps of a path.

    :raises ValueError: it has others.
    """
    found = _STEP.findall(path)
    if "".join(found) != path:
        raise ValueError(path)
    return found


def key_of(step: str) -> str:
    """The text that an entry is found by."""
    return str(ast.literal_eval(step[1:-1]))


def after(value: Any, step: str, default: Any = None) -> Any:
    """What ``step`` leads to from ``value``; ``default`` where it leads nowhere."""
    if hidden := _HIDDEN.fullmatch(step):
        return _hidden(value, *hidden.groups(), default=default)
    if step.startswith("["):
        return dict.get(value, key_of(step), default)
    held = python_children.instance_dict(value)
    if step[1:] in held:
        return held[step[1:]]
    if is_a(value, type):
        return vars(value).get(step[1:], default)
    slot: Any = next((vars(kind)[step[1:]] for kind in type(value).__mro__ if step[1:] in vars(kind)), None)
    return slot.__get__(value) if is_a(slot, python_children.SLOT) else default


def put(value: Any, step: str, held: Any) -> None:
    """Put ``held`` where ``step`` leads to from ``value``; :data:`UNSET` takes away what is there."""
    if hidden := _HIDDEN.fullmatch(step):
        _put_hidden(value, hidden[1], hidden[2], held)
    elif step.startswith("["):
        if held is UNSET:
            dict.pop(value, key_of(step), None)
        else:
            dict.__setitem__(value, key_of(step), held)
    elif is_a(value, _thread._local):  # noqa: SLF001 - the type has no other name
        if held is UNSET:
            python_thread_locals.take_away(value, step[1:])
        else:
            python_thread_locals.put(value, step[1:], held)
    elif held is UNSET:
        (type if is_a(value, type) else object).__delattr__(value, step[1:])
    else:
        (type if is_a(value, type) else object).__setattr__(value, step[1:], held)


def _hidden(function: Any, kind: str, name: str, *, default: Any) -> Any:
    if kind == "closure":
        return dict(zip(function.__code__.co_freevars, function.__closure__, strict=True))[name].cell_contents
    if kind == "kwdefaults":
        return function.__kwdefaults__.get(name, default)
    return _defaults(function).get(name, default)


def _put_hidden(function: Any, kind: str, name: str, held: Any) -> None:
    if kind == "closure":
        dict(zip(function.__code__.co_freevars, function.__closure__, strict=True))[name].cell_contents = held
    elif kind == "kwdefaults":
        function.__kwdefaults__[name] = held
    else:
        function.__defaults__ = tuple({**_defaults(function), name: held}.values())


def _defaults(function: Any) -> dict[str, Any]:
    code, given = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    return dict(zip(names[len(names) - len(given) :], given, strict=True))
