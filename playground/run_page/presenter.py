"""From a result, or from the events of a run that still goes on, to what its page shows. Pure.

Nothing here is markup: every text of a sandbox or of a form is a tuple of pieces that the templates escape.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from playground.editor.form_state import ArchiveRow, AttachedRow, LayerRow
from playground.editor.settings import BY_NAME, typed_settings
from playground.experiments.page_part.cutting import ATTEMPTS_MAX, ENVIRONMENTS_MAX
from playground.experiments.page_part.left_out import NOTHING, LeftOut
from playground.i18n.marking import N_, _, told
from playground.run_page.account_state import StateView, state_view
from playground.run_page.backend import BackendView, backend_view
from playground.run_page.callers.handover import Handover, handover
from playground.run_page.code import CodeFile, code_files
from playground.run_page.dependencies import (
    DependenciesView,
    MissingVariables,
    OfferedPackages,
    dependencies_views,
    missing_variables,
    offered_packages,
)
from playground.run_page.faults import faults_of
from playground.run_page.live_state import live_tables, with_states
from playground.run_page.log import LogGroup, log_groups
from playground.run_page.offered_events import OfferedEvents, offered_events
from playground.run_page.passages import PassageView, passage_view
from playground.run_page.requests import RequestRow, Shown, request_rows
from playground.run_page.session import SessionView, session_view
from playground.run_page.state_table import XrayTable, xray_tables
from playground.run_page.status_line import now
from playground.run_page.timeline.peer_lane import PeerLog, peer_log
from playground.run_page.timeline.time_range import WHOLE, Window
from playground.run_page.timeline.timeline import Timeline, draw
from playground.run_page.verdict import (
    CheckView,
    FindingView,
    PlaceView,
    ProofState,
    VerdictView,
    budget_used,
    check_view,
    failed_line,
    finding_view,
    headline,
    proof_state,
    verdict_view,
)
from playground.run_page.workflows.view import WorkflowsView, workflows_view
from playground.text import labels
from playground.text.display_text import SHOWN_CHARACTERS_MAX, one_page, readable
from sandbox_runner import verdict as leaks
from sandbox_runner.events.records import RequestArrived
from sandbox_runner.live.lived import lived_scenario
from sandbox_runner.projections.project import project_partial
from sandbox_runner.results.model import Outcome, Verdict
from sandbox_runner.runtimes.stand_ins import said_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import (
        EnvironmentResult,
        Finding,
        InvocationResult,
        RunResult,
    )
    from sandbox_runner.results.parts import Invoice
    from sandbox_runner.scenario.model import Function, Scenario

# A longer log would be searched several times a second while it grows; its verdict waits for the end of the proof.
JUDGED_EVENTS_MAX: Final = 1_000
UNNAMED: Final = N_(
    "There are more hidden characters and colours here than a page shows; from some place on, each such character is"
    " shown as \ufffd. The downloaded JSON has them."
)
MORE_REQUESTS: Final = N_("The newest requests are shown here; %(number)s others are left out while the run goes on.")
COMPRESSED: Final = N_("Waiting that only the service does was compressed; the timeline says where and by how much.")


@dataclass(frozen=True, slots=True)
class EnvironmentRow:
    """The figures of one environment."""

    anchor: str
    id: str
    initialization: str
    created_by: str
    ended_by: str
    lived: str
    frozen: str
    requests: int
    resets: int
    log_stream: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """A finished run; ``zips`` are names and digests of what its scenario names instead of carrying it."""

    verdict: VerdictView
    handover: Handover | None
    findings: tuple[FindingView, ...]
    passages: tuple[PassageView, ...]
    checks: tuple[CheckView, ...]
    budget: str
    timeline: Timeline
    requests: tuple[RequestRow, ...]
    workflows: WorkflowsView
    account: StateView | None
    log: tuple[LogGroup, ...]
    log_left_out: int
    failed_line: PlaceView | None
    offered_packages: OfferedPackages | None
    missing_variables: MissingVariables | None
    offered_events: OfferedEvents | None
    dependencies: tuple[DependenciesView, ...]
    peers: PeerLog
    invoice: str
    backend: BackendView
    function: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    zips: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    xray: tuple[XrayTable, ...] = ()
    files: tuple[CodeFile, ...] = ()
    environments: tuple[EnvironmentRow, ...] = ()


@dataclass(frozen=True, slots=True)
class LivePage:
    """A run that goes on, or one that ended without a result: what was observed so far.

    ``so_far`` is the verdict before it is proven, where a leak was recognised already. ``session`` is there where
    requests come from outside.
    """

    status: str
    word: str
    now: str
    so_far: VerdictView | None
    timeline: Timeline
    requests: tuple[RequestRow, ...]
    notes: tuple[str, ...]
    workflows: WorkflowsView
    session: SessionView | None = None
    xray: tuple[XrayTable, ...] = ()


def run_page(
    result: RunResult,
    window: Window = WHOLE,
    room_px: int | None = None,
    left_out: LeftOut = NOTHING,
    *,
    in_brief: bool = False,
) -> RunPage:
    """Everything the page of a finished run shows.

    :param window: what its timeline is about.
    :param room_px: how wide the timeline may be.
    :param left_out: what the run had beyond ``result``.
    :param in_brief: whether state, code and environments are left empty, for places that do not show them.
    """
    with one_page() as room:
        page = _run_page(result, window, room_px, left_out)
        page = page if in_brief else _with_details(page, result, left_out)
    return replace(page, left_out=(*page.left_out, _(UNNAMED))) if room.wanted_more else page


def _run_page(result: RunResult, window: Window, room_px: int | None, left_out: LeftOut) -> RunPage:
    shown = result.environments, result.invocations, result.findings, result.events
    timeline = draw(*shown, window=window, room_px=room_px)
    proof = proof_state(result)
    log = log_groups(result.log, result.invocations)
    return RunPage(
        verdict=verdict_view(result),
        handover=handover(result),
        findings=tuple(finding_view(at, one, result.invocations, proof) for at, one in enumerate(result.findings, 1)),
        passages=tuple(passage_view(one) for one in result.passages),
        checks=tuple(check_view(one) for one in result.checks),
        budget=budget_used(result),
        timeline=timeline,
        requests=request_rows(Shown.of_result(result, timeline.hidden, left_out)),
        workflows=workflows_view(result.events, result.invocations),
        account=state_view(result.account),
        log=log,
        log_left_out=left_out.log_lines + len(result.log) - sum(len(group.lines) for group in log),
        failed_line=failed_line(result),
        offered_packages=offered_packages(result),
        missing_variables=missing_variables(result),
        offered_events=offered_events(result),
        dependencies=dependencies_views(result),
        peers=peer_log(result.events, result.scenario),
        invoice=_invoice(result.invoice, result.scenario),
        backend=backend_view(result.backend),
        function=function_figures(result.scenario),
        notes=_notes(result),
        zips=tuple((readable(each.name), each.sha256) for each in result.scenario.archives),
        left_out=left_out.sentences,
    )


def _with_details(page: RunPage, result: RunResult, left_out: LeftOut) -> RunPage:
    return replace(
        page,
        xray=xray_tables(result.events, result.findings, result.invocations, left_out),
        files=code_files(result.scenario.code, result.findings, page.failed_line),
        environments=tuple(_environment(one, result.invocations) for one in result.environments),
    )


@one_page()
def live_page(scenario: Scenario, events: Sequence[Event], status: str, *, engine_away: bool = False) -> LivePage:
    """What the first events of a run show; every request of the scenario has its row from the start.

    :param engine_away: whether a run that waits does so because no sandbox can be made.
    """
    session = session_view(events)
    scenario = lived_scenario(scenario, events) if session else scenario
    shown = project_partial(scenario, events)
    until_us = max((event.at_us for event in events), default=0)
    arrived = {event.record.index for event in events if isinstance(event.record, RequestArrived)}
    seen = with_states(events) if session and session.is_open else events
    judged = _judged_so_far(scenario, seen) if session or status == "proving" else ()
    # Nothing can take back a leak that replays have not yet proven; milder findings wait for their proof.
    found = tuple(one for one in judged if one.grade == Verdict.LEAK)
    invocations, more = _newest(shown.invocations, arrived)
    timeline = draw(shown.environments[-ENVIRONMENTS_MAX:], invocations, found, events, until_us=until_us)
    marked = found if session else ()
    rows = request_rows(
        Shown(invocations, marked, shown.asynchronous, hidden=timeline.hidden, faults=faults_of(scenario))
    )
    if status in ("queued", "running", "proving"):
        rows = tuple(_waiting(row, row.index in arrived) for row in rows)
    if session:
        # There is one place for all that was recognised so far.
        rows = tuple(replace(row, finding_anchor="so-far" if row.finding_anchor else "") for row in rows)
    tables = xray_tables(seen, judged, shown.invocations) if session and session.is_open else ()
    return LivePage(
        status=status,
        word=labels.STATUSES.get(status, status),
        now=now(events, status, engine_away=engine_away, judged=not found),
        so_far=_headline(found, session) if found else None,
        timeline=timeline,
        requests=rows,
        notes=(
            *(told(message) for message in said_of(scenario.stand_ins)),
            *((_(MORE_REQUESTS) % {"number": f"{more:,}"},) if more else ()),
            *((_(COMPRESSED),) if shown.service_time_compressed else ()),
        ),
        workflows=workflows_view(events, shown.invocations, goes_on=True),
        session=session,
        xray=live_tables(tables, "so-far" if found else ""),
    )


def _newest(
    invocations: tuple[InvocationResult, ...], arrived: Collection[int]
) -> tuple[tuple[InvocationResult, ...], int]:
    """As many as a page has, up to the last that arrived or a little further; and how many others there are."""
    if len(invocations) <= ATTEMPTS_MAX:
        return invocations, 0
    last = max((at for at, one in enumerate(invocations) if one.index in arrived), default=0)
    end = max(ATTEMPTS_MAX, last + 1)
    return invocations[end - ATTEMPTS_MAX : end], len(invocations) - ATTEMPTS_MAX


def _headline(found: Sequence[Finding], session: SessionView | None) -> VerdictView:
    state: ProofState = "ahead" if session and session.is_open else "going on"
    return headline(found[0].grade, found[0].messages, found, state)


def _judged_so_far(scenario: Scenario, events: Sequence[Event]) -> tuple[Finding, ...]:
    return () if len(events) > JUDGED_EVENTS_MAX else leaks.judge(scenario, events).findings


def _waiting(row: RequestRow, arrived: bool) -> RequestRow:
    if row.outcome != labels.OUTCOMES[Outcome.NOT_PLAYED]:
        return row
    return replace(row, outcome=_("running") if arrived else _("waiting"))


def function_figures(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """The configuration of every function as (name, value)."""
    return tuple(
        (f"{name}: {said}" if scenario.has_names else said, value)
        for name, function in scenario.functions.items()
        for said, value in _figures(scenario, function)
    )


def _figures(scenario: Scenario, function: Function) -> tuple[tuple[str, str], ...]:
    return (
        (_("runtime"), function.runtime),
        (_("handler"), readable(function.handler)),
        (_("memory"), f"{function.memory_mb:,} MB"),
        (_("timeout"), f"{function.timeout_s} s"),
        (_("files below /tmp"), f"{function.tmp_mb:,} MB"),
        *_settings(scenario, function),
        *(
            (_("environment %(name)s") % {"name": name}, readable(value))
            for name, value in function.environment.items()
        ),
        *(
            (_("attached file %(name)s") % {"name": readable(path)}, AttachedRow(path, written).size)
            for path, written in function.attached_files.items()
        ),
        *(
            (_("zip %(name)s") % {"name": readable(each.name)}, ArchiveRow.of(each.model_dump()).size)
            for each in (function.archive,)
            if each is not None
        ),
        *(
            (_("layer %(name)s") % {"name": readable(each.name)}, LayerRow.of(each.model_dump()).size)
            for each in function.layers
        ),
    )


def _settings(scenario: Scenario, function: Function) -> list[tuple[str, str]]:
    """What is not the default, in the words of the home page."""
    found = []
    for name, text in typed_settings(scenario, function).items():
        setting = BY_NAME[name]
        if name != "tmp_mb":
            label = _(setting.label)
            label = label[0].lower() + label[1:] if label != "CPU" else label
            where = _("log") + " " if setting.group == "logs" else ""
            choice = dict(setting.choices).get(text)
            shown = _(choice) if choice else f"{text} {setting.unit}".rstrip()
            found.append((f"{where}{label}", shown))
    return found


def _invoice(invoice: Invoice | None, scenario: Scenario) -> str:
    """What the run would be billed for, as a sentence; empty where nothing ran."""
    if invoice is None or not invoice.requests:
        return ""
    return _("%(requests)s, %(billed_ms)s ms billed at %(memory_mb)s MB = %(gb_seconds)s GB-seconds") % {
        "requests": labels.requests(invoice.requests),
        "billed_ms": labels.milliseconds(invoice.billed_ms),
        "memory_mb": " / ".join(f"{each.memory_mb:,}" for each in scenario.functions.values()),
        "gb_seconds": f"{invoice.gb_seconds:,.6f}",
    }


def _environment(one: EnvironmentResult, invocations: Sequence[InvocationResult]) -> EnvironmentRow:
    frozen = sum(span.end_us - span.start_us for span in one.spans if span.phase == "frozen")
    return EnvironmentRow(
        anchor=f"environment-{one.id}",
        id=one.id,
        initialization=one.initialization,
        created_by=labels.CREATORS[one.created_by],
        ended_by=labels.ENDINGS[one.ended_by],
        lived=labels.span(one.spans[-1].end_us - one.spans[0].start_us if one.spans else 0),
        frozen=labels.span(frozen),
        requests=sum(invocation.environment == one.id for invocation in invocations),
        resets=sum(span.phase == "reset" for span in one.spans),
        log_stream=one.log_stream,
    )


def _notes(result: RunResult) -> tuple[str, ...]:
    found = [told(message) for message in said_of(result.backend.played_on)]
    if result.ended == "out-of-time":
        found.append(
            readable(told(result.left), limit=SHOWN_CHARACTERS_MAX)
            if result.left
            else _("The run's time limit was reached.")
        )
    if result.ended == "cancelled":
        found.append(_("The run was cancelled before the scenario was done."))
    if result.service_time_compressed:
        found.append(_(COMPRESSED))
    if (limit := result.scenario.init_limit) is not None:
        lowered = labels.span(round(limit * 1_000_000))
        found.append(
            _("The init limit was lowered to %(lowered)s for this run; Lambda's is 10 s.") % {"lowered": lowered}
        )
    return tuple(found)
