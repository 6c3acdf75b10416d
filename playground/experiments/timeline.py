"""The timeline of a run as geometry: one lane for each environment, marks in whole pixels. Pure.

The template turns it into SVG; what is drawn, where and with which words is decided here, so that a test can look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from playground.experiments import words
from playground.experiments.axis import Axis, Break, Stretch, Tick, build
from playground.experiments.visible import plain, readable, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.results import EnvironmentResult, Finding, InvocationResult, Span

GUTTER: Final = 72
MARGIN: Final = 24
AXIS_HEIGHT: Final = 28
ARROW_HEIGHT: Final = 26
BRACKET_HEIGHT: Final = 18
BAR: Final = 24
FROZEN_BAR: Final = 8
LANE_PAD: Final = 14
CHARACTER_PX: Final = 6.7
ARROWS_MAX: Final = 3
# An arrow's label begins at the writer unless it would end to the right of this.
LABEL_RIGHT: Final = 760

PX_MIN: Final = {"init": 42, "restore": 42, "invoke": 30, "suppressed-init": 42, "reset": 22, "shutdown": 22}
# An invocation's bar has room for its principal while there are few of them.
NAMED_INVOCATIONS_MAX: Final = 16
NAME_PX_MAX: Final = 120
# Drawn as a sign that the template holds; their marks are too short for a word.
SIGNS: Final = frozenset({"reset", "shutdown", "frozen"})

Kind = Literal["init", "restore", "invoke", "suppressed-init", "frozen", "reset", "shutdown"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One phase of an environment. ``title`` has its figures in words; ``anchor`` is the row it belongs to."""

    kind: Kind
    x: int
    y: int
    width: int
    height: int
    label: str
    title: str
    anchor: str
    failed: bool = False

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
class Bracket:
    """A stretch that the log reports as one figure, drawn above its bars."""

    x: int
    right: int
    y: int
    label: str

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
    """A finding from the request that wrote to the request that was answered with it."""

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
class Lane:
    """One environment."""

    id: str
    anchor: str
    y: int
    height: int
    label_y: int
    marks: tuple[Mark, ...]
    brackets: tuple[Bracket, ...]
    arrows: tuple[Arrow, ...]


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


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that is drawn. ``widened`` says that some marks are wider than their time."""

    width: int
    height: int
    ticks: tuple[Tick, ...]
    breaks: tuple[AxisBreak, ...]
    lanes: tuple[Lane, ...]
    rows: tuple[PhaseRow, ...]
    axis_left: int
    axis_right: int


def draw(
    environments: Sequence[EnvironmentResult],
    invocations: Sequence[InvocationResult],
    findings: Sequence[Finding] = (),
    *,
    until_us: int | None = None,
) -> Timeline:
    """The timeline of these environments.

    :param until_us: how far a run that still goes on has come.
    """
    asked = {one.request_id: one for one in invocations if one.request_id}
    axis = build(_stretches(environments, asked), until_us=until_us)
    y = AXIS_HEIGHT
    lanes: list[Lane] = []
    for environment in environments:
        lane = _lane(environment, axis, asked, _carried_in(environment, invocations, findings), y)
        lanes.append(lane)
        y += lane.height
    return Timeline(
        width=GUTTER + axis.width + MARGIN,
        height=y + 4,
        ticks=tuple(Tick(GUTTER + tick.x, tick.text) for tick in axis.ticks()),
        breaks=tuple(_axis_break(one) for one in axis.breaks),
        lanes=tuple(lanes),
        rows=tuple(_row(e, span, asked) for e in environments for span in e.spans),
        axis_left=GUTTER,
        axis_right=GUTTER + axis.width,
    )


def _stretches(environments: Sequence[EnvironmentResult], asked: Mapping[str, InvocationResult]) -> list[Stretch]:
    spans = [span for environment in environments for span in environment.spans if span.phase != "frozen"]
    return [Stretch(s.start_us, s.end_us, _px_min(s, asked)) for s in spans]


def _px_min(span: Span, asked: Mapping[str, InvocationResult]) -> int:
    request = asked.get(span.request_id or "")
    if span.phase != "invoke" or request is None or len(asked) > NAMED_INVOCATIONS_MAX:
        return PX_MIN[span.phase]
    return min(NAME_PX_MAX, round(len(f"#{request.index} {readable(request.principal)}") * CHARACTER_PX) + 10)


Carried = tuple[int, "Finding"]


def _carried_in(
    environment: EnvironmentResult, invocations: Sequence[InvocationResult], findings: Sequence[Finding]
) -> list[Carried]:
    """The findings, with their numbers, whose writer and reader were both served by this environment."""
    served = {one.index for one in invocations if one.environment == environment.id}
    drawn: dict[tuple[int, int], Carried] = {}
    for number, finding in enumerate(findings, 1):
        writer, reader = finding.writer, finding.reader
        if writer and reader and {writer.invocation, reader.invocation} <= served | {0}:
            drawn.setdefault((writer.invocation, reader.invocation), (number, finding))
    return list(drawn.values())[:ARROWS_MAX]


def _lane(
    environment: EnvironmentResult,
    axis: Axis,
    asked: Mapping[str, InvocationResult],
    carried: Sequence[Carried],
    y: int,
) -> Lane:
    repeated = [span for span in environment.spans if span.phase == "suppressed-init"]
    above = ARROW_HEIGHT * len(carried) + (BRACKET_HEIGHT if repeated else 0)
    bar_y = y + LANE_PAD + above
    marks = tuple(_mark(environment.id, span, axis, asked, bar_y) for span in _in_drawing_order(environment.spans))
    return Lane(
        id=environment.id,
        anchor=f"environment-{environment.id}",
        y=y,
        height=LANE_PAD + above + BAR + LANE_PAD,
        label_y=bar_y + BAR // 2 + 4,
        marks=marks,
        brackets=tuple(_bracket(span, environment.spans, axis, bar_y) for span in repeated),
        arrows=_arrows(carried, marks, bar_y - (BRACKET_HEIGHT if repeated else 0)),
    )


def _in_drawing_order(spans: Sequence[Span]) -> list[Span]:
    """Suppressed inits last: they lie inside their invocation's bar."""
    return sorted(spans, key=lambda span: (span.phase == "suppressed-init", span.start_us))


