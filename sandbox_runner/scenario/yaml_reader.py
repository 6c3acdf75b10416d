"""Parses YAML and JSON text to plain data with line numbers. Pure.

Only JSON's data model is accepted, by the rules of YAML 1.2's core schema
(https://yaml.org/spec/1.2.2/#103-core-schema), so that JSON pasted into YAML means the same: ``1e5`` is a number,
``no`` is text. Anchors, aliases, tags, duplicate keys, deep nesting and multiple documents are rejected, each with a
message.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import yaml

from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import say
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.messages import Message

DEPTH_MAX = 100
# A scenario's own fields end at this depth; below it are payloads, which may have millions of values.
_POSITIONS_DEPTH_MAX = 4
_JSON_LINES_BYTES_MAX = 1 * limits.MB
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path: TypeAlias = tuple[str | int, ...]
Lines: TypeAlias = dict[Path, tuple[int, int]]

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_JSON_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class Document:
    """The content of a text: plain data and the positions of its parts."""

    def __init__(self, data: Any, lines: Lines | None = None, *, text: str = "") -> None:
        self.data = data
        self._lines = lines
        self._text = text

    def position(self, path: Path) -> tuple[int | None, int | None]:
        """1-based line and column of ``path``, or of its nearest known parent; ``None`` if there is none."""
        if self._lines is None:
            self._lines = _lines_of(self._text)
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return None, None


def read_document(text: str) -> Document:
    """The data in ``text``.

    :raises ScenarioError: it is neither YAML nor JSON, exceeds the size limit, or contains something JSON cannot.
    """
    if len(text) > limits.SCENARIO_BYTES_MAX:
        raise ScenarioError(say("scenario-too-large", mb=limits.SCENARIO_BYTES_MAX // limits.MB))
    if text.lstrip()[:1] in {"{", "["}:
        document = _read_json(text)
        if document is not None:
            return document
    return _read_yaml(text)


# --- JSON ---------------------------------------------------------------------------------------------------------


def _read_json(text: str) -> Document | None:
    """Parse JSON; ``None`` if it is not JSON, as text in braces can still be YAML."""
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except RecursionError:
        raise _too_deep(None) from None
    except ScenarioError:
        raise
    except ValueError:
        return None
    if depth(data) > DEPTH_MAX:
        raise _too_deep(None)
    return Document(data, text=text)


def _lines_of(text: str) -> Lines:
    # JSON's own parser gives no lines. Parsing the text as YAML nearly always does; used only for an error.
    if len(text) > _JSON_LINES_BYTES_MAX:
        return {}
    builder = _Builder(yaml.parse(text, Loader=_LOADER))
    with contextlib.suppress(yaml.YAMLError, ScenarioError, UnicodeError):
        builder.document()
    return builder.lines


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ScenarioError(say("key-twice", key=shown(key), in_json=True))
        found[key] = value
    return found


def _no_number(name: str) -> NoReturn:
    raise ScenarioError(say("no-json-number", text=name))


def depth(data: object) -> int:
    """The nesting depth, counted without recursion and only up to the limit."""
    level, deepest = [data], 0
    while level and deepest <= DEPTH_MAX:
        containers = [each for each in level if isinstance(each, dict | list)]
        deepest += bool(containers)
        level = [part for each in containers for part in (each.values() if isinstance(each, dict) else each)]
    return deepest


# --- YAML ---------------------------------------------------------------------------------------------------------


def _read_yaml(text: str) -> Document:
    try:
        builder = _Builder(yaml.parse(text, Loader=_LOADER))
        return Document(builder.document(), builder.lines)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        what = shown(problem.problem or "", 120)
        raise ScenarioError(say("not-yaml", detail=what), line=line, column=column) from None
    except (yaml.YAMLError, UnicodeError) as problem:
        what = shown(str(problem).partition("\n")[0], 120)
        raise ScenarioError(say("not-yaml", detail=what)) from None


class _Builder:
    """Builds plain data from a stream of YAML events."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self.lines: Lines = {}

    def document(self) -> Any:
        data: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _at(say("one-document"), event)
            elif isinstance(event, yaml.NodeEvent):
                data = self._node(event, (), 0)
        return data

    def _node(self, event: Any, path: Path, level: int) -> Any:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _at(say("no-anchors"), event)
        if event.tag is not None:
            raise _at(say("no-tags", tag=shown(event.tag)), event)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if level == DEPTH_MAX:
            raise _too_deep(event)
        return (self._mapping if isinstance(event, yaml.MappingStartEvent) else self._sequence)(path, level + 1)

    def _sequence(self, path: Path, level: int) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            here = (*path, len(found))
            self._remember(here, event)
            found.append(self._node(event, here, level))
        return found

    def _mapping(self, path: Path, level: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                raise _at(say("key-not-text"), event)
            key = event.value
            if key in found:
                raise _at(say("key-twice", key=shown(key), in_json=False), event)
            here = (*path, key)
            self._remember(here, event)
            found[key] = self._node(next(self._events), here, level)
        return found

    def _remember(self, path: Path, event: yaml.Event) -> None:
        if len(path) <= _POSITIONS_DEPTH_MAX:
            self.lines[path] = _place(event)


def _scalar(event: yaml.ScalarEvent) -> Any:
    text: str = event.value
    plain: bool = event.implicit[0]
    if not plain:
        return text
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _NO_JSON_NUMBER.fullmatch(text):
        raise _at(say("no-json-number", text=text), event)
    return _number(text, event)


def _number(text: str, event: yaml.ScalarEvent) -> Any:
    try:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _BASED.fullmatch(text):
            return int(text, 0)
    except ValueError:
        raise _at(say("too-many-digits"), event) from None
    if not _FLOAT.fullmatch(text):
        return text
    value = float(text)
    if math.isinf(value):
        raise _at(say("number-too-large", text=shown(text)), event)
    return value


def _at(problem: Message, event: yaml.Event) -> ScenarioError:
    line, column = _place(event)
    return ScenarioError(problem, line=line, column=column)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _too_deep(event: yaml.Event | None) -> ScenarioError:
    problem = say("too-deep", most=DEPTH_MAX)
    return _at(problem, event) if event else ScenarioError(problem)


def shown(text: str, characters_max: int = 60) -> str:
    """``text`` for use in a message: on one line, visible, and not too long."""
    cut = text if len(text) <= characters_max else text[:characters_max] + "…"
    return visible(cut)
