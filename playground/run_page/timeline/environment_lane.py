"""The lane of one environment: its phases, who waited for it, what was carried in it and what came out late. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import _
from playground.run_page.timeline.arrows import arrows, late_arrows
from playground.run_page.timeline.request_paths import row_anchor
from playground.run_page.timeline.shapes import (
    ARROW_HEIGHT,
    BAR,
    BESIDE_HEIGHT,
    BRACKET_HEIGHT,
    FROZEN_BAR,
    GUTTER,
    LABEL_GAP,
    LABEL_RIGHT,
    LATE_HEIGHT,
    MOTE,
    SMALL_PX,
    WAIT_BAR,
    WAIT_HEIGHT,
    Arrow,
    Bracket,
    Mark,
    Mote,
    Outline,
    OutlineLane,
    fits,
)
from playground.run_page.timeline.time_range import WHOLE
from playground.text import labels
from playground.text.display_text import readable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.run_page.timeline.arrows import Carried
    from playground.run_page.timeline.axis import Axis
    from playground.run_page.timeline.duration_breakdown import HiddenInit
    from playground.run_page.timeline.request_paths import Journey, Rows
    from playground.run_page.timeline.time_range import Window
    from sandbox_runner.events.records import LateWork
    from sandbox_runner.results.model import EnvironmentResult, InvocationResult, Span

ARROWS_MAX: Final = 3
LATE_MAX: Final = 3
PARTS_MAX: Final = 60
# Drawn as a sign that the template holds; their marks are too short for a word.
SIGNS: Final = frozenset({"reset", "shutdown", "frozen"})
# Less than this is no gap that anybody would ask about.
GAP_US_MIN: Final = 1_000


@dataclass(frozen=True, slots=True)
class Lane:
    """One environment. ``note`` names its function where those have names; else who asked for it, if no request did."""

    id: str
    anchor: str
    note: str
    y: int
    height: int
    label_y: int
    marks: tuple[Mark, ...]
    waits: tuple[Outline, ...]
    brackets: tuple[Bracket, ...]
    arrows: tuple[Arrow, ...]
    extensions: tuple[OutlineLane, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the run besides its environments; ``goes_on`` where more may come to be known.

    ``carried`` has each pair of every finding.
    """

    rows: Rows
    ways: tuple[Journey, ...]
    carried: tuple[Carried, ...]
    late: tuple[LateWork, ...]
    hidden: Mapping[str, HiddenInit]
    window: Window = WHOLE
    goes_on: bool = False


def lane(environment: EnvironmentResult, axis: Axis, told: Told, y: int, pad: int) -> Lane:
    """The lane with its upper edge at ``y``."""
    carried, late = carried_in(environment, told), late_in(environment, told)
    waits = _waits(environment, axis, told)
    gap = _gap(environment)
    gap = gap if gap and told.window.shows(gap[0], gap[1]) else None
    spans = [span for span in environment.spans if told.window.shows(span.start_us, span.end_us)]
    repeated = [span for span in spans if span.phase == "suppressed-init"]
    above = WAIT_HEIGHT * bool(waits) + BRACKET_HEIGHT * bool(repeated or gap)
    bar_y = y + pad + ARROW_HEIGHT * len(carried) + above
    drawn, rows = _in_drawing_order(spans), rows_of(environment.spans)
    marks = tuple(_mark(environment.id, s, axis, told, bar_y + BESIDE_HEIGHT * rows[s]) for s in drawn)
    low = bar_y + BESIDE_HEIGHT * max(rows.values(), default=0) + BAR
    bracket_y = bar_y - 6 - WAIT_HEIGHT * bool(waits)
    brackets = [_duration(span, environment, axis, told, bracket_y) for span in repeated]
    right = GUTTER + min(LABEL_RIGHT, axis.width)
    return Lane(
        id=environment.id,
        anchor=f"environment-{environment.id}",
        note=labels.lane_note(environment),
        y=y,
        height=low - y + LATE_HEIGHT * len(late) + pad,
        label_y=bar_y + BAR // 2 + 4,
        marks=marks,
        waits=tuple(_placed(wait, bar_y) for wait in waits),
        brackets=(*brackets, *([_gap_bracket(gap, environment, axis, bracket_y)] if gap else [])),
        arrows=(
            *arrows(carried, marks, bar_y - above, right, goes_on=told.goes_on),
            *late_arrows(late, marks, low, right),
        ),
    )


