"""Event patterns: which events EventBridge sends to a rule's targets, and which records Lambda sends to a function.

The rules: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html,
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html and aws/event-ruler, README.md; the words
against a pattern were recorded in localstack/localstack, tests/aws/services/events/test_events_patterns.snapshot.json.

The standard library alone, and nothing of ours: the account's sandbox has a copy of this file.
"""

import ipaddress
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

# What a value in a pattern asks of the value that an event has.
Test = Callable[[Any], bool]
# The events' values by their paths, each with the element of every array on the way there.
Leaf = tuple[Any, Mapping[str, int]]

FIELDS_MAX = 200
ALTERNATIVES_MAX = 1_000
STEPS_MAX = 20_000
LARGEST = 5_000_000_000.0
COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}
IN_MAPPINGS = frozenset({"exists", "prefix", "suffix", "equals-ignore-case", "anything-but", "numeric"})
"""The operators that Lambda's page has for event source mappings."""


class PatternError(ValueError):
    """A text is no event pattern, in the service's own words."""


class _Missing:
    """Asks that a field is not there."""


class Pattern:
    """One pattern, read from its text.

    :param operators: those that may be used; all of EventBridge's by default.
    :raises PatternError: it is none.
    """

    def __init__(self, text: str, operators: frozenset[str] | None = None) -> None:
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            raise PatternError("Invalid JSON") from None
        if not isinstance(told, dict):
            raise PatternError("Filter is not an object")
        if not told:
            raise PatternError("Empty objects are not allowed")
        self._operators = operators
        self._alternatives = list(self._of_object(told, ""))

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether an event is as the pattern asks."""
        leaves: dict[str, list[Leaf]] = {}
        for path, value, elements in _leaves(event, "", {}):
            leaves.setdefault(path, []).append((value, elements))
        steps = iter(range(STEPS_MAX))
        return any(_fits(fields, leaves, {}, steps) for fields in self._alternatives)

    # --- reading --------------------------------------------------------------------------------------------------

    def _of_object(self, told: Mapping[str, Any], place: str) -> Iterator[tuple[tuple[str, tuple[Any, ...]], ...]]:
        """Each way in which an object's fields may be fulfilled: one, but for ``$or``."""
        ways: list[tuple[tuple[str, tuple[Any, ...]], ...]] = [()]
        for key, asked in told.items():
            if key == "$or" and isinstance(asked, list):
                if not all(isinstance(each, dict) and each for each in asked):
                    raise PatternError("Elements of $or must be objects")
                more = [way for each in asked for way in self._of_object(each, place)]
            else:
                more = self._of_field(key, asked, f"{place}.{key}" if place else key)
            ways = [(*way, *further) for way in ways for further in more]
            if len(ways) > ALTERNATIVES_MAX or len(ways[0]) > FIELDS_MAX:
                raise PatternError("Rule is too complex")
        return iter(ways)

    def _of_field(self, key: str, asked: Any, path: str) -> list[tuple[tuple[str, tuple[Any, ...]], ...]]:
        if isinstance(asked, dict):
            if not asked:
                raise PatternError("Empty objects are not allowed")
            return list(self._of_object(asked, path))
        if not isinstance(asked, list):
            raise PatternError(f'"{key}" must be an object or an array')
        if not asked:
            raise PatternError("Empty arrays are not allowed")
        return [((path, tuple(self._test(each) for each in asked)),)]

    def _test(self, asked: Any) -> Test | _Missing:
        if isinstance(asked, list):
            raise PatternError("Match value must be String, number, true, false, or null")
        if not isinstance(asked, dict):
            return _equal_to(asked)
        if len(asked) != 1:
            raise PatternError("Only one key allowed in match expression")
        ((operator, value),) = asked.items()
        if operator not in _READ or (self._operators is not None and operator not in self._operators):
            raise PatternError(f"Unrecognized match type {operator[:100]}")
        test: Test | _Missing = _READ[operator](value)
        return test


def _leaves(told: Any, path: str, elements: Mapping[str, int]) -> Iterator[tuple[str, Any, Mapping[str, int]]]:
    """An event's values with their paths."""
    if isinstance(told, Mapping):
        for key, value in told.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key), elements)
    elif isinstance(told, Sequence) and not isinstance(told, str | bytes):
        for number, value in enumerate(told):
            yield from _leaves(value, path, {**elements, path: number} if isinstance(value, Mapping) else elements)
    else:
        yield path, told, elements


def _fits(
    fields: Sequence[tuple[str, tuple[Any, ...]]],
    leaves: Mapping[str, Sequence[Leaf]],
    chosen: Mapping[str, int],
    steps: Iterator[int],
) -> bool:
    """Whether each field has a value as it asks, all of the same element where they come from one array."""
    if not fields:
        return True
    if next(steps, None) is None:
        return False
    (path, tests), *others = fields
    found = leaves.get(path, ())
    if not found and any(isinstance(test, _Missing) for test in tests):
        return _fits(others, leaves, chosen, steps)
    asked = [test for test in tests if not isinstance(test, _Missing)]
    for value, elements in found:
        if any(chosen.get(place, number) != number for place, number in elements.items()):
            continue
        if any(test(value) for test in asked) and _fits(others, leaves, {**chosen, **elements}, steps):
            return True
    return False


# --- operators ----------------------------------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal_to(asked: Any) -> Test:
    if _is_number(asked):
        return lambda value: _is_number(value) and value == asked
    return lambda value: type(value) is type(asked) and value == asked


def _exists(asked: Any) -> Test | _Missing:
    if not isinstance(asked, bool):
        raise PatternError("exists match pattern must be either true or false.")
    return (lambda _: True) if asked else _Missing()


