"""Parses the fidelity document: sections of rows with permanent names. Pure.

markdown-it-py parses the document; from its tokens come headings, tables, lists and paragraphs, and within a line code,
emphasis and addresses. No markup leaves this module: a line is a tuple of spans that the template draws.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from markdown_it.token import Token

_PARSER: Final = MarkdownIt("commonmark").enable("table")
_ANCHOR: Final = re.compile(r'<a id="([a-z0-9-]{1,60})">')
_LINKED: Final = "https://"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a line. ``kind`` is text, code, link, strong or em."""

    kind: str
    text: str


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class LedgerRow:
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
class LedgerSection:
    """One heading with what stands below it."""

    heading: str
    anchor: str
    columns: tuple[str, ...]
    rows: tuple[LedgerRow, ...]
    paragraphs: tuple[Line, ...]
    items: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole document; the first section is its title with the text below it."""

    sections: tuple[LedgerSection, ...]

    def rows_named(self, anchors: Iterable[str]) -> tuple[LedgerRow, ...]:
        """The rows of these names, in their order; a name that is not there is left out."""
        known = {row.anchor: row for section in self.sections for row in section.rows if row.anchor}
        return tuple(known[anchor] for anchor in dict.fromkeys(anchors) if anchor in known)


def read_ledger(text: str) -> Ledger:
    """The document as sections."""
    drafts: list[_Draft] = []
    tokens = _PARSER.parse(text)
    for at, token in enumerate(tokens):
        if token.type != "inline":
            continue
        inside = tokens[at - 1].type
        if inside == "heading_open":
            drafts.append(_Draft(token.content))
        elif drafts:
            drafts[-1].take(inside, token, in_list=_in_list(tokens, at))
    return Ledger(tuple(draft.section() for draft in drafts))


def _in_list(tokens: Sequence[Token], at: int) -> bool:
    return at >= 2 and tokens[at - 2].type == "list_item_open"


@dataclass(slots=True)
class _Draft:
    """A section while its tokens are read."""

    heading: str
    columns: list[str] = field(default_factory=list)
    rows: list[list[Token]] = field(default_factory=list)
    paragraphs: list[Line] = field(default_factory=list)
    items: list[Line] = field(default_factory=list)

    def take(self, inside: str, token: Token, *, in_list: bool) -> None:
        """Add the text of a cell, an item or a paragraph; ``inside`` is the token that opened it."""
        if inside == "th_open":
            self.columns.append(token.content)
        elif inside == "td_open":
            if not self.rows or len(self.rows[-1]) == len(self.columns):
                self.rows.append([])
            self.rows[-1].append(token)
        else:
            (self.items if in_list else self.paragraphs).append(_line(token))

    def section(self) -> LedgerSection:
        """It, read to its end."""
        return LedgerSection(
            heading=self.heading,
            anchor="-".join(re.findall(r"[a-z]+", self.heading.lower())),
            columns=tuple(self.columns),
            rows=tuple(LedgerRow(_anchor(cells[0]), tuple(map(_line, cells))) for cells in self.rows),
            paragraphs=tuple(self.paragraphs),
            items=tuple(self.items),
        )


def _anchor(cell: Token) -> str:
    names = (_ANCHOR.fullmatch(child.content) for child in cell.children or () if child.type == "html_inline")
    return next((name[1] for name in names if name), "")


def line(text: str) -> Line:
    """One line of Markdown as spans."""
    return _line(_PARSER.parseInline(text)[0])


def _line(inline: Token) -> Line:
    return tuple(span for span in _merged(_spans(inline.children or ())) if span.text)


def _spans(children: Iterable[Token]) -> Iterator[Span]:
    kind = "text"
    for child in children:
        if child.type in {"strong_open", "em_open"}:
            kind = child.type.removesuffix("_open")
        elif child.type == "link_open" and str(child.attrs.get("href", "")).startswith(_LINKED):
            kind = "link"
        elif child.nesting == -1:
            kind = "text"
        elif child.type == "code_inline":
            yield Span("code", child.content)
        elif child.type == "softbreak":
            yield Span(kind, " ")
        elif child.type == "text" or (child.type == "html_inline" and not _is_anchor(child.content)):
            yield Span(kind, child.content)


def _is_anchor(html: str) -> bool:
    return html == "</a>" or _ANCHOR.fullmatch(html) is not None


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Neighbours of one kind as one span, so that a line broken in the document is whole."""
    held: Span | None = None
    for span in spans:
        if held is not None and held.kind == span.kind == "text":
            held = Span("text", held.text + span.text)
        else:
            if held is not None:
                yield held
            held = span
    if held is not None:
        yield held
