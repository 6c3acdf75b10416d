"""A bound on what a page shows of texts that anybody may have written, all of them together. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playground.text.display_text import Pieces

# What a page writes around a line, and around a piece of it that has a style, in characters.
_MARKUP_OF_LINE: Final = 150
_MARKUP_OF_PIECE: Final = 100


@dataclass(slots=True)
class PageRoom:
    """How many lines, and about how many characters of markup, there is still room for."""

    lines: int
    markup: int

    def takes(self, text: Pieces) -> bool:
        """Give a line its place; False where there is none, or where a line before it found none."""
        markup = markup_of(text)
        if not self.lines or markup > self.markup:
            self.lines = 0
            return False
        self.lines -= 1
        self.markup -= markup
        return True


def markup_of(text: Pieces) -> int:
    """About how many characters of a page a line takes."""
    return _MARKUP_OF_LINE + sum(len(one.text) + (_MARKUP_OF_PIECE if one.classes else 0) for one in text)