def _mark(environment: str, span: Span, axis: Axis, asked: Mapping[str, InvocationResult], bar_y: int) -> Mark:
    left, right = axis.x(span.start_us), axis.x(max(span.end_us, span.start_us + 1))
    request = asked.get(span.request_id or "")
    thin = span.phase == "frozen"
    width = max(right - left, 2)
    return Mark(
        kind=span.phase,
        x=GUTTER + left,
        y=bar_y + (BAR - FROZEN_BAR) // 2 if thin else bar_y,
        width=width,
        height=FROZEN_BAR if thin else BAR,
        label=_label(span, request, width),
        title=_title(environment, span, request),
        anchor=f"request-{request.index}" if request else f"environment-{environment}",
        failed=_failed(span, request),
    )


def _failed(span: Span, request: InvocationResult | None) -> bool:
    if span.phase == "invoke" and request is not None:
        return request.outcome not in ("success", "not-played")
    return span.status in ("failure", "error", "timeout")


def _label(span: Span, request: InvocationResult | None, width: int) -> str:
    """The longest of the ways to say it that fits into the bar."""
    if span.phase in SIGNS:
        return ""
    length = words.span(span.end_us - span.start_us)
    name = {"init": "INIT", "restore": "RESTORE", "suppressed-init": "INIT"}.get(span.phase, "")
    if request is not None and span.phase == "invoke":
        name = f"#{request.index}"
        who = readable(request.principal)
        ways = [f"{name} {who} {length}", f"{name} {who}", name]
    else:
        ways = [f"{name} {length}", name]
    return next((way for way in ways if len(way) * CHARACTER_PX + 8 <= width), "")


