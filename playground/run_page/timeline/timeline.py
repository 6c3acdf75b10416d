"""The timeline of a run as geometry: lanes for environments, AWS's services, peers and Lambda itself. Pure.

The template turns it into SVG; what is drawn, where and with which words is decided here, so that a test can look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import _
from playground.run_page.timeline import account_lane as account
from playground.run_page.timeline import peer_lane as peers
from playground.run_page.timeline import service_lane as service
from playground.run_page.timeline.axis import Axis, Break, Jump, Stretch, Tick, build
from playground.run_page.timeline.duration_breakdown import hidden_inits
from playground.run_page.timeline.environment_lane import Lane, Told, attempt_name, bar_name, carried_in, lane, late_in
from playground.run_page.timeline.extension_lanes import extension_lanes
from playground.run_page.timeline.request_paths import Rows, journeys, row_anchor
from playground.run_page.timeline.shapes import (
    AXIS_HEIGHT,
    CHARACTER_PX,
    GUTTER,
    LANE_PAD,
    LANE_PAD_DENSE,
    LANES_DENSE,
    MARGIN,
    Link,
    Outline,
    OutlineLane,
)
from playground.run_page.timeline.time_range import WHOLE, Window
from playground.text import labels
from sandbox_runner.events.records import LateWork, ServiceWaited
from sandbox_runner.results.pairs import apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.run_page.timeline.account_lane import Call
    from playground.run_page.timeline.duration_breakdown import HiddenInit
    from playground.run_page.timeline.peer_lane import Connection
    from playground.run_page.timeline.service_lane import ServiceLane
    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import EnvironmentResult, Finding, InvocationResult, RunResult, Span

PX_MIN: Final = {"init": 42, "restore": 42, "invoke": 30, "suppressed-init": 84, "reset": 22, "shutdown": 22}
# An invocation's bar has room for its principal while there are few of them.
NAMED_INVOCATIONS_MAX: Final = 16
NAME_PX_MAX: Final = 150
SHUTDOWN_PX_CROWDED: Final = 6
# More environments than this are folded away, all but those that something was found in.
LANES_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """The same as a row of a table."""

    environment: str
    phase: str
    request: str
    anchor: str
    starts: str
    length: str


@dataclass(frozen=True, slots=True)
class AxisBreak:
    """A break with the zigzag's points and its words."""

    points: str
    zig_x: int
    label_x: int
    label: str
    title: str
    compressed: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that is drawn. ``folded`` are lanes of a second picture with the same axis, shown when asked for.

    ``corners`` say at which pixel the axis has which microsecond; between two of them it is even.
    ``callers`` are those whose bars have a colour.
    """

    width: int
    height: int
    ticks: tuple[Tick, ...]
    breaks: tuple[AxisBreak, ...]
    service: ServiceLane | None
    lanes: tuple[Lane, ...]
    account: OutlineLane | None
    peers: tuple[OutlineLane, ...]
    links: tuple[Link, ...]
    folded: tuple[Lane, ...]
    folded_height: int
    rows: tuple[PhaseRow, ...]
    waits: tuple[str, ...]
    hidden: tuple[HiddenInit, ...]
    axis_left: int
    axis_right: int
    window: Window
    corners: tuple[tuple[int, int], ...]
    callers: tuple[tuple[int, str], ...]

    @property
    def corner_text(self) -> str:
        """The corners for a script that turns pixels into times: ``88,2000 130,43200``."""
        return " ".join(f"{x},{at_us}" for x, at_us in self.corners)

    @property
    def environments(self) -> int:
        """How many lanes of environments there are, folded ones included."""
        return len(self.lanes) + len(self.folded)

    @property
    def colours(self) -> tuple[int, ...]:
        """Of which callers there are bars."""
        lanes = (*self.lanes, *self.folded)
        return tuple(sorted({mark.colour for one in lanes for mark in one.marks if mark.colour}))

    @property
    def has_waiting(self) -> bool:
        """Whether the legend has to explain an outline above a lane that is wide enough to be one."""
        return any(wait.width > 2 for one in self.lanes for wait in one.waits)

    @property
    def has_late(self) -> bool:
        """Whether the legend has to explain arrows below the bars."""
        return any(arrow.grade == "late" for one in self.lanes for arrow in one.arrows)

    @property
    def kinds(self) -> frozenset[str]:
        """Which kinds of shapes there are: what the legend explains."""
        marks = {mark.kind.replace("-", "_") for one in (*self.lanes, *self.folded) for mark in one.marks}
        outlines = {
            o.kind.replace("-", "_")
            for o in (*(self.service.outlines if self.service else ()), *self._outlines_below())
        }
        return frozenset({*marks, *outlines})

    def _outlines_below(self) -> list[Outline]:
        of_extensions = (each for one in (*self.lanes, *self.folded) for each in one.extensions)
        lanes = (*([self.account] if self.account else []), *self.peers, *of_extensions)
        return [outline for one in lanes for outline in one.outlines]


def draw(
    environments: Sequence[EnvironmentResult],
    invocations: Sequence[InvocationResult],
    findings: Sequence[Finding] = (),
    events: Sequence[Event] = (),
    *,
    until_us: int | None = None,
    window: Window = WHOLE,
    room_px: int | None = None,
) -> Timeline:
    """The timeline of these environments.

    :param events: the event log, for what happened around the environments.
    :param until_us: how far a run that still goes on has come.
    :param window: the stretch of the run that is shown.
    :param room_px: how wide it may be, where what must be seen leaves it that.
    """
    story = _story(environments, invocations, findings, events, window)
    story = replace(story, told=replace(story.told, goes_on=until_us is not None))
    return _drawn(story, _axis([story], until_us, room_px and room_px - GUTTER - MARGIN))


def draw_together(results: Sequence[RunResult], window: Window = WHOLE) -> tuple[Timeline, ...]:
    """The timelines of several runs on one axis: what happened after the same time is at the same place."""
    stories = [_story(one.environments, one.invocations, one.findings, one.events, window) for one in results]
    axis = _axis(stories)
    return tuple(_drawn(story, axis) for story in stories)


@dataclass(frozen=True, slots=True)
class _Story:
    """What is drawn of one run, before it has its places."""

    environments: tuple[EnvironmentResult, ...]
    told: Told
    connections: tuple[Connection, ...]
    calls: tuple[Call, ...]
    events: Sequence[Event]


def _story(
    environments: Sequence[EnvironmentResult],
    invocations: Sequence[InvocationResult],
    findings: Sequence[Finding],
    events: Sequence[Event],
    window: Window,
) -> _Story:
    known = (one for one in peers.connections(events) if window.shows(one.start_us, one.end_us))
    told = _told(environments, invocations, findings, events, window)
    called = account.calls(events, told.rows, window)
    return _Story(tuple(environments), told, tuple(known), tuple(called), events)


def _axis(stories: Sequence[_Story], until_us: int | None = None, room_px: int | None = None) -> Axis:
    asked: list[Stretch] = []
    for story in stories:
        asked += _stretches(story.environments, story.told.rows)
        asked += [*service.stretches(story.told.ways), *peers.stretches(story.connections)]
        asked += account.stretches(story.calls)
    window = stories[0].told.window if stories else WHOLE
    jumps = [jump for story in stories for jump in _jumps(story.events)]
    if window.is_whole:
        return build(asked, until_us=until_us, jumps=jumps, room_px=room_px)
    ends = (Stretch(window.start_us, window.start_us + 1, 2), Stretch(window.end_us - 1, window.end_us, 2))
    inside = [jump for jump in jumps if window.shows(jump.start_us, jump.end_us)]
    clipped = (_clipped(one, window) for one in asked if window.shows(one.start_us, one.end_us))
    return build([*ends, *clipped], jumps=inside, room_px=room_px)


def _clipped(one: Stretch, window: Window) -> Stretch:
    start_us = min(max(one.start_us, window.start_us), window.end_us - 1)
    return Stretch(start_us, max(start_us + 1, min(one.end_us, window.end_us)), one.px_min)


def _drawn(story: _Story, axis: Axis) -> Timeline:
    told = story.told
    order = list(dict.fromkeys(one.function for one in story.environments))
    grouped = sorted(story.environments, key=lambda one: order.index(one.function))
    seen = [one for one in grouped if any(told.window.shows(s.start_us, s.end_us) for s in one.spans)]
    shown, folded = _folded(seen, told)
    pad = LANE_PAD_DENSE if len(shown) > LANES_DENSE else LANE_PAD
    above = service.service_lane(told.ways, axis, told.rows, AXIS_HEIGHT, pad)
    lanes, y = _lanes(shown, axis, told, AXIS_HEIGHT + (above.height if above else 0), pad)
    called = account.account_lane(story.calls, axis, told.rows, y, pad)
    y += called.height if called else 0
    below = peers.peer_lanes(story.connections, axis, y, pad)
    folded_lanes, folded_height = _lanes(folded, axis, told, 0, LANE_PAD_DENSE)
    return Timeline(
        width=max([GUTTER + axis.width, *(b.label_right for one in (*lanes, *folded_lanes) for b in one.brackets)])
        + MARGIN,
        height=y + sum(one.height for one in below) + 4,
        ticks=tuple(Tick(GUTTER + tick.x, tick.text) for tick in axis.ticks()),
        breaks=tuple(_axis_break(one) for one in axis.breaks),
        service=above,
        lanes=lanes,
        account=called,
        peers=below,
        links=(
            *(service.links(told.ways, axis, above, lanes) if above else ()),
            *service.call_links(told.rows.all, axis, lanes),
        ),
        folded=folded_lanes,
        folded_height=folded_height,
        rows=tuple(_row(e, span, told.rows) for e in story.environments for span in e.spans),
        waits=_waited(story.events),
        hidden=tuple(told.hidden.values()),
        axis_left=GUTTER,
        axis_right=GUTTER + axis.width,
        window=told.window,
        corners=tuple((GUTTER + round(x), at_us) for at_us, x in zip(axis.times_us, axis.places_px, strict=True)),
        callers=told.rows.callers(),
    )


def _told(
    environments: Sequence[EnvironmentResult],
    invocations: Sequence[InvocationResult],
    findings: Sequence[Finding],
    events: Sequence[Event],
    window: Window,
) -> Told:
    ways = journeys(events)
    rows = Rows(invocations, ways)
    late = tuple(event.record for event in events if isinstance(event.record, LateWork))
    seen = tuple(way.seen_in(window) for way in ways)
    carried = tuple((number, one) for number, each in enumerate(findings, 1) for one in apart(each))
    return Told(rows, seen, carried, late, hidden_inits(environments, rows, events), window)


def _lanes(
    environments: Sequence[EnvironmentResult], axis: Axis, told: Told, y: int, pad: int
) -> tuple[tuple[Lane, ...], int]:
    """The lanes one below the other, and where they end."""
    found: list[Lane] = []
    for environment in environments:
        own = lane(environment, axis, told, y, pad)
        beside = extension_lanes(environment, axis, told, y + own.height)
        height = own.height + sum(each.height for each in beside) + (pad if beside else 0)
        found.append(replace(own, height=height, extensions=beside))
        y += height
    return tuple(found), y


def _folded(
    environments: Sequence[EnvironmentResult], told: Told
) -> tuple[list[EnvironmentResult], list[EnvironmentResult]]:
    """Which lanes are shown at once, and which are folded away: the first of them and those with something to see."""
    if len(environments) <= LANES_MAX:
        return list(environments), []
    order = sorted(environments, key=lambda one: not (carried_in(one, told) or late_in(one, told)))
    kept = {one.id for one in order[:LANES_MAX]}
    return [e for e in environments if e.id in kept], [e for e in environments if e.id not in kept]


def _stretches(environments: Sequence[EnvironmentResult], rows: Rows) -> list[Stretch]:
    return [
        Stretch(span.start_us, span.end_us, _px_min(environment.id, span, rows))
        for environment in environments
        for span in environment.spans
        if span.phase != "frozen"
    ]


def _px_min(environment: str, span: Span, rows: Rows) -> int:
    request = rows.of(environment, span)
    if span.phase == "shutdown" and rows.requests > NAMED_INVOCATIONS_MAX:
        return SHUTDOWN_PX_CROWDED
    if span.phase != "invoke" or request is None or rows.requests > NAMED_INVOCATIONS_MAX:
        return PX_MIN[span.phase]
    return max(PX_MIN["invoke"], min(NAME_PX_MAX, round(len(bar_name(request)) * CHARACTER_PX) + 10))


def _jumps(events: Sequence[Event]) -> list[Jump]:
    """Waits of the service's that were shorter in the run than on its clock."""
    found = []
    for event in events:
        record = event.record
        if isinstance(record, ServiceWaited) and record.run_seconds < record.seconds:
            lived_us = round(record.run_seconds * 1_000_000)
            start_us = max(0, event.at_us - lived_us)
            found.append(Jump(start_us, max(event.at_us, start_us + 1), round(record.seconds * 1_000_000)))
    return found


