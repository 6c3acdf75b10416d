"""The shapes that a timeline is drawn from, in whole pixels, and how much room each takes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

GUTTER: Final = 88
MARGIN: Final = 24
AXIS_HEIGHT: Final = 28
ARROW_HEIGHT: Final = 26
BRACKET_HEIGHT: Final = 18
WAIT_HEIGHT: Final = 11
WAIT_BAR: Final = 6
LATE_HEIGHT: Final = 22
BAR: Final = 24
# From one bar to the next below it, of invocations that overlap.
BESIDE_HEIGHT: Final = 38
FROZEN_BAR: Final = 8
ROW_BAR: Final = 16
# A sign for a moment, at the edge of a bar.
MOTE: Final = 5
ROW_HEIGHT: Final = 20
LANE_PAD: Final = 14
# With many lanes they move together.
LANE_PAD_DENSE: Final = 5
LANES_DENSE: Final = 6
CHARACTER_PX: Final = 6.7
# A bracket's label is written smaller.
SMALL_PX: Final = 6.1
# Between two of them.
LABEL_GAP: Final = 14
# A label begins at its shape unless it would end to the right of this.
LABEL_RIGHT: Final = 760

Kind = Literal["init", "restore", "invoke", "suppressed-init", "frozen", "reset", "shutdown"]
OutlineKind = Literal[
    "waiting",
    "queued",
    "throttled",
    "too-large",
    "connection",
    "refused",
    "call",
    "call-failed",
    "extension",
    "extension-after",
]


@dataclass(frozen=True, slots=True)
class Mark:
    """One phase of an environment. ``title`` has its figures in words; ``anchor`` is the row it belongs to.

    ``uncalled`` says of an invocation that it was over before its handler could be called. ``ways`` are what its label
    may be, the longest first and each on a line: at another scale another of them fits. ``colour`` is its caller's,
    or 0. ``parts`` are those of a streamed answer, at the bar's lower edge.
    """

    kind: Kind
    x: int
    y: int
    width: int
    height: int
    label: str
    title: str
    anchor: str
    failed: bool = False
    uncalled: bool = False
    ways: str = ""
    colour: int = 0
    parts: tuple[Mote, ...] = ()

    @property
    def right(self) -> int:
        """Where it ends."""
        return self.x + self.width

    @property
    def label_x(self) -> int:
        """The label's middle."""
        return self.x + self.width // 2

    @property
    def label_y(self) -> int:
        """The label's base line."""
        return self.y + self.height // 2 + 4

    @property
    def sign_y(self) -> int:
        """The middle of a sign that stands for a word."""
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Outline:
    """Something that is not a phase: a request that waits or was throttled, a peer's connection, a call to AWS."""

    kind: OutlineKind
    x: int
    y: int
    width: int
    height: int
    label: str
    title: str
    anchor: str
    ticks: tuple[Mote, ...] = ()

    @property
    def right(self) -> int:
        """Where it ends."""
        return self.x + self.width

    @property
    def label_x(self) -> int:
        """Where the label begins."""
        return self.x + 6

    @property
    def label_y(self) -> int:
        """The label's base line."""
        return self.y + self.height // 2 + 4


@dataclass(frozen=True, slots=True)
class Mote:
    """A moment inside another shape, as a small sign: what a peer received or sent, a part of a streamed answer."""

    kind: str
    path: str
    title: str


@dataclass(frozen=True, slots=True)
class OutlineLane:
    """A lane beside those of environments: a peer, or AWS's services. ``left_out`` counts what had no room."""

    name: str
    y: int
    height: int
    label_y: int
    outlines: tuple[Outline, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Bracket:
    """A stretch above the bars that has a figure of its own: a Duration, or the gap before a first request."""

    kind: Literal["duration", "gap"]
    x: int
    right: int
    y: int
    label: str
    title: str

    @property
    def label_right(self) -> int:
        """Where its label ends, which may be to the right of it."""
        return self.x + round(len(self.label) * SMALL_PX)

    @property
    def low(self) -> int:
        """Where its ends point down to."""
        return self.y + 5

    @property
    def label_y(self) -> int:
        """The label's base line."""
        return self.y - 3


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one bar to another of the same lane: what was held over, or work that came out late."""

    path: str
    head: str
    label: str
    label_x: int
    label_y: int
    from_the_end: bool
    title: str
    anchor: str
    grade: str


@dataclass(frozen=True, slots=True)
class Link:
    """From one attempt at a request to its wait in the queue, and on to the next attempt."""

    path: str
    title: str


def fits(ways: Iterable[str], width: int) -> str:
    """The first of the ways to say something that has room; empty where none has."""
    return next((way for way in ways if len(way) * CHARACTER_PX + 8 <= width), "")


def packed(ends: Iterable[tuple[int, int]]) -> list[int]:
    """The row of each stretch, so that none covers another; given as (left, right), in the order of their lefts."""
    rights: list[int] = []
    rows: list[int] = []
    for left, right in ends:
        free = next((row for row, taken in enumerate(rights) if taken + 2 <= left), len(rights))
        if free == len(rights):
            rights.append(right)
        rights[free] = right
        rows.append(free)
    return rows
