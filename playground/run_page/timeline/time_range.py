"""The stretch of a run that a timeline shows: ``?t=43.9-51.44`` in an address, in milliseconds of the run. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_FORM: Final = re.compile(r"(\d{1,10}(?:\.\d{1,3})?)-(\d{1,10}(?:\.\d{1,3})?)", re.ASCII)


class WindowError(ValueError):
    """The text is no range; its sentence says how one is written."""


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start_us`` to ``end_us`` of the run, which are microseconds."""

    start_us: int
    end_us: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self == WHOLE

    @property
    def text(self) -> str:
        """As an address has it; empty for the whole run."""
        return "" if self.is_whole else range_text(self.start_us, self.end_us)

    def shows(self, start_us: int, end_us: int) -> bool:
        """Whether some of that stretch, or that moment, lies inside."""
        return start_us < self.end_us and (end_us > self.start_us or start_us >= self.start_us)


WHOLE: Final = Window(0, 2**63)


def range_text(start_us: int, end_us: int) -> str:
    """A stretch as an address has it, in milliseconds."""
    return f"{_milliseconds(start_us)}-{_milliseconds(max(end_us, start_us + 1))}"


def _milliseconds(us: int) -> str:
    return f"{us / 1000:.3f}".rstrip("0").rstrip(".")


def read_window(text: str) -> Window:
    """The range that an address asks for; the whole run where it asks for none.

    :raises WindowError: the text is no range.
    """
    if not text.strip():
        return WHOLE
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise WindowError(f"The range {text[:40]!r} is none; write it as t=43.9-51.44, in milliseconds of the run.")
    start_us, end_us = (round(float(number) * 1000) for number in found.groups())
    if start_us >= end_us:
        raise WindowError(f"The range {text[:40]!r} ends before it begins; write the earlier time first.")
    return Window(start_us, end_us)