def _waited(events: Sequence[Event]) -> tuple[str, ...]:
    """Each compressed wait as a sentence."""
    found = []
    for event in events:
        record = event.record
        if isinstance(record, ServiceWaited) and record.run_seconds < record.seconds:
            real, lived = labels.span(round(record.seconds * 1e6)), labels.span(round(record.run_seconds * 1e6))
            since = labels.span(max(0, event.at_us - round(record.run_seconds * 1e6)))
            found.append(
                _("From %(since)s of the run: %(real)s on the service's clock took %(lived)s (%(why)s).")
                % {"since": since, "real": real, "lived": lived, "why": record.why}
            )
    return tuple(found)


def _axis_break(one: Break) -> AxisBreak:
    left, right = GUTTER + one.x, GUTTER + one.x + one.width
    middle = (left + right) // 2
    zigzag = [(middle - 12, 20), (middle - 6, 12), (middle, 26), (middle + 6, 12), (middle + 12, 20)]
    length, lived = labels.span(one.service_us), labels.span(one.length_us)
    return AxisBreak(
        points=" ".join(f"{x},{y}" for x, y in zigzag),
        zig_x=middle - 12,
        label_x=middle,
        label=_("%(length)s, compressed") % {"length": length} if one.compressed else length,
        title=_("%(length)s on the service's clock, %(lived)s of the run") % {"length": length, "lived": lived}
        if one.compressed
        else _("%(length)s, cut out") % {"length": length},
        compressed=one.compressed,
    )


def _row(environment: EnvironmentResult, span: Span, rows: Rows) -> PhaseRow:
    request = rows.of(environment.id, span)
    return PhaseRow(
        environment=environment.id,
        phase=labels.PHASES[span.phase],
        request=attempt_name(request) if request else "",
        anchor=row_anchor(request) if request else "",
        starts=labels.span(span.start_us),
        length=labels.span(span.end_us - span.start_us),
    )
