"""Payload templates: fields that end in ``.$`` take their value from the input, the context or a function."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from . import functions
from .paths import found_at, parts_of
from .problems import RUNTIME, DefinitionError, StateError, bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH_MAX = 10
_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"States\.(\w+)\(")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'")
_ESCAPED = re.compile(r"\\(.)")
_WORD = re.compile(r"true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None}


class Call(NamedTuple):
    """A function and what it is called with: calls, paths and constants."""

    name: str
    arguments: list[Any]


class Path(NamedTuple):
    """Where a value is."""

    path: str


def value_of(expression: str, data: Any, context: Any) -> Any:
    """What an expression means: a path into the input or the context, or a function."""
    return _meant(read(expression), data, context)


def expanded(template: Any, data: Any, context: Any) -> Any:
    """A template with its values."""
    if isinstance(template, list):
        return [expanded(each, data, context) for each in template]
    if not isinstance(template, dict):
        return template
    return {
        key.removesuffix(".$"): value_of(each, data, context) if key.endswith(".$") else expanded(each, data, context)
        for key, each in template.items()
    }


def expressions(template: Any) -> Iterator[tuple[str, Any]]:
    """All that it has, each with its field."""
    for key, each in template.items() if isinstance(template, dict) else ():
        if key.endswith(".$"):
            yield key, each
        yield from expressions(each)
    for each in template if isinstance(template, list) else ():
        yield from expressions(each)


def read(expression: str) -> Call | Path:
    """An expression's parts.

    :raises DefinitionError: it is none.
    """
    if expression.startswith("$"):
        parts_of(_own(expression))
        return Path(expression)
    call, end = _call(expression, 0, 0)
    if expression[end:].strip():
        raise _unread(expression)
    return call


def _meant(part: Any, data: Any, context: Any) -> Any:
    if isinstance(part, Path):
        return found_at(_own(part.path), context if part.path.startswith("$$") else data)
    if not isinstance(part, Call):
        return part
    given = [_meant(each, data, context) for each in part.arguments]
    try:
        return bounded(functions.FUNCTIONS[part.name](*given))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, RecursionError) as problem:
        raise StateError(
            RUNTIME, f"The function States.{part.name} had invalid arguments: {str(problem)[:200]}"
        ) from None


def _own(path: str) -> str:
    return path[1:] if path.startswith("$$") else path


def _call(text: str, at: int, depth: int) -> tuple[Call, int]:
    found = _NAME.match(text, _space(text, at))
    if found is None or found[1] not in functions.FUNCTIONS or depth >= _DEPTH_MAX:
        raise _unread(text)
    arguments: list[Any] = []
    at = _space(text, found.end())
    while text[at : at + 1] != ")":
        if arguments:
            if text[at : at + 1] != ",":
                raise _unread(text)
            at = _space(text, at + 1)
        argument, at = _argument(text, at, depth)
        arguments.append(argument)
        at = _space(text, at)
    return Call(found[1], arguments), at + 1


def _argument(text: str, at: int, depth: int) -> tuple[Any, int]:
    if quoted := _TEXT.match(text, at):
        return _ESCAPED.sub(lambda each: each[0] if each[1] in "{}" else each[1], quoted[1]), quoted.end()
    if text[at : at + 1] == "$":
        end = _path_end(text, at)
        path = text[at:end].strip()
        parts_of(_own(path))
        return Path(path), end
    if word := _WORD.match(text, at):
        if word[0] in _WORDS:
            return _WORDS[word[0]], word.end()
        return (float(word[0]) if re.search(r"[.eE]", word[0]) else int(word[0])), word.end()
    return _call(text, at, depth + 1)


def _path_end(text: str, at: int) -> int:
    """Where a path ends that a comma or the function's bracket follows."""
    opened = 0
    for place in range(at, len(text)):
        character = text[place]
        if character == "[":
            opened += 1
        elif character == "]":
            opened -= 1
        elif opened == 0 and character in ",)":
            return place
    raise _unread(text)


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _unread(text: str) -> DefinitionError:
    return DefinitionError(f"INVALID_INTRINSIC_FUNCTION: it cannot be read: {text[:200]}")
