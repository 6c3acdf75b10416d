"""Reads JSON from people or programs, with a message for errors. Pure."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.scenario.validation_messages import field_name
from sandbox_runner.scenario.yaml_reader import shown
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple["str | int", ...]

_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")


class JsonTextError(ValueError):
    """The text is not acceptable JSON. The message says where and what.

    ``line`` and ``column`` count from 1, or are None; ``field`` is the dotted path of the error, or empty.
    """

    def __init__(self, problem: str, *, field: str = "", line: int | None = None, column: int | None = None) -> None:
        super().__init__(problem)
        self.field = field
        self.line = line
        self.column = column


class _Repeated(ValueError):  # noqa: N818 - said to read_json only, which then looks for the place
    """An object has that key twice, at a place not known yet."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


class _Pairs(list[tuple[str, Any]]):
    """An object as written, with duplicate keys."""


def read_json(text: str) -> Any:
    """The value of ``text``.

    Stricter than Python's parser: no ``NaN``, no ``Infinity`` and no number too large for a double, as the format
    requires; no duplicate key in an object and no half of a surrogate pair, because parsers disagree on those.

    :raises JsonTextError: it spells none.
    """
    try:
        value = json.loads(text, parse_constant=_refused, parse_float=_finite, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise JsonTextError(
            f"is not valid JSON at {where}: {_plain(error.msg)}", line=error.lineno, column=error.colno
        ) from None
    except RecursionError:
        raise JsonTextError("is nested too deeply") from None
    except JsonTextError:
        raise
    except _Repeated as error:
        raise _repeated_key(text, error.key) from None
    except ValueError:
        # Python refuses to parse integers of more than 4,300 digits.
        raise JsonTextError("has a number with too many digits") from None
    if _HALF.search(text):
        _refuse_halves(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Repeated(_first_repeated(pairs))
    return found


def _repeated_key(text: str, key: str) -> JsonTextError:
    """The error message for a duplicate key; without its path where the rest of the text is not JSON."""
    place = ""
    with suppress(ValueError, RecursionError):
        for path, value in _places(json.loads(text, object_pairs_hook=_Pairs)):
            if isinstance(value, _Pairs) and len(dict(value)) < len(value):
                key = _first_repeated(value)
                place = field_name((*path, key))
                break
    return JsonTextError(f"has the key {shown(key)} twice in one object; keep one", field=place)


def _first_repeated(pairs: list[tuple[str, Any]]) -> str:
    return next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)


def _refuse_halves(value: Any) -> None:
    for path, inner in _places(value):
        texts = inner if isinstance(inner, dict) else [inner] if isinstance(inner, str) else ()
        if any(well_formed(each) != each for each in texts):
            problem = "has half a character in it (a lone surrogate); write the whole character"
            raise JsonTextError(problem, field=field_name(path))


def _places(value: Any) -> Iterator[tuple[Path, Any]]:
    """Every value in ``value`` with its path, in order of the text; keeps only one path at a time."""
    path: list[str | int] = []
    yield (), value
    levels = [_parts(value)]
    while levels:
        entry = next(levels[-1], None)
        if entry is None:
            levels.pop()
            del path[-1:]
            continue
        key, inner = entry
        yield (*path, key), inner
        path.append(key)
        levels.append(_parts(inner))


def _parts(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, _Pairs):
        return iter(value)
    if isinstance(value, dict):
        return iter(value.items())
    return iter(enumerate(value)) if isinstance(value, list) else iter(())


def _refused(name: str) -> float:
    raise JsonTextError(f"has {name} in it, which JSON cannot express")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise JsonTextError(f"has the number {text[:40]} in it, which is too large")
    return number


def _plain(message: str) -> str:
    """The parser's message as the end of a sentence."""
    return message[:1].lower() + message[1:].removesuffix(".")
