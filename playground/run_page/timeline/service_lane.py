"""The service's own lane: asynchronous requests in the queue, and requests that were not taken. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from playground.i18n.marking import N_, _
from playground.run_page.timeline.axis import Stretch
from playground.run_page.timeline.request_paths import row_anchor
from playground.run_page.timeline.shapes import GUTTER, ROW_BAR, ROW_HEIGHT, Link, Outline, fits, packed
from playground.text import labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from playground.run_page.timeline.axis import Axis
    from playground.run_page.timeline.environment_lane import Lane
    from playground.run_page.timeline.request_paths import Journey, Rows, Wait
    from sandbox_runner.results.model import InvocationResult

THROTTLED_PX: Final = 78
# More than this at the same moment are one shape with their number.
ALIKE_MAX: Final = 3
MOMENT_US: Final = 20_000
# What is drawn for a status that a request was turned away with, and what is said of it.
_REFUSED: Final[Mapping[int, tuple[Literal["throttled", "too-large"], str]]] = {
    429: ("throttled", N_("throttled")),
    413: ("too-large", N_("refused")),
}
_STATUSES: Final = {kind: status for status, (kind, _word) in _REFUSED.items()}
ROWS_MAX: Final = 6
LINKS_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class ServiceLane:
    """What happened to requests outside of every environment. ``left_out`` counts shapes there was no room for."""

    y: int
    height: int
    label_y: int
    outlines: tuple[Outline, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class _Item:
    """One shape before it has its place; ``way`` and ``attempt`` say whose it is."""

    kind: Literal["throttled", "too-large", "queued"]
    left: int
    right: int
    names: tuple[str, ...]
    title: str
    anchor: str
    way: Journey
    attempt: int


def stretches(ways: Sequence[Journey]) -> list[Stretch]:
    """What the axis must have room for: the first arrival, the moments of throttles, and the edges of waits."""
    waits = [Stretch(wait.start_us, wait.start_us + 1, 2) for way in ways for wait in way.waits]
    first = min((way.arrived_us for way in ways), default=None)
    waits += [Stretch(first, first + 1, 2)] if first is not None else []
    return [*waits, *(Stretch(first, last + 1, THROTTLED_PX) for first, last in _moments(ways))]


def _moments(ways: Sequence[Journey]) -> list[tuple[int, int]]:
    """Throttles that came almost at once are one moment: the axis gives room to it once."""
    found: list[tuple[int, int]] = []
    for at_us in sorted(refusal.at_us for way in ways for refusal in way.refusals):
        if found and at_us - found[-1][0] <= MOMENT_US:
            found[-1] = (found[-1][0], at_us)
        else:
            found.append((at_us, at_us))
    return found


def service_lane(ways: Sequence[Journey], axis: Axis, rows: Rows, y: int, pad: int) -> ServiceLane | None:
    """The lane with its upper edge at ``y``; ``None`` where nothing was queued or throttled."""
    moments = {at: axis.x(first) for first, at in _each_moment(ways)}
    items = _together(
        sorted(_items(ways, axis, rows, moments), key=lambda item: (item.left, item.right, item.way.index))
    )
    if not items:
        return None
    places = packed((item.left, item.right) for item in items)
    shown = [(item, row) for item, row in zip(items, places, strict=True) if row < ROWS_MAX]
    height = ROW_HEIGHT * (max(row for _, row in shown) + 1) + 2 * pad
    return ServiceLane(
        y=y,
        height=height,
        label_y=y + pad + ROW_BAR // 2 + 4,
        outlines=tuple(_outline(item, y + pad + ROW_HEIGHT * row) for item, row in shown),
        left_out=len(items) - len(shown),
    )


def _each_moment(ways: Sequence[Journey]) -> Iterable[tuple[int, int]]:
    """For each throttle, when its moment began and when it was."""
    moments = _moments(ways)
    for at_us in (refusal.at_us for way in ways for refusal in way.refusals):
        yield next(first for first, last in moments if first <= at_us <= last), at_us


def _items(ways: Sequence[Journey], axis: Axis, rows: Rows, moments: Mapping[int, int]) -> Iterable[_Item]:
    for way in ways:
        name = labels.request_name(way.index, way.principal)
        for refusal in way.refusals:
            row = rows.nearest(way.request_id, len([one for one in way.attempts if one.at_us < refusal.at_us]) + 1)
            anchor = row_anchor(row) if row else f"request-{way.index}"
            left = GUTTER + moments[refusal.at_us]
            status = refusal.status_code
            title = _("%(name)s was %(what)s with status %(status)s: %(reason)s") % {
                "name": name,
                "what": _(_REFUSED[status][1]),
                "status": status,
                "reason": refusal.reason,
            }
            refused = (f"✕ #{way.index} {status}", f"✕ {status}", "✕")
            yield _Item(_REFUSED[status][0], left, left + THROTTLED_PX, refused, title, anchor, way, 0)
        for wait in way.waits:
            left, right = GUTTER + axis.x(wait.start_us), GUTTER + axis.x(wait.end_us)
            row = rows.nearest(way.request_id, wait.attempt)
            anchor = row_anchor(row) if row else f"request-{way.index}"
            names = (f"#{way.index} {_until(wait)}", f"#{way.index}")
            yield _Item("queued", left, max(right, left + 6), names, _queued(name, wait), anchor, way, wait.attempt)


def _until(wait: Wait) -> str:
    return (
        _("attempt %(attempt)s in %(delay_s)s")
        % {"attempt": wait.attempt, "delay_s": labels.span(round(wait.delay_s * 1000000))}
        if wait.delay_s
        else _("queued")
    )


def _queued(name: str, wait: Wait) -> str:
    delay = labels.span(round(wait.delay_s * 1_000_000))
    if wait.why == "accepted":
        return _("%(name)s was accepted with status 202 and waits in the queue for attempt 1") % {"name": name}
    why = _("its attempt failed") if wait.why == "retry" else _("it was throttled")
    return _(
        "%(name)s is back in the queue because %(why)s: attempt %(attempt)s after %(delay)s of the service's time"
    ) % {"name": name, "why": why, "attempt": wait.attempt, "delay": delay}


def _together(items: Sequence[_Item]) -> list[_Item]:
    """Many of one kind in one place become one shape that counts them."""
    found: list[_Item] = []
    for (kind, _left, _right), group in groupby(items, key=lambda item: (item.kind, item.left // 6, item.right // 6)):
        alike = list(group)
        if len(alike) <= ALIKE_MAX:
            found += alike
            continue
        first, last, number = alike[0], alike[-1], len(alike)
        status = _STATUSES.get(kind)
        what = (
            _("%(what)s with status %(status)s") % {"what": _(_REFUSED[status][1]), "status": status}
            if status
            else _("in the queue")
        )
        title = _("%(number)s requests, #%(index)s to #%(index2)s, %(what)s. The first: %(title)s") % {
            "number": number,
            "index": first.way.index,
            "index2": last.way.index,
            "what": what,
            "title": first.title,
        }
        names = (f"✕ {number} \u00d7 {status}",) if status else (f"{number} queued", str(number))
        found.append(replace(first, names=names, title=title))
    return found


def _outline(item: _Item, y: int) -> Outline:
    width = item.right - item.left
    return Outline(item.kind, item.left, y, width, ROW_BAR, fits(item.names, width), item.title, item.anchor)


def links(ways: Sequence[Journey], axis: Axis, lane: ServiceLane, lanes: Sequence[Lane]) -> tuple[Link, ...]:
    """From each wait in the queue to the attempt after it, and from a failed attempt to the wait that follows."""
    found: list[Link] = []
    by_id = {one.id: one for one in lanes}
    low = lane.y + lane.height
    for way in ways:
        for wait in way.waits:
            left, right = GUTTER + axis.x(wait.start_us), GUTTER + axis.x(wait.end_us)
            before = next((one for one in way.attempts if one.number == wait.attempt - 1), None)
            after = next((one for one in way.attempts if one.number == wait.attempt), None)
            title = _("Attempts at request %(index)s have one request id") % {"index": way.index}
            if before and wait.why == "retry" and before.environment in by_id:
                found.append(Link(f"M{left} {_bar(by_id[before.environment])}V{low}", title))
            if after and after.environment in by_id and after.at_us >= wait.end_us:
                found.append(Link(f"M{right} {low}V{_bar(by_id[after.environment])}", title))
    return tuple(found[:LINKS_MAX])


def call_links(rows: Iterable[InvocationResult], axis: Axis, lanes: Sequence[Lane]) -> tuple[Link, ...]:
    """From the bar of a request to that of each request that it led to, when that came."""
    found: list[Link] = []
    by_id = {one.id: one for one in lanes}
    shown = [one for one in rows if one.environment in by_id]
    for one in shown:
        by = one.cause.request if one.cause else one.called_by
        makers = [each for each in shown if each.index == by and each.arrived_us <= one.arrived_us]
        if makers and one.attempt == 1:
            x = GUTTER + axis.x(one.arrived_us)
            title = _("Request %(index)s was made by request %(by)s") % {"index": one.index, "by": by}
            if one.cause and one.cause.kind == "workflow":
                title = _("Request %(index)s was made by a state machine that request %(by)s started") % {
                    "index": one.index,
                    "by": by,
                }
            elif one.cause and one.cause.kind in {"on-success", "on-failure"}:
                title = _("Request %(index)s was made by the destination of request %(by)s") % {
                    "index": one.index,
                    "by": by,
                }
            ends = (_bar(by_id[each.environment or ""]) for each in (makers[-1], one))
            found.append(Link("M{x} {0}V{1}".format(*ends, x=x), title))
    return tuple(found[:LINKS_MAX])


def _bar(lane: Lane) -> int:
    return min((mark.y for mark in lane.marks), default=lane.y + lane.height // 2)
