"""From the records of executions and the rows of requests to what is shown of them. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import N_, _, ngettext
from playground.run_page.timeline.request_paths import row_anchor
from playground.run_page.workflows.anchors import execution_anchor
from playground.run_page.workflows.graph_layout import Way, layout
from playground.text import labels
from playground.text.display_text import readable
from sandbox_runner.events.records import WorkflowEnded, WorkflowMoved, WorkflowStarted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from playground.run_page.workflows.graph_layout import Box
    from sandbox_runner.events.records import Event
    from sandbox_runner.events.workflow_graph import GraphState
    from sandbox_runner.results.model import InvocationResult

DRAWN_MAX: Final = 20
STEPS_MAX: Final = 100
REQUESTS_IN_BOX: Final = 4
NAME_CHARACTERS: Final = 22
SAID_CHARACTERS: Final = 25

_GOING: Final = "going"
_STATUSES: Final = {
    "": (_GOING, N_("going on when the run ended")),
    "SUCCEEDED": ("clean", N_("succeeded")),
    "FAILED": ("bad", N_("failed")),
    "TIMED_OUT": ("bad", N_("timed out")),
    "ABORTED": ("bad", N_("was stopped")),
}
_MOVES: Final = {
    "entered": N_("%(state)s was entered"),
    "exited": N_("%(state)s was left"),
    "waits": N_("%(state)s waits for %(length)s"),
    "retried": N_("%(state)s failed with %(error)s and is tried again in %(length)s"),
    "caught": N_("%(state)s failed with %(error)s, which was caught"),
    "failed": N_("%(state)s failed with %(error)s"),
    "aborted": N_("%(state)s was stopped, because another one failed"),
}
_EDGES: Final = {"next": "", "choice": N_("choice"), "default": N_("otherwise"), "catch": N_("on error")}


@dataclass(frozen=True, slots=True)
class RequestLink:
    """A request that a state made; ``x`` is where it is in its state."""

    words: str
    title: str
    anchor: str
    x: int = 0


@dataclass(frozen=True, slots=True)
class StateBox:
    """One state as it is drawn. ``tone`` says how it ended, as ``ended`` does in words."""

    box: Box
    name: str
    kind: str
    ended: str
    tone: str
    title: str
    requests: tuple[RequestLink, ...]
    more: str


@dataclass(frozen=True, slots=True)
class WayLine:
    """One way; ``taken`` says that somebody went it."""

    way: Way
    words: str
    title: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """Something that happened, when, and the data of it."""

    at: str
    words: str
    text: str


@dataclass(frozen=True, slots=True)
class ExecutionView:
    """One execution."""

    anchor: str
    machine: str
    name: str
    status: str
    tone: str
    lasted: str
    by: RequestLink | None
    said: str
    width: int
    height: int
    states: tuple[StateBox, ...]
    ways: tuple[WayLine, ...]
    steps: tuple[StepLine, ...]
    left_out: int
    requests: tuple[RequestLink, ...]


@dataclass(frozen=True, slots=True)
class WorkflowsView:
    """All that are drawn; ``not_drawn`` and ``refused`` count the others."""

    executions: tuple[ExecutionView, ...] = ()
    not_drawn: int = 0
    refused: int = 0


def workflows_view(
    events: Sequence[Event], invocations: Sequence[InvocationResult], *, goes_on: bool = False
) -> WorkflowsView:
    """What is shown of a run's executions.

    :param goes_on: whether the run does, so that executions which have not ended may.
    """
    started = [(event, event.record) for event in events if isinstance(event.record, WorkflowStarted)]
    moved: dict[str, list[tuple[Event, WorkflowMoved]]] = {}
    ended: dict[str, tuple[Event, WorkflowEnded]] = {}
    for event in events:
        if isinstance(event.record, WorkflowMoved):
            moved.setdefault(event.record.execution, []).append((event, event.record))
        elif isinstance(event.record, WorkflowEnded):
            ended[event.record.execution] = event, event.record
    drawn = tuple(
        _execution(event, record, moved.get(record.execution, ()), ended.get(record.execution), invocations)
        for event, record in started[:DRAWN_MAX]
    )
    return WorkflowsView(
        executions=tuple(replace(one, status=_("running")) if goes_on and one.tone == _GOING else one for one in drawn),
        not_drawn=max(0, len(started) - DRAWN_MAX),
        refused=max((record.refused for _, record in ended.values()), default=0),
    )


def _execution(
    begun: Event,
    started: WorkflowStarted,
    moved: Sequence[tuple[Event, WorkflowMoved]],
    ended: tuple[Event, WorkflowEnded] | None,
    invocations: Sequence[InvocationResult],
) -> ExecutionView:
    placed = layout(started.graph)
    tone, status = _STATUSES[ended[1].status if ended else ""]
    made = [one for one in invocations if one.cause and one.cause.execution == started.execution]
    last = ended[0] if ended else (moved[-1][0] if moved else begun)
    left_out = (ended[1].left_out if ended else 0) + max(0, len(moved) - STEPS_MAX)
    states = {state.name: state for state in started.graph.states}
    return ExecutionView(
        anchor=execution_anchor(started.execution),
        machine=readable(started.machine),
        name=readable(started.name),
        status=_(status),
        tone=tone,
        lasted=labels.span(last.service_at_us - begun.service_at_us),
        by=_starter(started, invocations),
        said=_said(ended[1]) if ended else "",
        width=placed.width,
        height=placed.height,
        states=tuple(_state(box, states[box.name], moved, made) for box in placed.boxes),
        ways=tuple(_way(way) for way in placed.ways),
        steps=tuple(_step(event, record, begun) for event, record in moved[:STEPS_MAX]),
        left_out=left_out,
        requests=_links(made),
    )


def _starter(started: WorkflowStarted, invocations: Iterable[InvocationResult]) -> RequestLink | None:
    if started.request:
        by = next((one for one in invocations if one.index == started.request), None)
        words = _("started by request %(number)s") % {"number": started.request}
        return RequestLink(words, "", row_anchor(by) if by else "")
    if started.step is not None:
        return RequestLink(_("started by a caller, in step %(number)s") % {"number": started.step + 1}, "", "")
    return None


def _said(ended: WorkflowEnded) -> str:
    if ended.status == "SUCCEEDED":
        return readable(ended.output)
    return ": ".join(readable(each) for each in (ended.error, ended.cause) if each)


def _state(
    box: Box,
    state: GraphState,
    moved: Iterable[tuple[Event, WorkflowMoved]],
    made: Sequence[InvocationResult],
) -> StateBox:
    counted: Counter[str] = Counter(record.what for _, record in moved if record.state == state.name)
    links = _links([one for one in made if one.cause and one.cause.state == state.name])
    tone, ended = _ended(counted)
    kind = f"{state.type}: {state.says}" if state.says else state.type
    shown = links[:REQUESTS_IN_BOX]
    return StateBox(
        box=box,
        name=_short(readable(state.name), NAME_CHARACTERS),
        kind=_short(readable(kind), SAID_CHARACTERS),
        ended=_signs(ended) if ", " in ended else ended,
        tone=tone,
        title=f"{readable(state.name)}, {readable(kind)}: {ended}",
        requests=tuple(RequestLink(each.words, each.title, each.anchor, 10 + 34 * at) for at, each in enumerate(shown)),
        more=f"+{len(links) - len(shown)}" if len(links) > len(shown) else "",
    )


def _ended(counted: Mapping[str, int]) -> tuple[str, str]:
    """How its visits ended: the gravest tone, and all of them in words."""
    caught, failed, again = (counted.get(each, 0) for each in ("caught", "failed", "retried"))
    stopped, succeeded = counted.get("aborted", 0), counted.get("exited", 0) - caught
    going = counted.get("entered", 0) - counted.get("exited", 0) - failed - stopped
    words = [
        ("bad", failed, ngettext("✕ %(n)s failed", "✕ %(n)s failed", failed)),
        ("caught", caught, ngettext("◆ %(n)s caught", "◆ %(n)s caught", caught)),
        ("caught", again, ngettext("↻ %(n)s retry", "↻ %(n)s retries", again)),
        ("bad", stopped, ngettext("■ %(n)s stopped", "■ %(n)s stopped", stopped)),
        ("going", going, ngettext("… %(n)s going on", "… %(n)s going on", going)),
        ("clean", succeeded, ngettext("✓ %(n)s succeeded", "✓ %(n)s succeeded", succeeded)),
    ]
    found = [(tone, text % {"n": f"{number:,}"}) for tone, number, text in words if number > 0]
    if not found:
        return "none", _("not reached")
    return found[0][0], ", ".join(text for _tone, text in found)


def _signs(ended: str) -> str:
    """The same with the signs alone; the words are in the title."""
    return " ".join(each[0] + "".join(filter(str.isdigit, each)) for each in ended.split(", "))


def _links(made: Sequence[InvocationResult]) -> tuple[RequestLink, ...]:
    found = []
    for one in made:
        if one.attempt == 1:
            title = _("request %(number)s to %(function)s: %(outcome)s") % {
                "number": one.index,
                "function": readable(one.function or ""),
                "outcome": labels.OUTCOMES[one.outcome],
            }
            found.append(RequestLink(f"#{one.index}", title, row_anchor(one)))
    return tuple(found)


def _way(way: Way) -> WayLine:
    word = _(_EDGES[way.kind]) if _EDGES[way.kind] else ""
    title = f"{readable(way.of)} → {readable(way.to)}" + (f", {word}" if word else "")
    return WayLine(way, word, title)


def _step(event: Event, record: WorkflowMoved, begun: Event) -> StepLine:
    state = readable(record.state) + (f" [{record.place}]" if record.place else "")
    words = {
        "state": state,
        "error": readable(record.error) or labels.NOTHING,
        "length": labels.span(round(record.wait_s * 1_000_000)),
    }
    text = readable(record.text) or readable(record.cause)
    return StepLine(labels.span(event.service_at_us - begun.service_at_us), _(_MOVES[record.what]) % words, text)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
