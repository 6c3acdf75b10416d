"""Compares the logs of two runs, ignoring what is different in every run. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from playground.text.diffs import Diff, Room, lines_diff
from playground.text.display_text import uncoloured

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.results.model import LogEntry

_ALWAYS_NEW: Final = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"  # request ids
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?Z?"
)
_FIGURE: Final = re.compile(r"\d+(?:\.\d+)?")
# Only the beginning of a longer line is compared.
LINE_CHARACTERS_MAX: Final = 2_000
# Of each log; a run's log may have hundreds of thousands.
LINES_MAX: Final = 3_000


def log_diff(first: Sequence[LogEntry], second: Sequence[LogEntry], room: Room) -> Diff:
    """Lines that only one of the logs has; request ids, times and the platform's figures are ignored."""
    keys: dict[str, str] = {}
    before, after = _lines(first[:LINES_MAX], keys), _lines(second[:LINES_MAX], keys)
    diff = lines_diff(before, after, room, key=keys.__getitem__)
    return replace(diff, coarse=True) if max(len(first), len(second)) > LINES_MAX else diff


def _lines(entries: Iterable[LogEntry], keys: dict[str, str]) -> list[str]:
    """The lines without colours; ``keys`` are what they are compared by."""
    found = []
    for entry in entries:
        text = uncoloured(entry.line[:LINE_CHARACTERS_MAX]).replace("\n", " ")
        line = f"{entry.environment}  {text}"
        masked = _ALWAYS_NEW.sub("#", line)
        keys[line] = _FIGURE.sub("#", masked) if entry.source == "platform" else masked
        found.append(line)
    return found