# --- phases -------------------------------------------------------------------------------------------------------


def rows_of(spans: Sequence[Span]) -> dict[Span, int]:
    """The row of each span from above: invocations that overlap are drawn below one another, all else in the first."""
    rows = dict.fromkeys(spans, 0)
    free_us: list[int] = []
    for span in sorted((each for each in spans if each.phase == "invoke"), key=lambda each: each.start_us):
        row = next((at for at, end_us in enumerate(free_us) if end_us <= span.start_us), len(free_us))
        free_us[row : row + 1] = [span.end_us]
        rows[span] = row
    return rows


def _in_drawing_order(spans: Sequence[Span]) -> list[Span]:
    """Suppressed inits last: they lie inside their invocation's bar."""
    return sorted(spans, key=lambda span: (span.phase == "suppressed-init", span.start_us))


def _mark(environment: str, span: Span, axis: Axis, told: Told, bar_y: int) -> Mark:
    left, right = axis.x(span.start_us), axis.x(max(span.end_us, span.start_us + 1))
    request = told.rows.of(environment, span)
    thin = span.phase == "frozen"
    width, ways = max(right - left, 2), _ways(span, request)
    return Mark(
        kind=span.phase,
        x=GUTTER + left,
        y=bar_y + (BAR - FROZEN_BAR) // 2 if thin else bar_y,
        width=width,
        height=FROZEN_BAR if thin else BAR,
        label=fits(ways, width),
        ways="\n".join(ways),
        title=_title(environment, span, request, told),
        anchor=row_anchor(request) if request else f"environment-{environment}",
        failed=_failed(span, request),
        uncalled=(uncalled := span.phase == "invoke" and _uncalled(request, told)),
        colour=told.rows.colour(request) if request and span.phase == "invoke" and not uncalled else 0,
        parts=_parts(request, axis, bar_y) if request and span.phase == "invoke" else (),
    )


def _parts(request: InvocationResult, axis: Axis, bar_y: int) -> tuple[Mote, ...]:
    """When the parts of a streamed answer came: small triangles that leave the bar."""
    chunks, low = request.streamed.chunks[:PARTS_MAX] if request.streamed else (), bar_y + BAR
    drawn = []
    for number, chunk in enumerate(chunks, 1):
        x = GUTTER + axis.x(chunk.at_us)
        title = _("part %(number)s of the answer, %(size)s, %(after)s after the request arrived") % {
            "number": number,
            "size": labels.size(chunk.bytes),
            "after": labels.span(chunk.at_us - request.arrived_us),
        }
        drawn.append(Mote("part", f"M{x - 3} {low}H{x + 3}L{x} {low + MOTE}Z", title))
    return tuple(drawn)


def _uncalled(request: InvocationResult | None, told: Told) -> bool:
    """Whether a hidden init took all of the request's time, so that its handler never ran."""
    hidden = told.hidden.get(row_anchor(request)) if request else None
    return hidden is not None and not hidden.handler_ms


def _failed(span: Span, request: InvocationResult | None) -> bool:
    if span.phase == "invoke" and request is not None:
        return request.outcome not in ("success", "not-played")
    return span.status in ("failure", "error", "timeout")


def bar_name(request: InvocationResult) -> str:
    """What an invocation's bar is called: its number, its principal where it has one, and its attempt."""
    who = "" if request.principal == f"request-{request.index}" else f" {readable(request.principal)}"
    return f"#{request.index}{who}" + (
        _(" attempt %(attempt)s") % {"attempt": request.attempt} if request.attempt > 1 else ""
    )