def _text(asked: Any, name: str) -> str:
    if not isinstance(asked, str):
        raise PatternError(f"{name} match pattern must be a string")
    return asked


def _prefix(asked: Any) -> Test:
    if isinstance(asked, dict) and list(asked) == ["equals-ignore-case"]:
        text = _text(asked["equals-ignore-case"], "equals-ignore-case").lower()
        return lambda value: isinstance(value, str) and value.lower().startswith(text)
    text = _text(asked, "prefix")
    return lambda value: isinstance(value, str) and value.startswith(text)


def _suffix(asked: Any) -> Test:
    if isinstance(asked, dict) and list(asked) == ["equals-ignore-case"]:
        text = _text(asked["equals-ignore-case"], "equals-ignore-case").lower()
        return lambda value: isinstance(value, str) and value.lower().endswith(text)
    text = _text(asked, "suffix")
    return lambda value: isinstance(value, str) and value.endswith(text)


def _ignoring_case(asked: Any) -> Test:
    text = _text(asked, "equals-ignore-case").lower()
    return lambda value: isinstance(value, str) and value.lower() == text


def _wildcard(asked: Any) -> Test:
    text = _text(asked, "wildcard")
    parts, place = [""], 0
    while place < len(text):
        if text[place] == "\\":
            place += 1
            if text[place : place + 1] not in {"*", "\\"}:
                raise PatternError(f"Invalid escape character at pos {place}")
            parts[-1] += text[place]
        elif text[place] != "*":
            parts[-1] += text[place]
        elif text[place + 1 : place + 2] == "*":
            raise PatternError(f"Consecutive wildcard characters at pos {place + 1}")
        else:
            parts.append("")
        place += 1
    return lambda value: isinstance(value, str) and _in_order(parts, value)


def _in_order(parts: Sequence[str], value: str) -> bool:
    """Whether a text begins with the first part, ends with the last, and has the others in their order between."""
    first, *between = parts
    if not between:
        return value == first
    last = between.pop()
    if not value.startswith(first) or not value.endswith(last):
        return False
    place = len(first)
    for part in between:
        found = value.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return place + len(last) <= len(value)


def _numeric(asked: Any) -> Test:
    if not isinstance(asked, list):
        raise PatternError("Value of numeric must be an array.")
    bounds: list[tuple[str, float]] = []
    for operator, bound in zip(asked[::2], [*asked[1::2], None], strict=False):
        after = [each for each, _ in bounds]
        if not isinstance(operator, str) or operator not in COMPARED:
            raise PatternError(f"Unrecognized numeric range operator: {str(operator)[:20]}")
        if after and (after[0] not in {">", ">="} or operator not in {"<", "<="} or len(after) > 1):
            raise PatternError(f"Bad numeric range operator: {operator}")
        if not _is_number(bound):
            raise PatternError(f"Value of {operator} must be numeric")
        if abs(bound) > LARGEST:
            raise PatternError("Value must be between -5.0E9 and 5.0E9, inclusive")
        bounds.append((operator, bound))
    if not bounds:
        raise PatternError("Invalid member in numeric match: ]")
    return lambda value: _is_number(value) and all(COMPARED[each](value, bound) for each, bound in bounds)


def _network(asked: Any) -> Test:
    text = _text(asked, "prefix")
    address, slash, bits = text.partition("/")
    if not slash or "/" in bits:
        raise PatternError("Malformed CIDR, one '/' required")
    if not bits.isdigit():
        raise PatternError("Malformed CIDR, mask bits must be an integer")
    try:
        network = ipaddress.ip_network(f"{ipaddress.ip_address(address)}/{bits[:3]}", strict=False)
    except ValueError:
        raise PatternError(f"Nonstandard IP address: {address[:100]}") from None

    def is_in(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return is_in


def _anything_but(asked: Any) -> Test:
    if isinstance(asked, dict):
        return _none_of(*_but_operator(asked))
    if isinstance(asked, list):
        if not asked:
            raise PatternError("Empty arrays are not allowed")
        if not all(isinstance(each, str) or _is_number(each) for each in asked):
            raise PatternError("Inside anything but list, start|null|boolean is not supported.")
        if len({isinstance(each, str) for each in asked}) > 1:
            raise PatternError(
                "Inside anything but list, either all values are number or string, mixed type is not supported"
            )
        return _none_of(*map(_equal_to, asked))
    if not isinstance(asked, str) and not _is_number(asked):
        raise PatternError("Value of anything-but must be an array or single string/number value.")
    return _none_of(_equal_to(asked))


def _but_operator(asked: Mapping[str, Any]) -> list[Test]:
    """What an operator inside of ``anything-but`` excludes: one text, or several."""
    if len(asked) != 1:
        raise PatternError("Only one key allowed in match expression")
    ((operator, value),) = asked.items()
    values = value if isinstance(value, list) else [value]
    if operator in {"prefix", "suffix"}:
        if isinstance(value, dict):
            raise PatternError("Value of anything-but must be an array or single string/number value.")
        if not all(isinstance(each, str) for each in values):
            raise PatternError("prefix/suffix match pattern must be a string")
        if not all(values):
            raise PatternError("Null prefix/suffix not allowed")
        return [(_prefix if operator == "prefix" else _suffix)(each) for each in values]
    if operator == "equals-ignore-case":
        if not all(isinstance(each, str) for each in values):
            raise PatternError(
                "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
            )
        return [_ignoring_case(each) for each in values]
    if operator == "wildcard":
        return [_wildcard(each) for each in values]
    raise PatternError(f"Unsupported anything-but pattern: {operator[:100]}")


def _none_of(*tests: Test) -> Test:
    return lambda value: not any(test(value) for test in tests)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "exists": _exists,
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _ignoring_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "cidr": _network,
    "anything-but": _anything_but,
}
