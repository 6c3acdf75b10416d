"""The ledger of what is emulated, read from its document: sections of rows with names that never change. Pure.

Of Markdown it knows what the document uses: headings, tables, lists, paragraphs, and in a line code, emphasis and
addresses. Nothing here is markup: a line is a tuple of spans that the template draws.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_INLINE: Final = re.compile(r"`([^`]+)`|<(https://[^>\s]+)>|\*\*([^*]+)\*\*|\*([^*]+)\*")
_KINDS: Final = ("code", "link", "strong", "em")
_ANCHOR: Final = re.compile(r'<a id="([a-z0-9-]{1,60})"></a>')
_RULE: Final = re.compile(r"\|[-|: ]+\|")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a line. ``kind`` is text, code, link, strong or em."""

    kind: str
    text: str


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One behaviour. ``state`` is the word its row begins with: emulated, approximated or absent."""

    anchor: str
    cells: tuple[Line, ...]

    @property
    def behaviour(self) -> Line:
        """What Lambda does."""
        return self.cells[0]

    @property
    def state(self) -> str:
        """How it is with us, in a word."""
        return "".join(span.text for span in self.cells[1]) if len(self.cells) > 1 else ""


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with what stands below it."""

    heading: str
    anchor: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    paragraphs: tuple[Line, ...]
    items: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole document; the first section is its title with the text below it."""

    sections: tuple[Section, ...]

    def rows_named(self, anchors: Iterable[str]) -> tuple[Row, ...]:
        """The rows of these names, in their order; a name that is not there is left out."""
        known = {row.anchor: row for section in self.sections for row in section.rows if row.anchor}
        return tuple(known[anchor] for anchor in dict.fromkeys(anchors) if anchor in known)


def read_ledger(text: str) -> Ledger:
    """The document as sections."""
    parts = re.split(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return Ledger(tuple(_section(heading, body) for heading, body in zip(parts[1::2], parts[2::2], strict=True)))


def _section(heading: str, body: str) -> Section:
    blocks = [block.split("\n") for block in re.split(r"\n\s*\n", body.strip("\n")) if block.strip()]
    tables = [_cells(line) for block in blocks for line in block if line.startswith("|") and not _RULE.fullmatch(line)]
    lists = [item for block in blocks if block[0].startswith("- ") for item in _items(block)]
    plain = [block for block in blocks if not block[0].startswith(("|", "- "))]
    return Section(
        heading=heading,
        anchor="-".join(re.findall(r"[a-z]+", heading.lower())),
        columns=tuple(tables[0]) if tables else (),
        rows=tuple(_row(cells) for cells in tables[1:]),
        paragraphs=tuple(line(" ".join(block)) for block in plain),
        items=tuple(line(item) for item in lists),
    )


def _cells(text: str) -> list[str]:
    """A table's row; a bar inside of code would be written with a backslash before it."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", text.strip())[1:-1]]


def _row(cells: list[str]) -> Row:
    found = _ANCHOR.match(cells[0])
    return Row(found[1] if found else "", tuple(line(_ANCHOR.sub("", cell)) for cell in cells))


def _items(block: list[str]) -> list[str]:
    """The items of a list; a line that is indented goes on with the one before it."""
    numbers: list[int] = []
    for text in block:
        numbers.append((numbers[-1] if numbers else 0) + text.startswith("- "))
    together = groupby(zip(numbers, block, strict=True), key=lambda pair: pair[0])
    return [" ".join(text.removeprefix("- ").strip() for _, text in item) for _, item in together]


def line(text: str) -> Line:
    """One line as spans."""
    spans: list[Span] = []
    at = 0
    for found in _INLINE.finditer(text):
        spans.append(Span("text", text[at : found.start()]))
        kind = next(number for number, inside in enumerate(found.groups()) if inside)
        spans.append(Span(_KINDS[kind], found[kind + 1]))
        at = found.end()
    return tuple(span for span in (*spans, Span("text", text[at:])) if span.text)
