"""Answers and payloads taken apart: which text stands at which path. Pure, bounded, never raises on any input.

Answers are compared decoded, not as bytes: AWS's runtime clients escape characters differently. A string that holds
JSON or base64, as the ``body`` of an HTTP answer may, is taken apart too.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sandbox_runner.verdict.texts.encoded_strings import TEXT_CHARACTERS_MAX, json_in, opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LEAVES_MAX: Final = 5_000
_DEPTH_MAX: Final = 40
_NAME = re.compile(r"[A-Za-z_$][\w$-]*\Z")

Leaf: TypeAlias = tuple[str, object]


def leaves(text: str) -> tuple[tuple[Leaf, ...], bool]:
    """``(path, value)`` of everything in an answer, and whether some was left out.

    Text that is no JSON is one leaf with an empty path. Values are ``str``, ``int``, ``float``, ``bool`` or ``None``;
    an empty container is ``"[]"`` or ``"{}"``.
    """
    value = _parsed(text)
    return bounded_leaves(text[:TEXT_CHARACTERS_MAX] if value is _NOTHING else value)


def bounded_leaves(value: object) -> tuple[tuple[Leaf, ...], bool]:
    """The same of a value that is decoded already, a payload for one."""
    found: list[Leaf] = []
    for leaf in _walk(value, "", _DEPTH_MAX):
        if len(found) >= LEAVES_MAX:
            return tuple(found), True
        found.append(leaf)
    return tuple(found), False


def text_of(value: object) -> str:
    """A leaf's value as it is searched and compared."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


_NOTHING: Final = object()


def _parsed(text: str) -> object:
    if len(text) > TEXT_CHARACTERS_MAX:
        return _NOTHING
    try:
        return json_in(text)
    except (ValueError, RecursionError):
        return _NOTHING


def _walk(
    value: object, path: str, depth: int, key: str = "", beside: Mapping[str, Any] | None = None
) -> Iterator[Leaf]:
    if isinstance(value, str) and depth > 0:
        inner = opened(value, key, beside)
        value = value if inner is None else inner.value
    if depth <= 0:
        yield path, json.dumps(value, default=str)[:TEXT_CHARACTERS_MAX] if isinstance(value, dict | list) else value
    elif isinstance(value, dict) and value:
        for name, held in value.items():
            yield from _walk(held, joined(path, str(name)), depth - 1, str(name), value)
    elif isinstance(value, list) and value:
        for number, held in enumerate(value):
            yield from _walk(held, f"{path}[{number}]", depth - 1)
    elif isinstance(value, dict | list):
        yield path, "{}" if isinstance(value, dict) else "[]"
    else:
        yield path, value


def joined(path: str, key: str) -> str:
    """The path of ``key`` in what stands at ``path``."""
    if not _NAME.match(key):
        return f"{path}[{json.dumps(key, ensure_ascii=False)}]"
    return f"{path}.{key}" if path else key
