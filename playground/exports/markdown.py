"""Writes Markdown in which foreign text stays text, for CommonMark with GitHub's extensions. Pure.

Trackers turn text into mentions, references and links, and a bar ends a table cell. So foreign text is written such
that no character of it has a meaning, and a block of it has a fence that it cannot close.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A backslash may escape ASCII punctuation, but a table is split into cells before that is considered.
_AS_ENTITY: Final = frozenset("\\|&<>:")
_AS_ESCAPE: Final = frozenset("`*_{}[]~$^!")
# What trackers look for in rendered text; they find nothing in code.
_CALLING: Final = frozenset("@#")
_AUTOLINK: Final = re.compile(r"(?i)(www)\.")
# Neither an address nor an emoji has a space after its colon.
_BARE_COLON: Final = re.compile(r"(:)(?= )")
_PLAIN_CODE: Final = re.compile(r"[^`|\\\r\n]+")


def prose(text: str) -> str:
    """One line of foreign text inside a paragraph or a cell."""
    parts = _BARE_COLON.split(text)
    written = (part if part == ":" and at % 2 else "".join(map(_written, part)) for at, part in enumerate(parts))
    return _AUTOLINK.sub(r"\1&#46;", "".join(written))


def sentence(text: str) -> str:
    """One of our own sentences, with names and paths between backticks; those are foreign, and so is all the rest."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return prose(text)
    return "".join(code(part) if at % 2 else prose(part) for at, part in enumerate(parts))


def _written(character: str) -> str:
    if character in _AS_ENTITY:
        return f"&#{ord(character)};"
    if character in _AS_ESCAPE:
        return f"\\{character}"
    return f"`{character}`" if character in _CALLING else character


def code(text: str) -> str:
    """One line of foreign text as code; empty text stays empty."""
    if not text.strip():
        return ""
    if _PLAIN_CODE.fullmatch(text):
        return f"`{text.strip()}`"
    return f"<code>{''.join(_entity(character) for character in text)}</code>"


def _entity(character: str) -> str:
    is_mark = character.isascii() and not character.isalnum() and character != " "
    return f"&#{ord(character)};" if is_mark else character


def fenced(text: str) -> str:
    """A block of foreign text, with a fence longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown cells; a heading that ends in ``:`` is right-aligned."""
    rule = ["---:" if name.endswith(":") else "---" for name in head]
    lines = [[name.removesuffix(":") for name in head], rule, *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