def _ways(span: Span, request: InvocationResult | None) -> tuple[str, ...]:
    """The ways to say it on its bar, the longest first."""
    if span.phase in SIGNS:
        return ()
    length = labels.span(span.end_us - span.start_us)
    if request is not None and span.phase == "invoke":
        name = bar_name(request)
        return f"{name} {length}", name, f"#{request.index}"
    name = {"init": "INIT", "restore": "RESTORE", "suppressed-init": "INIT"}.get(span.phase, "")
    return f"{name} {length}", name


def _title(environment: str, span: Span, request: InvocationResult | None, told: Told) -> str:
    name = attempt_name(request) if request else ""
    of = ""
    if name:
        of = (_(" after %(name)s") if span.phase == "frozen" else _(" of %(name)s")) % {"name": name}
    length = labels.span(span.end_us - span.start_us)
    title = _("%(environment)s: %(phase)s%(of)s, %(length)s, from %(start_us)s of the run") % {
        "environment": environment,
        "phase": labels.PHASES[span.phase],
        "of": of,
        "length": length,
        "start_us": labels.span(span.start_us),
    }
    if request is None or span.phase not in ("invoke", "suppressed-init"):
        return title
    if span.phase == "invoke" and request.duration_ms is not None:
        title += _("; %(outcome)s, %(start)s start") % {
            "outcome": labels.OUTCOMES[request.outcome],
            "start": labels.STARTS[request.start],
        }
        title += _(", Duration %(duration_ms)s ms") % {"duration_ms": labels.milliseconds(request.duration_ms)}
    hidden = told.hidden.get(row_anchor(request))
    return f"{title}. {hidden.sentence}" if hidden else title


def attempt_name(request: InvocationResult) -> str:
    """``request 2 (tenant-b), attempt 3``."""
    name = labels.request_name(request.index, request.principal)
    return (
        _("%(name)s, attempt %(attempt)s") % {"name": name, "attempt": request.attempt} if request.attempt > 1 else name
    )


# --- above the bars: who waited, what has a figure of its own ---------------------------------------------------------


def _waits(environment: EnvironmentResult, axis: Axis, told: Told) -> list[Outline]:
    """From each request's arrival until this environment began to work for it."""
    found = []
    for way in told.ways:
        for attempt in way.attempts:
            if attempt.environment == environment.id:
                since_us = attempt.at_us if way.asynchronous else way.arrived_us
                until_us = _begins(environment, way.request_id, attempt.at_us)
                until_us = max(until_us, since_us)
                if told.window.shows(since_us, until_us):
                    found.append(_wait(way, attempt.number, (since_us, until_us), axis, told))
    return found


def _begins(environment: EnvironmentResult, request_id: str, after_us: int) -> int:
    """When it began to work for the request; as far as its life is known, where it has not."""
    starts = (
        span.start_us
        for span in environment.spans
        if span.request_id == request_id and span.phase in ("suppressed-init", "invoke") and span.end_us >= after_us
    )
    return min(starts, default=environment.ended_us)


def _wait(way: Journey, number: int, ends_us: tuple[int, int], axis: Axis, told: Told) -> Outline:
    since_us, until_us = ends_us
    left, right = axis.x(since_us), axis.x(until_us)
    row = told.rows.nearest(way.request_id, number)
    name = labels.request_name(way.index, way.principal) + (
        _(", attempt %(number)s") % {"number": number} if number > 1 else ""
    )
    title = _("%(name)s arrived and waited %(since_us)s for its environment") % {
        "name": name,
        "since_us": labels.span(until_us - since_us),
    }
    anchor = row_anchor(row) if row else f"request-{way.index}"
    return Outline("waiting", GUTTER + left, 0, max(right - left, 0), WAIT_BAR, "", title, anchor)


def _placed(wait: Outline, bar_y: int) -> Outline:
    y = bar_y - WAIT_BAR - 2
    return Outline(wait.kind, wait.x, y, wait.width, wait.height, "", wait.title, wait.anchor)


