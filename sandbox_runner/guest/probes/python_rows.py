"""A walk's leaves as JSON text, within limits; unchanged parts are reused from the last walk.

A row is ``[root, carrier, path, kind, value, value_was_cut]``: ``carrier`` is the module's own name for the place
(``app.cache``), ``path`` the expression that reads the value (``app.cache['user']``).

Rows are kept between walks with the plain values they were made of, compared by identity: no object with a finalizer or
weak references lives longer because of it.
"""

from __future__ import annotations

from json import encoder
from operator import is_
from typing import Any, NamedTuple

from . import python_text

ROOT = "python-module"
PATH_CHARACTERS_MAX = 512
# C throughout, and bound before user code runs.
_quote = encoder.c_encode_basestring_ascii  # type: ignore[attr-defined] # typeshed does not know it
_INT_END = 10**18
_TEXT_MAX = python_text.VALUE_CHARACTERS_MAX
_PLAIN = frozenset(map(id, (str, int, float, bool, type(None))))


def head(carrier: str) -> str:
    """The beginning of a carrier's rows."""
    return f'["{ROOT}",{_quote(carrier)},'


def plain(begin: str, path: str, value: Any) -> str:
    """The row of a value whose text is cheap to make; empty if it is not, or too long."""
    kind = type(value)
    if kind is str:
        return f'{begin}{_quote(path)},"str",{_quote(value)},false]' if len(value) <= _TEXT_MAX else ""
    if kind is int:
        return f'{begin}{_quote(path)},"int","{value}",false]' if -_INT_END < value < _INT_END else ""
    if value is None:
        return f'{begin}{_quote(path)},"NoneType","None",false]'
    if kind is bool or kind is float:
        return f'{begin}{_quote(path)},"{kind.__name__}","{value!r}",false]'
    return ""


def row(begin: str, path: str, value: Any, text: str, *, was_cut: bool) -> str:
    """The row of a value with that text."""
    kind = python_text.kind_name(value)
    return f"{begin}{_quote(path)},{_quote(kind)},{_quote(text)},{'true' if was_cut else 'false'}]"


class Rows:
    """The rows of a frame. Full once a row did not fit."""

    def __init__(self, leaves_max: int, bytes_max: int) -> None:
        self._parts: list[str] = []
        self._leaves_left = leaves_max
        self._bytes_left = bytes_max
        self.count = 0
        self.is_full = False

    def add(self, rows: list[str]) -> str:
        """Add these rows, or as many as fit; returns all as one text."""
        text = ",".join(rows)
        if not self.take(text, len(rows)):
            self.is_full = True
            for each in rows:
                self.take(each, 1)
        return text

    def take(self, text: str, count: int) -> bool:
        """Add ``count`` rows that are one text already, if they fit."""
        if count > self._leaves_left or len(text) >= self._bytes_left:
            return False
        if count:
            self._parts.append(text)
            self.count += count
            self._leaves_left -= count
            self._bytes_left -= len(text) + 1
        return True

    def text(self) -> str:
        """All rows, as the inside of a JSON list."""
        return ",".join(self._parts)


class Known(NamedTuple):
    """A container of plain values from the last walk, with its rows."""

    begin: str
    kind: Any
    keys: tuple[Any, ...]
    values: tuple[Any, ...]
    text: str

    def still(self, begin: str, kind: Any, keys: Any, values: Any) -> bool:
        """Whether it is unchanged: each key and value is the same object as before."""
        return (
            self.kind is kind
            and len(values) == len(self.values)
            and self.begin == begin
            and all(map(is_, values, self.values))
            and all(map(is_, keys, self.keys))
        )


def are_plain(values: Any) -> bool:
    """Whether all types are those that :func:`plain` handles. No type is hashed, as that calls its metaclass."""
    return _PLAIN.issuperset(map(id, map(type, values)))
