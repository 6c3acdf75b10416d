"""The text of a leaf, and of a key in a path. Exact types only: no method of the user's runs."""

from __future__ import annotations

import sys
from typing import Any

VALUE_CHARACTERS_MAX = 2048
KEY_CHARACTERS_MAX = 80
_INT_BITS_MAX = 8192
_EMPTY = ((dict, "{}"), (list, "[]"), (set, "set()"), (tuple, "()"), (frozenset, "frozenset()"))
# Their text is made from plain fields, by C or by the standard library. Looked up by name when such a value occurs:
# importing them here would hide a file of the same name in the function's folder from the function's own import.
_PLAIN = {
    "datetime": ("datetime", "date", "time", "timedelta"),
    "decimal": ("Decimal",),
    "fractions": ("Fraction",),
    "uuid": ("UUID",),
    "pathlib": ("PosixPath", "PurePosixPath"),
    "itertools": ("count",),
    "builtins": ("complex", "range"),
}


def is_a(value: Any, kinds: Any) -> bool:
    """``isinstance`` by the real type: the built-in also reads ``value.__class__``, which may be the user's code."""
    return issubclass(type(value), kinds)


def kind_name(value: Any) -> str:
    """The name of its type, past any metaclass."""
    return str(type.__dict__["__name__"].__get__(type(value)))[:60]


def scalar(value: Any) -> tuple[str, bool] | None:
    """The text of a leaf and whether it was cut; ``None`` if it is not a leaf."""
    kind = type(value)
    if value is None or kind is bool or kind is float:
        return repr(value), False
    if is_a(value, str):
        return _cut_text(value)
    if is_a(value, (bytes, bytearray)):
        return _cut_bytes(value)
    if is_a(value, int):
        return _integer(value), False
    if _is_plain(kind):
        return _cut_text(str(value))
    return None


def _is_plain(kind: type) -> bool:
    home = type.__dict__["__module__"].__get__(kind)
    if not isinstance(home, str) or type.__dict__["__name__"].__get__(kind) not in _PLAIN.get(
        home.partition(".")[0], ()
    ):
        return False
    origin = getattr(getattr(sys.modules.get(home), "__spec__", None), "origin", "") or ""
    return origin in ("built-in", "frozen") or "/lib/python" in origin or origin.startswith(sys.base_prefix + "/lib")


def empty(value: Any) -> str | None:
    """The text of an empty built-in container; ``None`` for any other value."""
    return next((text for kind, text in _EMPTY if type(value) is kind), None)


def key(value: Any) -> str:
    """A key as written between brackets in code."""
    if is_a(value, str):
        text = str.__getitem__(value, slice(0, KEY_CHARACTERS_MAX))
        return repr(text) if str.__len__(value) <= KEY_CHARACTERS_MAX else repr(text)[:-1] + "…'"
    if type(value) is tuple:
        return "(" + ", ".join(key(part) for part in value[:4]) + ("…)" if len(value) > 4 else ")")
    text_and_cut = scalar(value)
    return f"<{kind_name(value)}>" if text_and_cut is None else text_and_cut[0][:KEY_CHARACTERS_MAX]


def _cut_text(value: str) -> tuple[str, bool]:
    return str.__getitem__(value, slice(0, VALUE_CHARACTERS_MAX)), str.__len__(value) > VALUE_CHARACTERS_MAX


def _cut_bytes(value: bytes | bytearray) -> tuple[str, bool]:
    base: Any = bytearray if is_a(value, bytearray) else bytes
    head = bytes(base.__getitem__(value, slice(0, VALUE_CHARACTERS_MAX)))
    return head.decode("utf-8", "backslashreplace"), base.__len__(value) > VALUE_CHARACTERS_MAX


def _integer(value: int) -> str:
    bits = int.bit_length(value)
    return int.__repr__(value) if bits <= _INT_BITS_MAX else f"<integer of {bits} bits>"
