"""The timeline's axis: run time in microseconds to whole pixels. Pure.

A run has stretches of a millisecond beside waits of seconds. The axis keeps their order and never overlaps them, but it
is not one scale: what is too short to see is widened to a width that can be seen and pointed at, and a long wait in
which nothing ran is cut out and drawn as a break that says its length.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# What one run without breaks takes on a page of ordinary width.
TARGET_PX: Final = 760
BREAK_PX: Final = 84
# A break that also says that the service's clock jumped.
COMPRESSED_PX: Final = 152
GAP_PX_MIN: Final = 14
# With more stretches than this, what is between them moves together.
CROWDED: Final = 60
GAP_PX_CROWDED: Final = 3
SLICE_PX_MIN: Final = 2
TICK_PX_MIN: Final = 72
# A wait is cut out when it is at least this long and would take more than a third of what ran.
BREAK_US_MIN: Final = 20_000
BREAK_SHARE: Final = 0.35


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something that ran from ``start_us`` to ``end_us`` and needs at least ``px_min`` pixels to be seen."""

    start_us: int
    end_us: int
    px_min: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on the axis."""

    x: int
    text: str


@dataclass(frozen=True, slots=True)
class Jump:
    """A wait of the service's that was lived through in less: ``service_us`` passed between the two."""

    start_us: int
    end_us: int
    service_us: int


@dataclass(frozen=True, slots=True)
class Break:
    """A wait that was cut out: between ``x`` and ``x + width``, ``length_us`` of the run and ``service_us`` long."""

    x: int
    width: int
    length_us: int
    service_us: int

    @property
    def compressed(self) -> bool:
        """Whether more service time passed than run time."""
        return self.service_us > self.length_us