def _title(environment: str, span: Span, request: InvocationResult | None) -> str:
    name = words.request_name(request.index, request.principal) if request else ""
    of = f" {'after' if span.phase == 'frozen' else 'of'} {name}" if name else ""
    length = words.span(span.end_us - span.start_us)
    title = f"{environment}: {words.PHASES[span.phase]}{of}, {length}, from {words.span(span.start_us)} of the run"
    if request is not None and span.phase == "invoke" and request.duration_ms is not None:
        title += f"; {words.OUTCOMES[request.outcome]}, {words.STARTS[request.start]} start"
        title += f", Duration {words.milliseconds(request.duration_ms)} ms"
    return title


def _bracket(repeated: Span, spans: Sequence[Span], axis: Axis, bar_y: int) -> Bracket:
    """What Duration covers when a suppressed init is inside it."""
    same = [s for s in spans if s.request_id == repeated.request_id and s.phase in ("invoke", "suppressed-init")]
    start, end = min(s.start_us for s in same), max(s.end_us for s in same)
    left, right = axis.x(start), axis.x(end)
    return Bracket(GUTTER + left, GUTTER + right, bar_y - 6, f"Duration {words.span(end - start)}")


def _arrows(carried: Sequence[Carried], marks: Sequence[Mark], top: int) -> tuple[Arrow, ...]:
    bars = {mark.anchor: mark for mark in marks if mark.kind == "invoke"}
    first = next((mark for mark in marks if mark.kind == "init"), None)
    found: list[Arrow] = []
    for level, (number, finding) in enumerate(carried):
        writer = bars.get(f"request-{finding.writer.invocation}", first) if finding.writer else None
        reader = bars.get(f"request-{finding.reader.invocation}") if finding.reader else None
        if writer and reader:
            found.append(_arrow(number, finding, (writer, reader), top - ARROW_HEIGHT * level, top - 2))
    return tuple(found)


def _arrow(number: int, finding: Finding, ends: tuple[Mark, Mark], top: int, low: int) -> Arrow:
    start, end, high = ends[0].label_x, ends[1].label_x, top - 10
    label = readable(finding.location.path) if finding.location else "carrier not found"
    room_right = start + 6 + len(label) * CHARACTER_PX < GUTTER + LABEL_RIGHT
    return Arrow(
        path=f"M{start} {low}V{high}H{end}V{low - 5}",
        head=f"M{end - 4} {low - 6}L{end} {low}L{end + 4} {low - 6}Z",
        label=label,
        label_x=start + 6 if room_right else end - 6,
        label_y=high - 5,
        from_the_end=not room_right,
        title=plain(sentence(finding.sentence)),
        anchor=f"finding-{number}",
        grade=words.VERDICTS[finding.grade][0],
    )


def _axis_break(one: Break) -> AxisBreak:
    left, right = GUTTER + one.x, GUTTER + one.x + one.width
    middle = (left + right) // 2
    zigzag = [(middle - 12, 20), (middle - 6, 12), (middle, 26), (middle + 6, 12), (middle + 12, 20)]
    points = " ".join(f"{x},{y}" for x, y in zigzag)
    return AxisBreak(points=points, zig_x=middle - 12, label_x=middle, label=words.span(one.length_us))


def _row(environment: EnvironmentResult, span: Span, asked: Mapping[str, InvocationResult]) -> PhaseRow:
    request = asked.get(span.request_id or "")
    return PhaseRow(
        environment=environment.id,
        phase=words.PHASES[span.phase],
        request=f"#{request.index} {readable(request.principal)}" if request else "",
        anchor=f"request-{request.index}" if request else "",
        starts=words.span(span.start_us),
        length=words.span(span.end_us - span.start_us),
    )
