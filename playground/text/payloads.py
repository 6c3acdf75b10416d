"""Payloads and answers in readable form. Pure."""

from __future__ import annotations

import json
import re
from typing import Final

from playground.text.display_text import Pieces, visible

_STEP: Final = re.compile(r"\.?([^.\[\]]+)|\['([^']*)'\]|\[(\d+)\]")
# What fits into a cell of the requests table.
SHORT_CHARACTERS: Final = 96


def short(text: str) -> Pieces:
    """A one-line form for a table cell."""
    line = " ".join(text.split())
    if len(line) <= SHORT_CHARACTERS:
        return visible(line)
    return visible(line[: SHORT_CHARACTERS - 1] + "…")


def pretty(text: str) -> Pieces:
    """JSON with one value per line; other text unchanged."""
    return visible(laid_out(text))


def laid_out(text: str) -> str:
    """The same as one text."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def leaf(text: str, path: str) -> str:
    """The text of one value in a JSON document, by a path like ``user.names[0]``; empty if there is none.

    Paths come from findings, which write keys that are not plain names as ``['a.b']``.
    """
    try:
        value = json.loads(text)
        for dotted, quoted, number in _STEP.findall(path):
            value = value[int(number)] if number else value[dotted or quoted]
    except (ValueError, RecursionError, LookupError, TypeError):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
