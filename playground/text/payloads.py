"""Payloads and answers as a person reads them. Pure."""

from __future__ import annotations

import json
import re
from typing import Final

from playground.text.display_text import Pieces, visible

_STEP: Final = re.compile(r"\.?([^.\[\]]+)|\['([^']*)'\]|\[(\d+)\]")
# What a cell of the requests table has room for.
SHORT_CHARACTERS: Final = 96


def short(text: str) -> Pieces:
    """One line of it, for a table's cell."""
    line = " ".join(text.split())
    if len(line) <= SHORT_CHARACTERS:
        return visible(line)
    return visible(line[: SHORT_CHARACTERS - 1] + "…")


def pretty(text: str) -> Pieces:
    """JSON with a line for each value; anything else as it is."""
    return visible(laid_out(text))


def laid_out(text: str) -> str:
    """The same as one text."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def leaf(text: str, path: str) -> str:
    """The text of one value of a JSON document, by a path like ``user.names[0]``; empty where there is none.

    Paths come from findings, which write keys that are no plain names as ``['a.b']``.
    """
    try:
        value = json.loads(text)
        for dotted, quoted, number in _STEP.findall(path):
            value = value[int(number)] if number else value[dotted or quoted]
    except (ValueError, RecursionError, LookupError, TypeError):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
