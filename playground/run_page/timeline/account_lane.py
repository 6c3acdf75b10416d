"""The lane of AWS's services: every call of every environment, below those that made them. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import _
from playground.run_page.calls import CALLS_MAX, call_anchor
from playground.run_page.timeline.axis import Stretch
from playground.run_page.timeline.shapes import (
    CHARACTER_PX,
    GUTTER,
    ROW_BAR,
    ROW_HEIGHT,
    Outline,
    OutlineLane,
    fits,
    packed,
)
from playground.text import labels
from playground.text.aws_calls import by_lambda, called, placed
from playground.text.display_text import readable
from sandbox_runner.events.account_calls import place_of, succeeded
from sandbox_runner.events.records import AccountCalled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playground.run_page.timeline.axis import Axis
    from playground.run_page.timeline.request_paths import Rows
    from playground.run_page.timeline.shapes import OutlineKind
    from playground.run_page.timeline.time_range import Window
    from sandbox_runner.events.records import Event

NAME: Final = "AWS"
ROWS_MAX: Final = 4
DRAWN_MAX: Final = 200
# While there are few of them, a call has room for its operation.
NAMED_MAX: Final = 24
NAME_PX_MAX: Final = 110
CALL_PX: Final = 6


@dataclass(frozen=True, slots=True)
class Call:
    """One call and where its details are."""

    start_us: int
    end_us: int
    record: AccountCalled
    environment: str
    request_id: str | None
    anchor: str


def calls(events: Iterable[Event], rows: Rows, window: Window) -> list[Call]:
    """Those that a window shows, in the order in which they began."""
    found = []
    counted: Counter[tuple[str | None, str | None]] = Counter()
    for event in sorted(
        (each for each in events if isinstance(each.record, AccountCalled)), key=lambda each: each.at_us
    ):
        record = event.record
        assert isinstance(record, AccountCalled)  # only those are asked about
        counted[event.environment, event.request_id] += 1
        listed = record.step is not None or counted[event.environment, event.request_id] <= CALLS_MAX
        row = rows.nearest(event.request_id, 1) if event.request_id else None
        above = f"request-{row.index}" if row else f"environment-{event.environment}"
        anchor = call_anchor(event) if listed else above
        one = Call(event.at_us, event.at_us + record.took_us, record, event.environment or "", event.request_id, anchor)
        if window.shows(one.start_us, one.end_us):
            found.append(one)
    return found


def stretches(known: Sequence[Call]) -> list[Stretch]:
    """What the axis must have room for."""
    return [Stretch(one.start_us, one.end_us, _px_min(one, known)) for one in known[:DRAWN_MAX]]


def account_lane(known: Sequence[Call], axis: Axis, rows: Rows, y: int, pad: int) -> OutlineLane | None:
    """The lane with its upper edge at ``y``; nothing where nobody called."""
    if not known:
        return None
    ends = [(one, GUTTER + axis.x(one.start_us), GUTTER + axis.x(one.end_us)) for one in known[:DRAWN_MAX]]
    places = packed((left, max(right, left + 2)) for _one, left, right in ends)
    shown = [(item, row) for item, row in zip(ends, places, strict=True) if row < ROWS_MAX]
    return OutlineLane(
        name=NAME,
        y=y,
        height=ROW_HEIGHT * (max(row for _, row in shown) + 1) + 2 * pad,
        label_y=y + pad + ROW_BAR // 2 + 4,
        outlines=tuple(
            _outline(one, left, max(right - left, 2), y + pad + ROW_HEIGHT * row, rows)
            for (one, left, right), row in shown
        ),
        left_out=len(known) - len(shown) + sum(one.record.left_out for one in known),
    )


def _px_min(one: Call, known: Sequence[Call]) -> int:
    if len(known) > NAMED_MAX:
        return CALL_PX
    return min(NAME_PX_MAX, round(len(one.record.operation) * CHARACTER_PX) + 10)


def _outline(one: Call, left: int, width: int, y: int, rows: Rows) -> Outline:
    call = one.record
    length = labels.span(call.took_us)
    operation = readable(call.operation)
    names = (f"{called(call)} {length}", f"{operation} {length}", operation)
    kind: OutlineKind = "call" if succeeded(call) else "call-failed"
    return Outline(kind, left, y, width, ROW_BAR, fits(names, width), _title(one, length, rows), one.anchor)


def _title(one: Call, length: str, rows: Rows) -> str:
    call = one.record
    words = {
        "call": called(call),
        "place": placed(place_of(call)),
        "status": f"{call.status_code} {readable(call.error)}".rstrip(),
        "length": length,
        "who": _who(one, rows),
    }
    if call.by_lambda:
        words["why"] = by_lambda(call)
        return _("%(call)s%(place)s, %(why)s, for %(who)s: status %(status)s, %(length)s") % words
    return _("%(call)s%(place)s by %(who)s: status %(status)s, %(length)s") % words


def _who(one: Call, rows: Rows) -> str:
    if one.record.step is not None:
        return readable(one.record.principal) or _("a caller from outside")
    row = rows.nearest(one.request_id, 1) if one.request_id else None
    if row is None and not one.environment:
        return _("a caller from outside")
    return labels.request_name(row.index, row.principal) if row else _("init of %(id)s") % {"id": one.environment}
