"""The excerpt of a document that matches a query, in pieces for a page to escape, with the words marked. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from playground.library.search.indexed_text import Line
from playground.text.display_text import Piece, Pieces, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playground.library.search.query_text import Query

SHOWN_CHARACTERS_MAX: Final = 180
# The preferred kind of line, if several contain as many of the words.
_PREFERENCE: Final = ("title", "error", "finding", "description", "log", "code")


@dataclass(frozen=True, slots=True)
class Snippet:
    """``kind`` is the kind of line: title, description, finding, error, code, log."""

    kind: str
    run_id: str
    anchor: str
    text: Pieces


def snippet(query: Query, lines: Sequence[Line]) -> Snippet | None:
    """The line with most of the query; ``None`` if no line has any of it."""
    terms = [(_needles(term.tokens), term.parts) for term in query.wanted]
    best = max(lines, key=lambda line: _score(line, terms), default=None)
    if best is None or _score(best, terms)[0] == 0:
        return None
    words = {word for needles, parts in terms for word in (*needles, *parts)}
    return Snippet(best.kind, best.run_id, best.anchor, marked(best.text, words))


def lines_of(title: str, description: str, stored: Iterable[Sequence[str]]) -> list[Line]:
    """All lines of a document that can be excerpts."""
    said = [Line("", "title", "", title)] if title else []
    said += [Line("", "description", "", line) for line in description.splitlines() if line.strip()]
    return said + [Line(*one) for one in stored]


def marked(text: str, words: Iterable[str]) -> Pieces:
    """The part of ``text`` around the first of ``words``, with all of them marked."""
    # Longer words first; overlapping pairs of characters are merged.
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word)
    found = re.compile(f"(?:{pattern})+", re.IGNORECASE) if pattern else None
    text, before, after = _around(text, found.search(text) if found else None)
    pieces: list[Piece] = [*before]
    at = 0
    for hit in found.finditer(text) if found else ():
        pieces += visible(text[at : hit.start()])
        pieces += (replace(piece, classes=f"{piece.classes} hit".strip()) for piece in visible(hit[0]))
        at = hit.end()
    return (*pieces, *visible(text[at:]), *after)


def _around(text: str, hit: re.Match[str] | None) -> tuple[str, Pieces, Pieces]:
    text = text.strip() if hit is None else text
    start = max(0, (hit.start() if hit else 0) - SHOWN_CHARACTERS_MAX // 3)
    shown = text[start : start + SHOWN_CHARACTERS_MAX]
    gap = (Piece("…", "cut"),)
    return shown, gap if start else (), gap if start + SHOWN_CHARACTERS_MAX < len(text) else ()


def _needles(tokens: Sequence[str]) -> tuple[str, ...]:
    """Merge overlapping pairs of characters: 日本, 本語 is looked for as 日本語."""
    joined = tokens[0]
    for token in tokens[1:]:
        if token.isascii() or joined[-1] != token[0]:
            return tuple(tokens)
        joined += token[1:]
    return (joined,)


def _score(line: Line, terms: Sequence[tuple[tuple[str, ...], Sequence[str]]]) -> tuple[int, int]:
    text = line.text.casefold()
    hits = sum(
        all(needle in text for needle in needles) or (bool(parts) and all(part in text for part in parts))
        for needles, parts in terms
    )
    return hits, -_PREFERENCE.index(line.kind)
