"""Splits text from a sandbox or a form into pieces that a page can show without deceiving the reader. Pure.

A page escapes markup by itself. Escaping does not stop characters that are invisible, look like others or change the
order: controls, zero-width and bidirectional format characters. These become separate pieces with a visible name.
Escape sequences that only colour terminal text become CSS classes; all others stay, visibly.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# Of one page: naming and drawing this many takes a tenth of a second.
STYLED_PIECES_MAX: Final = 4_000
# What stands for a hidden character that is not named any more.
UNNAMED: Final = "\ufffd"
# Answers and log lines are for reading, not for endless scrolling; what is left out is counted.
SHOWN_CHARACTERS_MAX: Final = 20_000

# Most of a text that hides something needs no check of each character either.
_STRETCHES: Final = re.compile(r"[\t\n -~]+|.", re.DOTALL)
_SGR: Final = re.compile(r"\x1b\[([0-9;:]{0,64})m")
# Marks do not end inside a word. Other scripts have no spaces between words.
_WORD: Final = re.compile(r"[A-Za-z0-9_]*")
_WORD_BEFORE: Final = re.compile(r"[A-Za-z0-9_]*\Z")
# Blank, although Unicode calls them letters or symbols.
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
_HIDING_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_STYLES: Final = {"1": "bold", "2": "dim", "3": "italic", "4": "underline", "7": "reverse"}
_STYLE_ENDS: Final = {"22": ("bold", "dim"), "23": ("italic",), "24": ("underline",), "27": ("reverse",)}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text in one style. ``classes`` are CSS classes, ``title`` explains it on hover."""

    text: str
    classes: str = ""
    title: str = ""


Pieces = tuple[Piece, ...]


@dataclass(slots=True)
class StyledRoom:
    """How many pieces with a style a page may still have, and whether it would have had more."""

    left: int = STYLED_PIECES_MAX
    wanted_more: bool = False

    def take(self, pieces: int) -> int:
        """How many of so many there is room for, which are taken."""
        taken = min(self.left, pieces)
        self.left -= taken
        self.wanted_more = self.wanted_more or taken < pieces
        return taken


_room: ContextVar[StyledRoom | None] = ContextVar("room of the page that is being made", default=None)


@contextmanager
def one_page() -> Iterator[StyledRoom]:
    """What is shown in the block is of one page; beyond its room no hidden character is named and no line coloured."""
    room = StyledRoom()
    token = _room.set(room)
    try:
        yield room
    finally:
        _room.reset(token)


def hides(character: str) -> bool:
    """Whether a character is invisible or affects its neighbours invisibly."""
    if character in "\n\t":
        return False
    category = unicodedata.category(character)
    return category in _HIDING_CATEGORIES or character in _BLANK_LETTERS or _selects_variant(character)


def visible(text: str, *, limit: int = SHOWN_CHARACTERS_MAX) -> Pieces:
    """The text with hidden characters replaced by visible names; cut after ``limit`` characters."""
    shown, left_out = text[:limit], len(text) - limit
    hides_nothing = shown.translate(_NAMES) == shown
    pieces = (Piece(shown),) * bool(shown) if hides_nothing else tuple(_merged(_pieces(shown)))
    return (*pieces, _cut(left_out)) if left_out > 0 else pieces


def log_line(line: str, *, limit: int = SHOWN_CHARACTERS_MAX) -> Pieces:
    """A log line: like :func:`visible`, with terminal colours as classes ``ansi-…``."""
    text = line.rstrip("\r\n")
    shown, left_out = text[:limit], len(text) - limit
    pieces: list[Piece] = []
    style: tuple[str, ...] = ()
    at = 0
    room = _room.get()
    for found in _SGR.finditer(shown):
        if room is not None and not room.take(1):
            shown, style, at = _SGR.sub("", shown[at:]), (), 0
            break
        pieces += _styled(shown[at : found.start()], style)
        style = _after(style, found[1])
        at = found.end()
    pieces += _styled(shown[at:], style)
    return (*pieces, _cut(left_out)) if left_out > 0 else tuple(pieces)


def compared(text: str, other: str, *, limit: int = 2_000) -> Pieces:
    """The text with the words marked that differ from ``other``; unmarked if all of it differs."""
    start = _shared(text, other)
    end = len(text) - _shared(text[start:][::-1], other[start:][::-1])
    if start == 0 and end == len(text):
        return visible(text, limit=limit)
    return _with_mark(text, *_whole_words(text, start, end), limit)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The range without partial words at its ends."""
    if start < end:
        start -= len(_before(text[:start])) if _begins(text[start:]) else 0
        end += len(_begins(text[end:])) if _before(text[:end]) else 0
    return start, end


def _begins(text: str) -> str:
    found = _WORD.match(text)
    return found[0] if found else ""


def _before(text: str) -> str:
    found = _WORD_BEFORE.search(text)
    return found[0] if found else ""


def differing(text: str, *, limit: int = 2_000) -> Pieces:
    """The whole text marked as different."""
    return _with_mark(text, 0, len(text), limit)


def marked(text: str, needle: str, *, limit: int = 2_000) -> Pieces | None:
    """The text with the first occurrence of ``needle`` marked; ``None`` if there is none."""
    start = text.find(needle) if needle else -1
    return _with_mark(text, start, start + len(needle), limit) if start >= 0 else None


def _with_mark(text: str, start: int, end: int, limit: int) -> Pieces:
    middle = (replace(p, classes=f"{p.classes} differs".strip()) for p in visible(text[start:end], limit=limit))
    return (*visible(text[:start], limit=limit), *middle, *visible(text[end:], limit=limit))


def sentence(text: str) -> Pieces:
    """One of our own sentences, with names and paths between backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return visible(text)
    shown = (
        replace(piece, classes=f"{piece.classes} named".strip()) if at % 2 else piece
        for at, part in enumerate(parts)
        for piece in visible(part)
    )
    return tuple(shown)


