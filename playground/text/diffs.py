"""Differences between two texts, or two sets of files, as lines for a page. Pure.

Comparing is bounded in lines, so that no pair of files delays a page; at the limit, the rest is shown as replaced and
the view says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, Literal

from playground.text.display_text import Pieces, compared, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# Lines between the common beginning and end; beyond this, lines are not compared one by one.
COMPARED_LINES_MAX: Final = 1_500
# Limits of a diff on a page, and of one line in it.
SHOWN_LINES_MAX: Final = 600
LINE_CHARACTERS_MAX: Final = 500
CONTEXT_LINES: Final = 3
# Share of the shorter of two lines, for their differences to be marked.
ALIKE_SHARE: Final = 0.4

Kind = Literal["same", "removed", "added", "gap"]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line; ``before`` and ``after`` are its numbers in the two texts. A gap stands for unchanged lines."""

    kind: Kind
    before: int | None
    after: int | None
    text: Pieces

    @property
    def sign(self) -> str:
        """The sign before the line, so that colour is not the only indication."""
        return {"removed": "\u2212", "added": "+", "gap": "\u22ef"}.get(self.kind, "")


@dataclass(frozen=True, slots=True)
class Diff:
    """The differences between two texts; ``notes`` say what was not compared or is not shown."""

    lines: tuple[DiffLine, ...]
    removed: int
    added: int
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the texts are equal."""
        return not (self.removed or self.added)


@dataclass(frozen=True, slots=True)
class FileDiff:
    """The diff of one file."""

    name: Pieces
    what: Literal["changed", "only before", "only after"]
    diff: Diff


def file_diffs(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileDiff, ...]:
    """The files that differ between both sets, by name."""
    return tuple(
        FileDiff(visible(name, limit=200), _what(name, before, after), text_diff(before.get(name), after.get(name)))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def _what(
    name: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Literal["changed", "only before", "only after"]:
    if name not in before:
        return "only after"
    return "changed" if name in after else "only before"


def text_diff(before: str | None, after: str | None) -> Diff:
    """The differences between two texts; ``None`` is an absent text, which has no lines."""
    return lines_diff(_lines(before), _lines(after))


def _lines(text: str | None) -> list[str]:
    """Its lines; only line feeds end one, as in an editor."""
    if not text:
        return []
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def lines_diff(before: Sequence[str], after: Sequence[str], key: Callable[[str], str] = str) -> Diff:
    """The differences between two sequences of lines.

    :param key: lines with equal keys count as equal; the second's are shown.
    """
    blocks, complete = alike([key(line) for line in before], [key(line) for line in after])
    changed = [block for block in blocks if block[0] != "equal"]
    lines = tuple(_shown(blocks, before, after))
    notes = [] if complete else [f"More than {COMPARED_LINES_MAX:,} lines; the middle was not compared line by line."]
    if len(lines) > SHOWN_LINES_MAX:
        notes.append(f"{len(lines) - SHOWN_LINES_MAX:,} more lines are left out here.")
    return Diff(
        lines=lines[:SHOWN_LINES_MAX],
        removed=sum(end - start for _, start, end, _, _ in changed),
        added=sum(end - start for _, _, _, start, end in changed),
        notes=tuple(notes),
    )


Block = tuple[str, int, int, int, int]


def alike(before: Sequence[str], after: Sequence[str]) -> tuple[list[Block], bool]:
    """Alternating ranges (``equal`` or not; start and end in each), and whether everything was compared."""
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    left, right = len(before) - end, len(after) - end
    middle: list[Block] = []
    complete = max(left, right) - start <= COMPARED_LINES_MAX
    if complete:
        matcher = SequenceMatcher(None, before[start:left], after[start:right])
        middle = [(what, a + start, b + start, c + start, d + start) for what, a, b, c, d in matcher.get_opcodes()]
    elif left > start or right > start:
        middle = [("replace", start, left, start, right)]
    head: list[Block] = [("equal", 0, start, 0, start)] if start else []
    tail: list[Block] = [("equal", left, len(before), right, len(after))] if end else []
    return _joined([*head, *middle, *tail]), complete


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """Merge adjacent equal ranges."""
    found: list[Block] = []
    for block in blocks:
        if found and found[-1][0] == block[0] == "equal":
            found[-1] = ("equal", found[-1][1], block[2], found[-1][3], block[4])
        else:
            found.append(block)
    return found


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _shown(blocks: Sequence[Block], before: Sequence[str], after: Sequence[str]) -> Iterator[DiffLine]:
    for at, (what, left, left_end, right, right_end) in enumerate(blocks):
        if what == "equal":
            keep_head = CONTEXT_LINES if at else 0
            keep_tail = CONTEXT_LINES if at < len(blocks) - 1 else 0
            yield from _unchanged(after, (left, right, right_end - right), keep_head, keep_tail)
        else:
            yield from _changed(before[left:left_end], after[right:right_end], left, right)


def _unchanged(after: Sequence[str], where: tuple[int, int, int], head: int, tail: int) -> Iterator[DiffLine]:
    """The unchanged lines next to changes; a gap replaces the others."""
    left, right, length = where
    hidden = length - head - tail
    for at in range(length):
        if hidden > 1 and at == head:
            yield DiffLine("gap", None, None, visible(f"{hidden:,} unchanged lines"))
        if hidden <= 1 or at < head or at >= length - tail:
            yield DiffLine("same", left + at + 1, right + at + 1, visible(after[right + at], limit=LINE_CHARACTERS_MAX))


def _changed(removed: Sequence[str], added: Sequence[str], left: int, right: int) -> Iterator[DiffLine]:
    """Replaced lines; if both sides have as many, the differences within similar pairs are marked."""
    pairs = len(removed) == len(added)
    for at, line in enumerate(removed):
        yield DiffLine("removed", left + at + 1, None, _piece(line, added[at] if pairs else None))
    for at, line in enumerate(added):
        yield DiffLine("added", None, right + at + 1, _piece(line, removed[at] if pairs else None))


def _piece(line: str, other: str | None) -> Pieces:
    if other is None or not _almost_alike(line, other):
        return visible(line, limit=LINE_CHARACTERS_MAX)
    return compared(line, other, limit=LINE_CHARACTERS_MAX)


def _almost_alike(line: str, other: str) -> bool:
    """Whether their beginnings and ends are similar enough for a mark between them to help."""
    shortest = min(len(line), len(other))
    start = _shared(line, other)
    end = _shared(line[start:][::-1], other[start:][::-1])
    return start + end >= ALIKE_SHARE * shortest > 0
