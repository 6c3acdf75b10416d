"""The rules of a Choice state, see https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html."""

from __future__ import annotations

import operator
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .paths import found_at, is_there
from .problems import RUNTIME, StateError

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPARISON = re.compile(
    r"(String|Numeric|Boolean|Timestamp)(Equals|LessThanEquals|GreaterThanEquals|LessThan|GreaterThan)(Path)?"
)
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def operators_of(rule: dict[str, Any]) -> list[str]:
    """What a rule compares by; a rule has exactly one."""
    known = (*_JOINED, "StringMatches", *_TESTS)
    return [key for key in rule if key in known or _COMPARISON.fullmatch(key)]


def holds(rule: dict[str, Any], data: Any, context: Any) -> bool:
    """Whether a rule holds for an input.

    :raises StateError: it compares what is not there.
    """
    (name,) = operators_of(rule)
    wanted = rule[name]
    if name in _JOINED:
        return _JOINED[name](wanted, data, context)
    variable = rule["Variable"]
    place, variable = (context, variable[1:]) if variable.startswith("$$") else (data, variable)
    if name == "IsPresent":
        return is_there(variable, place) is bool(wanted)
    try:
        value = found_at(variable, place)
    except StateError:
        said = f"Invalid path '{variable}': The choice state's condition path references an invalid value."
        raise StateError(RUNTIME, said) from None
    if name in _TESTS:
        return _TESTS[name](value) is bool(wanted)
    return _compared(name, value, wanted, data)


def _compared(name: str, value: Any, wanted: Any, data: Any) -> bool:
    if name == "StringMatches":
        return isinstance(value, str) and _matches(value, wanted)
    found = _COMPARISON.fullmatch(name)
    assert found is not None
    kind, sign, by_path = found.groups()
    if by_path:
        wanted = found_at(wanted, data)
    if not (_KINDS[kind](value) and _KINDS[kind](wanted)):
        return False
    if kind == "Timestamp":
        value, wanted = _moment(value), _moment(wanted)
    return bool(_SIGNS[sign](value, wanted))


def _is_timestamp(value: Any) -> bool:
    return isinstance(value, str) and _TIMESTAMP.fullmatch(value) is not None


def moment_ms(text: Any) -> int:
    """A timestamp in milliseconds since 1970.

    :raises StateError: it is none.
    """
    if not _is_timestamp(text):
        raise StateError(RUNTIME, f"not a timestamp: {str(text)[:100]}")
    return round(_moment(text).timestamp() * 1_000)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise StateError(RUNTIME, f"not a timestamp: {text[:100]}") from None


def _is_numeric(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _matches(text: str, pattern: str) -> bool:
    """Whether a text is as a pattern with ``*`` says, in time that grows with their lengths alone."""
    parts = [part.replace("\0", "*").replace("\1", "\\") for part in _marked(pattern).split("*")]
    if len(parts) == 1:
        return text == parts[0]
    first, *middle, last = parts
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def _marked(pattern: str) -> str:
    return pattern.replace("\\\\", "\1").replace("\\*", "\0")


_KINDS: dict[str, Callable[[Any], bool]] = {
    "String": lambda value: isinstance(value, str),
    "Numeric": _is_numeric,
    "Boolean": lambda value: isinstance(value, bool),
    "Timestamp": _is_timestamp,
}
_JOINED: dict[str, Callable[[Any, Any, Any], bool]] = {
    "And": lambda rules, data, context: all(holds(each, data, context) for each in rules),
    "Or": lambda rules, data, context: any(holds(each, data, context) for each in rules),
    "Not": lambda rule, data, context: not holds(rule, data, context),
}
_TESTS: dict[str, Callable[[Any], bool]] = {
    "IsPresent": lambda _: True,
    "IsNull": lambda value: value is None,
    "IsString": _KINDS["String"],
    "IsNumeric": _is_numeric,
    "IsBoolean": _KINDS["Boolean"],
    "IsTimestamp": _is_timestamp,
}
