"""Differences between two texts, or two sets of files, as lines for a page. Pure.

All differences of one page share one :class:`Room`, which bounds the work of comparing and the size of what is shown,
however many texts there are. What did not fit is counted and said.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final, Literal

from playground.text.display_text import Pieces, compared, visible
from playground.text.page_room import PageRoom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# For one page: about 0.1 s of comparing, and about 0.2 s of drawing.
STEPS_MAX: Final = 800_000
SHOWN_LINES_MAX: Final = 1_000
SHOWN_MARKUP_MAX: Final = 500_000
# For one of its differences, so that the first one leaves something to the others.
LINES_OF_ONE_MAX: Final = 600
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
    """The differences between two texts.

    ``left_out`` is how many further lines it has, ``coarse`` whether some lines were not compared one by one.
    """

    lines: tuple[DiffLine, ...]
    removed: int
    added: int
    left_out: int = 0
    coarse: bool = False

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


@dataclass(slots=True)
class Room(PageRoom):
    """What the differences of one page may still cost: steps of comparing, lines, and characters of markup."""

    lines: int = SHOWN_LINES_MAX
    markup: int = SHOWN_MARKUP_MAX
    steps: int = STEPS_MAX

    def compares(self, steps: int) -> bool:
        """Take so many steps; False where they are not left."""
        if steps > self.steps:
            return False
        self.steps -= steps
        return True

    def within(self, diff: Diff) -> Diff:
        """``diff`` with as many of its lines as fit."""
        shown = 0
        while shown < len(diff.lines) and self.takes(diff.lines[shown].text):
            shown += 1
        return replace(diff, lines=diff.lines[:shown], left_out=diff.left_out + len(diff.lines) - shown)


def file_diffs(before: Mapping[str, str], after: Mapping[str, str], room: Room) -> tuple[FileDiff, ...]:
    """The files that differ between both sets, by name."""
    return tuple(
        FileDiff(
            visible(name, limit=200), _what(name, before, after), text_diff(before.get(name), after.get(name), room)
        )
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def _what(
    name: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Literal["changed", "only before", "only after"]:
    if name not in before:
        return "only after"
    return "changed" if name in after else "only before"


def text_diff(before: str | None, after: str | None, room: Room) -> Diff:
    """The differences between two texts; ``None`` is an absent text, which has no lines."""
    removed, added = _line_count(before), _line_count(after)
    if removed + added > room.steps:
        return Diff((), removed, added, left_out=removed + added, coarse=True)
    return lines_diff(_lines(before), _lines(after), room)


def _line_count(text: str | None) -> int:
    return text.count("\n") + (not text.endswith("\n")) if text else 0


def _lines(text: str | None) -> list[str]:
    """Its lines; only line feeds end one, as in an editor."""
    if not text:
        return []
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def lines_diff(before: Sequence[str], after: Sequence[str], room: Room, key: Callable[[str], str] = str) -> Diff:
    """The differences between two sequences of lines.

    :param key: lines with equal keys count as equal; the second's are shown.
    """
    blocks, complete = alike([key(line) for line in before], [key(line) for line in after], room)
    changed = [block for block in blocks if block[0] != "equal"]
    lines = tuple(
        takewhile(lambda line: room.takes(line.text), islice(_shown(blocks, before, after, room), LINES_OF_ONE_MAX))
    )
    return Diff(
        lines=lines,
        removed=sum(end - start for _, start, end, _, _ in changed),
        added=sum(end - start for _, _, _, start, end in changed),
        left_out=_line_total(blocks) - len(lines),
        coarse=not complete,
    )


Block = tuple[str, int, int, int, int]


def alike(before: Sequence[str], after: Sequence[str], room: Room) -> tuple[list[Block], bool]:
    """Alternating ranges (``equal`` or not; start and end in each), and whether everything was compared.

    First by the lines that both have once, which is linear; between those by all lines, where that is cheap enough.
    """
    if not room.compares(len(before) + len(after)):
        return [("replace", 0, len(before), 0, len(after))], False
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    left, right = len(before) - end, len(after) - end
    found: list[Block] = [("equal", 0, start, 0, start)]
    complete = True
    at = start, start
    for anchor in [*_anchors(before[start:left], after[start:right], start), (left, right)]:
        blocks, compared_all = _between(before[at[0] : anchor[0]], after[at[1] : anchor[1]], room)
        found += [(what, a + at[0], b + at[0], c + at[1], d + at[1]) for what, a, b, c, d in blocks]
        found.append(("equal", anchor[0], anchor[0] + 1, anchor[1], anchor[1] + 1))
        complete = complete and compared_all
        at = anchor[0] + 1, anchor[1] + 1
    found[-1] = ("equal", left, len(before), right, len(after))
    return _joined(found), complete


def _anchors(before: Sequence[str], after: Sequence[str], start: int) -> list[tuple[int, int]]:
    """The places of lines that each side has exactly once, as many as are in the same order in both."""
    often_before, often_after = Counter(before), Counter(after)
    once = {line: at for at, line in enumerate(after) if often_after[line] == 1}
    pairs = [(at, once[line]) for at, line in enumerate(before) if often_before[line] == 1 and line in once]
    # The longest increasing sequence: of those of each length, the one that ends lowest.
    ends: list[int] = []
    last: list[int] = []
    previous: list[int] = []
    for number, (_, right) in enumerate(pairs):
        length = bisect_left(ends, right)
        previous.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [right]
        last[length : length + 1] = [number]
    chain = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append((pairs[number][0] + start, pairs[number][1] + start))
        number = previous[number]
    return chain[::-1]


def _between(before: Sequence[str], after: Sequence[str], room: Room) -> tuple[list[Block], bool]:
    """The ranges of two sequences without an anchor in them."""
    whole: list[Block] = [("replace", 0, len(before), 0, len(after))] if before or after else []
    often = Counter(after)
    meetings = sum(often[line] for line in before)
    if not meetings:
        return whole, True
    # A matcher looks at every pair of equal lines once for each range that it finds.
    if not room.compares(meetings * min(len(before), len(after))):
        return whole, False
    return list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes()), True


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """Merge adjacent equal ranges, and drop empty ones."""
    found: list[Block] = []
    for block in blocks:
        if block[1] == block[2] and block[3] == block[4]:
            continue
        if found and found[-1][0] == block[0] == "equal":
            found[-1] = ("equal", found[-1][1], block[2], found[-1][3], block[4])
        else:
            found.append(block)
    return found


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _line_total(blocks: Sequence[Block]) -> int:
    """How many lines :func:`_shown` has for them."""
    total = 0
    for at, (what, left, left_end, right, right_end) in enumerate(blocks):
        if what != "equal":
            total += left_end - left + right_end - right
            continue
        context = sum(_context(at, len(blocks)))
        total += min(right_end - right, context + 1)
    return total


def _context(at: int, blocks: int) -> tuple[int, int]:
    """How many lines of an equal range are shown at its beginning, and at its end."""
    return CONTEXT_LINES if at else 0, CONTEXT_LINES if at < blocks - 1 else 0


def _shown(blocks: Sequence[Block], before: Sequence[str], after: Sequence[str], room: Room) -> Iterator[DiffLine]:
    for at, (what, left, left_end, right, right_end) in enumerate(blocks):
        if what == "equal":
            yield from _unchanged(after, (left, right, right_end - right), *_context(at, len(blocks)))
        else:
            yield from _changed(before[left:left_end], after[right:right_end], (left, right), room)


def _unchanged(after: Sequence[str], where: tuple[int, int, int], head: int, tail: int) -> Iterator[DiffLine]:
    """The unchanged lines next to changes; a gap replaces the others."""
    left, right, length = where
    hidden = length - head - tail
    places = range(length) if hidden <= 1 else [*range(head), *range(length - tail, length)]
    for number, at in enumerate(places):
        if hidden > 1 and number == head:
            yield _gap(hidden)
        yield DiffLine("same", left + at + 1, right + at + 1, visible(after[right + at], limit=LINE_CHARACTERS_MAX))
    if hidden > 1 and not tail:
        yield _gap(hidden)


def _gap(hidden: int) -> DiffLine:
    return DiffLine("gap", None, None, visible(f"{hidden:,} unchanged lines"))


def _changed(removed: Sequence[str], added: Sequence[str], where: tuple[int, int], room: Room) -> Iterator[DiffLine]:
    """Replaced lines; if both sides have as many, the differences within similar pairs are marked."""
    left, right = where
    pairs = len(removed) == len(added)
    for at, line in enumerate(removed):
        yield DiffLine("removed", left + at + 1, None, _piece(line, added[at] if pairs else None, room))
    for at, line in enumerate(added):
        yield DiffLine("added", None, right + at + 1, _piece(line, removed[at] if pairs else None, room))


def _piece(line: str, other: str | None, room: Room) -> Pieces:
    if other is None or not room.compares(len(line) + len(other)) or not _almost_alike(line, other):
        return visible(line, limit=LINE_CHARACTERS_MAX)
    return compared(line, other, limit=LINE_CHARACTERS_MAX)


def _almost_alike(line: str, other: str) -> bool:
    """Whether their beginnings and ends are similar enough for a mark between them to help."""
    shortest = min(len(line), len(other))
    start = _shared(line, other)
    end = _shared(line[start:][::-1], other[start:][::-1])
    return start + end >= ALIKE_SHARE * shortest > 0