def readable(text: str, *, limit: int = 200) -> str:
    """Like :func:`visible`, but as plain text: for labels, titles, names, files."""
    shown, left_out = text[:limit].translate(_NAMES), len(text) - limit
    return shown + _cut(left_out).text if left_out > 0 else shown


def uncoloured(line: str) -> str:
    """A log line as it was written, without its end and terminal colours."""
    return _SGR.sub("", line.rstrip("\r\n"))


def plain(pieces: Iterable[Piece]) -> str:
    """The text without styles."""
    return "".join(piece.text for piece in pieces)


def _pieces(text: str) -> Iterator[Piece]:
    room = _room.get()
    for found in _STRETCHES.finditer(text):
        stretch = found[0]
        if len(stretch) > 1 or not hides(stretch):
            yield Piece(stretch)
        elif room is None or room.take(1):
            yield _named(stretch)
        else:
            yield Piece(text[found.start() :].translate(_UNNAMED))
            return


def _selects_variant(character: str) -> bool:
    code = ord(character)
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


@lru_cache(maxsize=10_000)
def _named(character: str) -> Piece:
    code = ord(character)
    name = unicodedata.name(character, "control character")
    if code < 0x20:
        return Piece(chr(0x2400 + code), "invisible", f"U+{code:04X} {name.lower()}")
    if code == 0x7F:
        return Piece("\u2421", "invisible", "U+007F delete")
    return Piece(f"U+{code:04X}", "invisible", name.lower())


class _Characters(dict[int, str]):
    """What :meth:`str.translate` writes for each character, those that hide by ``hidden``; as many as it met before."""

    def __init__(self, hidden: Callable[[str], str]) -> None:
        super().__init__()
        self._hidden = hidden

    def __missing__(self, code: int) -> str:
        character = chr(code)
        written = self._hidden(character) if hides(character) else character
        if len(self) < _CHARACTERS_KEPT_MAX:
            self[code] = written
        return written


_CHARACTERS_KEPT_MAX: Final = 10_000
_UNNAMED: Final = _Characters(lambda _: UNNAMED)
_NAMES: Final = _Characters(lambda character: _named(character).text)


def _cut(characters: int) -> Piece:
    return Piece(f" … {characters:,} characters more", "cut", "left out of the page; the downloaded JSON has them")


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Merge adjacent pieces of the same style."""
    held: list[str] = []
    for piece in pieces:
        if not piece.classes:
            held.append(piece.text)
            continue
        if held:
            yield Piece("".join(held))
            held.clear()
        yield piece
    if held:
        yield Piece("".join(held))


def _styled(text: str, style: tuple[str, ...]) -> Pieces:
    if not style:
        return visible(text, limit=len(text))
    look = " ".join(f"ansi-{name}" for name in style)
    return tuple(replace(p, classes=f"{p.classes} {look}".strip()) for p in visible(text, limit=len(text)))


def _after(style: tuple[str, ...], parameters: str) -> tuple[str, ...]:
    """The style after one ``ESC [ … m``."""
    codes = (parameters or "0").replace(":", ";").split(";")
    while codes:
        code = codes.pop(0).lstrip("0") or "0"
        if code in ("38", "48"):
            style = _extended(style, "fg" if code == "38" else "bg", codes)
        else:
            style = _one_code(style, code)
    return style


def _one_code(style: tuple[str, ...], code: str) -> tuple[str, ...]:
    if code == "0":
        return ()
    if code in _STYLES:
        return (*_without(style, _STYLES[code]), _STYLES[code])
    if code in _STYLE_ENDS:
        return _without(style, *_STYLE_ENDS[code])
    if code in ("39", "49"):
        return _without(style, "fg-" if code == "39" else "bg-")
    found = re.fullmatch(r"(3|4|9|10)([0-7])", code)
    if not found:
        return style
    ground = "fg" if found[1] in ("3", "9") else "bg"
    number = int(found[2]) + (8 if found[1] in ("9", "10") else 0)
    return (*_without(style, f"{ground}-"), f"{ground}-{number}")


def _extended(style: tuple[str, ...], ground: str, codes: list[str]) -> tuple[str, ...]:
    """``38;5;n`` and ``38;2;r;g;b``: the first sixteen colours have classes, others keep the page's colour."""
    mode = codes.pop(0) if codes else ""
    values = [codes.pop(0) for _ in range(min(len(codes), {"5": 1, "2": 3}.get(mode, 0)))]
    rest = _without(style, f"{ground}-")
    if mode == "5" and values and values[0].isdigit() and int(values[0]) < 16:
        return (*rest, f"{ground}-{int(values[0])}")
    return rest


def _without(style: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return tuple(
        one for one in style if not any(one == name or (name[-1] == "-" and one.startswith(name)) for name in names)
    )


def _shared(one: str, other: str) -> int:
    """The length of the common prefix."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))