def _duration(repeated: Span, environment: EnvironmentResult, axis: Axis, told: Told, y: int) -> Bracket:
    """What Duration covers when a suppressed init is inside it."""
    same = _one_attempt(repeated, environment.spans)
    start, end = min(s.start_us for s in same), max(s.end_us for s in same)
    left, right = axis.x(start), axis.x(end)
    request = told.rows.of(environment.id, repeated)
    hidden = told.hidden.get(row_anchor(request)) if request else None
    plain_label = _("Duration %(start)s") % {"start": labels.span(end - start)}
    label = hidden.short if hidden else plain_label
    following = _next_repeated(repeated, environment)
    if following is not None and left + round(len(label) * SMALL_PX) + LABEL_GAP > axis.x(following):
        label = plain_label
    return Bracket("duration", GUTTER + left, GUTTER + right, y, label, hidden.sentence if hidden else label)


def _next_repeated(repeated: Span, environment: EnvironmentResult) -> int | None:
    """When the next suppressed init begins, whose bracket ends the room for a label."""
    later = (s.start_us for s in environment.spans if s.phase == "suppressed-init" and s.start_us > repeated.start_us)
    return min(later, default=None)


def _one_attempt(repeated: Span, spans: Sequence[Span]) -> list[Span]:
    """The suppressed init and the invocation that follows it; other attempts of the request have the same id."""
    after = [s for s in spans if s.phase == "invoke" and s.start_us >= repeated.start_us]
    own = [s for s in after[:1] if s.request_id == repeated.request_id]
    return [repeated, *own]


def _gap(environment: EnvironmentResult) -> tuple[int, int, bool] | None:
    """From the end of an init nobody waited for to the first request, and whether there was one."""
    init = next((span for span in environment.spans if span.phase == "init"), None)
    if environment.created_by == "request" or init is None:
        return None
    first = next((s for s in environment.spans if s.phase in ("suppressed-init", "invoke")), None)
    ends = [span.start_us for span in environment.spans if span.phase == "shutdown"] or [environment.ended_us]
    until_us = first.start_us if first else ends[0]
    return (init.end_us, until_us, first is not None) if until_us - init.end_us >= GAP_US_MIN else None


def _gap_bracket(gap: tuple[int, int, bool], environment: EnvironmentResult, axis: Axis, y: int) -> Bracket:
    start_us, end_us, served = gap
    length = labels.span(end_us - start_us)
    label = (
        _("%(length)s until its first request") % {"length": length}
        if served
        else _("%(length)s, never served a request") % {"length": length}
    )
    title = _("%(id)s was made %(created_by)s; %(label)s") % {
        "id": environment.id,
        "created_by": labels.CREATORS[environment.created_by],
        "label": label,
    }
    return Bracket("gap", GUTTER + axis.x(start_us), GUTTER + axis.x(end_us), y, label, title)


# --- from bar to bar ------------------------------------------------------------------------------------------------


def carried_in(environment: EnvironmentResult, told: Told) -> list[Carried]:
    """The findings, with their numbers, whose writer and reader were both served by this environment."""
    served = _served(environment, told)
    drawn: dict[tuple[int, int], Carried] = {}
    for number, finding in told.carried:
        writer, reader = finding.writer, finding.reader
        if writer and reader and {writer.invocation, reader.invocation} <= served | {0}:
            drawn.setdefault((writer.invocation, reader.invocation), (number, finding))
    return list(drawn.values())[:ARROWS_MAX]


def late_in(environment: EnvironmentResult, told: Told) -> list[tuple[LateWork, int]]:
    """Late work that came out in this environment, one for each pair of requests, with how often."""
    served = _served(environment, told)
    drawn: dict[tuple[int, int], tuple[LateWork, int]] = {}
    for one in told.late:
        if one.ran_in in served and one.started_by in served | {0}:
            pair = (one.started_by, one.ran_in)
            drawn[pair] = (drawn[pair][0] if pair in drawn else one, drawn.get(pair, (one, 0))[1] + 1)
    return list(drawn.values())[:LATE_MAX]


def _served(environment: EnvironmentResult, told: Told) -> set[int]:
    rows = (told.rows.of(environment.id, span) for span in environment.spans)
    return {row.index for row in rows if row}
