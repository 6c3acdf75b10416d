"""JSONPath as state machines have it: where a value is, and where a result is put."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from .problems import RUNTIME, DefinitionError, StateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PART = re.compile(
    r"""\.\.(?P<deep>\*|[^.\[\]'"()\s]+)
      | \.(?P<name>\*|[^.\[\]'"()]+)
      | \[\s*(?P<slice>-?\d*\s*:\s*-?\d*(?:\s*:\s*-?\d+)?)\s*\]
      | \[\s*(?P<numbers>-?\d+(?:\s*,\s*-?\d+)*)\s*\]
      | \[\s*(?P<all>\*)\s*\]
      | \[\s*(?P<names>(?:'[^']*'|"[^"]*")(?:\s*,\s*(?:'[^']*'|"[^"]*"))*)\s*\]
      | \[\?\(\s*@(?P<field>(?:\.[\w-]+)+)\s*(?:(?P<sign>==|!=|<=|>=|<|>)\s*(?P<literal>[^)]+?)\s*)?\)\]
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_MANY = frozenset({"deep", "slice", "all", "field"})
# Holdover's own: of a path's text, and of the values that it may mean on its way.
_CHARACTERS_MAX, _VALUES_MAX = 2_000, 20_000
_SIGNS = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}

Part = tuple[str, Any]


@lru_cache(maxsize=1_024)
def parts_of(path: str) -> tuple[Part, ...]:
    """A path's steps from the root.

    :raises DefinitionError: it is none that is played.
    """
    if len(path) > _CHARACTERS_MAX:
        raise DefinitionError(f"HOLDOVER: it reads paths of {_CHARACTERS_MAX} characters, and one has {len(path)}")
    if not path.startswith("$"):
        raise DefinitionError(f"INVALID_JSON_PATH: a path begins with $: {path[:200]}")
    found, at = [], 1
    while at < len(path):
        match = _PART.match(path, at)
        if match is None:
            raise DefinitionError(f"INVALID_JSON_PATH: cannot be read from character {at + 1}: {path[:200]}")
        found.append(_part(match))
        at = match.end()
    return tuple(found)


def _part(match: re.Match[str]) -> Part:
    kind = str(match.lastgroup)
    if match["field"]:
        literal = match["literal"]
        return "filter", (match["field"].split(".")[1:], match["sign"], literal and _literal(literal))
    text = match[kind]
    if kind == "name" and text == "*":
        return "all", text
    if kind == "numbers":
        return kind, tuple(int(each) for each in text.split(","))
    if kind == "names":
        return kind, tuple(one or other for one, other in _QUOTED.findall(text))
    if kind == "slice":
        return kind, slice(*(int(each) if each.strip() else None for each in text.split(":")))
    return kind, text


def _literal(text: str) -> Any:
    try:
        return json.loads(f'"{text[1:-1]}"' if text.startswith("'") else text)
    except ValueError:
        raise DefinitionError(f"INVALID_JSON_PATH: no value to compare with: {text[:200]}") from None


def found_at(path: str, data: Any) -> Any:
    """The value at a path; where a path may mean several, the list of them.

    :raises StateError: there is none.
    """
    values, several = [data], False
    for kind, what in parts_of(path):
        several = several or kind in _MANY or kind == "filter" or (kind in {"numbers", "names"} and len(what) > 1)
        values = list(islice((each for value in values for each in _inside(value, kind, what)), _VALUES_MAX + 1))
        if len(values) > _VALUES_MAX:
            raise StateError(RUNTIME, f"Holdover reads {_VALUES_MAX} values by one path, and '{path[:200]}' has more")
    if several:
        return values
    if not values:
        raise StateError(RUNTIME, f"Invalid path '{path}': there is nothing in the input.")
    return values[0]


def is_there(path: str, data: Any) -> bool:
    """Whether there is a value."""
    try:
        found_at(path, data)
    except StateError:
        return False
    return True


def _inside(value: Any, kind: str, what: Any) -> Iterable[Any]:
    if kind == "deep":
        return [found for each in _everything(value) for found in _inside(each, "all" if what == "*" else "name", what)]
    if kind in {"all", "filter"}:
        return [each for each in _children(value) if kind == "all" or _holds(each, *what)]
    if isinstance(value, dict) and kind in {"name", "names"}:
        names = what if kind == "names" else (what,)
        return [value[name] for name in names if name in value]
    if isinstance(value, list) and kind == "slice":
        return list(value[what])
    if isinstance(value, list) and kind == "numbers":
        return [value[each] for each in what if -len(value) <= each < len(value)]
    return ()


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _everything(value: Any) -> Iterator[Any]:
    yield value
    for each in _children(value):
        yield from _everything(each)


def _holds(value: Any, names: list[str], sign: str | None, literal: Any) -> bool:
    for name in names:
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    if sign is None:
        return True
    try:
        return bool(_SIGNS[sign](value, literal))
    except TypeError:
        return False


def put_at(path: str | None, data: Any, result: Any) -> Any:
    """``data`` with ``result`` at a path; ``data`` alone without a path.

    :raises StateError: the path leads through something that has no fields.
    """
    if path is None:
        return data
    steps = parts_of(path)
    if not steps:
        return result
    names = [_name(kind, what, path) for kind, what in steps]
    whole = json.loads(json.dumps(data))
    if not isinstance(whole, dict):
        raise _no_match(path)
    place: Any = whole
    for name, following in pairwise(names):
        if isinstance(name, str) and isinstance(place, dict):
            place = place.setdefault(name, [] if isinstance(following, int) else {})
        elif isinstance(name, int) and isinstance(place, list) and name < len(place):
            place = place[name]
        else:
            raise _no_match(path)
    last = names[-1]
    fits = isinstance(place, dict) if isinstance(last, str) else isinstance(place, list) and 0 <= last < len(place)
    if not fits:
        raise _no_match(path)
    place[last] = result
    return whole


def check_reference(path: str) -> None:
    """:raises DefinitionError: it is no path to one place."""
    for kind, what in parts_of(path):
        _name(kind, what, path)


def _name(kind: str, what: Any, path: str) -> str | int:
    if kind == "name":
        return str(what)
    if kind in {"names", "numbers"} and len(what) == 1:
        one: str | int = what[0]
        return one
    raise DefinitionError(f"INVALID_JSON_PATH: it may mean several places: {path[:200]}")


def _no_match(path: str) -> StateError:
    return StateError("States.ResultPathMatchFailure", f"Unable to apply Path transformation {path} to the input.")