@dataclass(frozen=True, slots=True)
class Axis:
    """Where times are. ``times_us`` and ``places_px`` are the corners of a line that only rises."""

    times_us: tuple[int, ...]
    places_px: tuple[float, ...]
    breaks: tuple[Break, ...]

    @property
    def width(self) -> int:
        """Pixels from the first to the last corner."""
        return round(self.places_px[-1])

    def x(self, at_us: int) -> int:
        """The place of a time; what lies outside is put at the nearer end."""
        times, places = self.times_us, self.places_px
        if at_us <= times[0]:
            return round(places[0])
        if at_us >= times[-1]:
            return round(places[-1])
        right = bisect_right(times, at_us)
        left = right - 1
        share = (at_us - times[left]) / (times[right] - times[left])
        return round(places[left] + share * (places[right] - places[left]))

    def ticks(self) -> tuple[Tick, ...]:
        """Round times, as many as have room, none inside a break."""
        step = nice_step(self._drawn_us() * TICK_PX_MIN / TARGET_PX)
        found: list[Tick] = []
        for at_us in self._candidates(step):
            place = self.x(at_us)
            if not any(b.x < place < b.x + b.width for b in self.breaks) and (
                not found or place - found[-1].x >= TICK_PX_MIN
            ):
                found.append(Tick(place, _tick_text(at_us)))
        return tuple(found)

    def _drawn_us(self) -> int:
        return max(1, self.times_us[-1] - self.times_us[0] - sum(b.length_us for b in self.breaks))

    def _candidates(self, step: int) -> Iterable[int]:
        """Multiples of the step in each stretch of the axis that is not a break."""
        for start, end in pairwise(self.times_us):
            if any(
                b.length_us == end - start and b.x == round(self.places_px[self.times_us.index(start)])
                for b in self.breaks
            ):
                continue
            yield from range(-(-start // step) * step, end + 1, step)


def build(
    stretches: Sequence[Stretch],
    *,
    until_us: int | None = None,
    jumps: Sequence[Jump] = (),
    room_px: int | None = None,
) -> Axis:
    """The axis on which all these stretches can be seen.

    :param until_us: the axis reaches at least this far, where a run is still going on.
    :param jumps: compressed waits; each of them is a break, however short it was.
    :param room_px: how wide the axis may be, as far as what is widened to be seen leaves it that; any width otherwise.
    """
    solid = [Stretch(s.start_us, max(s.end_us, s.start_us + 1), s.px_min) for s in stretches]
    solid = solid or [Stretch(0, 1_000, TARGET_PX)]
    corners = sorted({t for s in solid for t in (s.start_us, s.end_us)} | ({until_us} if until_us else set()))
    busy = [_covered(solid, start, end) for start, end in pairwise(corners)]
    lengths = [end - start for start, end in pairwise(corners)]
    jumped = _jumped(corners, busy, jumps)
    broken = [long or jumped[at] > 0 for at, long in enumerate(_broken(lengths, busy))]
    least = [COMPRESSED_PX if jump else 0 for jump in jumped]
    widths = _fitting(lambda target: _widths(solid, corners, (lengths, busy, broken, least), target), room_px)
    places = [0.0]
    for width in widths:
        places.append(places[-1] + width)
    breaks = tuple(
        Break(round(places[i]), round(widths[i]), lengths[i], lengths[i] + jumped[i])
        for i, is_broken in enumerate(broken)
        if is_broken
    )
    return Axis(tuple(corners), tuple(places), breaks)


def nice_step(at_least_us: float) -> int:
    """The smallest of 1, 2, 5 times a power of ten that is not below ``at_least_us``; at least 100 µs."""
    power = 100
    while True:
        for factor in (1, 2, 5):
            if factor * power >= at_least_us:
                return factor * power
        power *= 10


def _covered(stretches: Sequence[Stretch], start: int, end: int) -> bool:
    return any(s.start_us < end and start < s.end_us for s in stretches)


def _jumped(corners: Sequence[int], busy: Sequence[bool], jumps: Sequence[Jump]) -> list[int]:
    """How much further the service's clock went in each interval; a jump counts where most of it lies idle."""
    found = [0] * len(busy)
    for jump in jumps:
        shared = [
            0 if is_busy else min(end, jump.end_us) - max(start, jump.start_us)
            for (start, end), is_busy in zip(pairwise(corners), busy, strict=True)
        ]
        if shared and max(shared) > 0:
            found[shared.index(max(shared))] += jump.service_us - (jump.end_us - jump.start_us)
    return found


def _broken(lengths: Sequence[int], busy: Sequence[bool]) -> list[bool]:
    ran = sum(length for length, is_busy in zip(lengths, busy, strict=True) if is_busy)
    longest = max(BREAK_US_MIN, round(ran * BREAK_SHARE))
    return [not is_busy and length > longest for length, is_busy in zip(lengths, busy, strict=True)]


_Intervals: TypeAlias = "tuple[Sequence[int], Sequence[bool], Sequence[bool], Sequence[int]]"


def _fitting(widths: Callable[[int], list[float]], room_px: int | None) -> list[float]:
    """The widths of the largest scale that keeps to the room; those of the smallest where none does."""
    found = widths(TARGET_PX)
    if room_px is None or sum(found) <= room_px:
        return found
    smallest, largest = 0, TARGET_PX
    while largest - smallest > 1:
        middle = (smallest + largest) // 2
        if sum(widths(middle)) <= room_px:
            smallest = middle
        else:
            largest = middle
    return widths(smallest)


def _widths(stretches: Sequence[Stretch], corners: Sequence[int], intervals: _Intervals, target_px: int) -> list[float]:
    lengths, busy, broken, least = intervals
    drawn = sum(length for length, is_broken in zip(lengths, broken, strict=True) if not is_broken)
    scale = target_px / max(drawn, 1)
    gap = GAP_PX_MIN if len(stretches) <= CROWDED else GAP_PX_CROWDED
    widths: list[float] = [
        BREAK_PX if is_broken else max(length * scale, SLICE_PX_MIN if is_busy else gap)
        for length, is_busy, is_broken in zip(lengths, busy, broken, strict=True)
    ]
    place = {corner: i for i, corner in enumerate(corners)}
    for s in sorted(stretches, key=lambda one: one.end_us - one.start_us):
        first, last = place[s.start_us], place[s.end_us]
        missing = s.px_min - sum(widths[first:last])
        if missing > 0:
            longest = max(range(first, last), key=lambda i: lengths[i])
            widths[longest] += missing
    return [max(pair) for pair in zip(widths, least, strict=True)]


def _tick_text(at_us: int) -> str:
    return f"{at_us / 1_000_000:g} s" if at_us >= 1_000_000 else f"{at_us / 1_000:g} ms"
