"""From the events of a run, or of its beginning, to what is shown of it. Pure.

Everything here is a function of the scenario and the event log. A beginning of the log gives a beginning of the
result: what has not happened yet is missing or marked as not played, and stretches that are still going on end with
the last event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sandbox_runner import leaks
from sandbox_runner.environment_lives import environment_results
from sandbox_runner.events import (
    Event,
    LogWritten,
    OutputTruncated,
    PlatformReport,
    RequestAnswered,
    RequestArrived,
    RequestAssigned,
    RequestThrottled,
    RunFinished,
    ServiceWaited,
    StartKind,
)
from sandbox_runner.invoice import invoice
from sandbox_runner.log_levels import LogSettings
from sandbox_runner.logs import log_entries
from sandbox_runner.results import (
    BackendResult,
    EnvironmentResult,
    InvocationResult,
    LogEntry,
    Outcome,
    RunResult,
    Truncated,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.scenario import Request, Scenario


@dataclass(frozen=True, slots=True)
class PartialResult:
    """What is known of a run while it goes on."""

    invocations: tuple[InvocationResult, ...]
    environments: tuple[EnvironmentResult, ...]
    log: tuple[LogEntry, ...]
    service_time_compressed: bool


def project(scenario: Scenario, backend: BackendResult, events: Sequence[Event]) -> RunResult:
    """Everything a finished run came to."""
    shown = project_partial(scenario, events)
    judgement = leaks.judge(scenario, events)
    return RunResult(
        scenario=scenario,
        backend=backend,
        verdict=judgement.verdict,
        verdict_sentence=judgement.sentence,
        findings=judgement.findings,
        checks=judgement.checks,
        service_time_compressed=shown.service_time_compressed,
        ended=_ended(events),
        invocations=shown.invocations,
        environments=shown.environments,
        log=shown.log,
        events=tuple(events),
        invoice=invoice(events),
    )


def project_partial(scenario: Scenario, events: Sequence[Event]) -> PartialResult:
    """What the first events of a run say; any beginning of an event log will do, none at all included."""
    log = log_entries(events, LogSettings.of(scenario.function))
    return PartialResult(
        invocations=_invocations(scenario, events, log),
        environments=environment_results(events),
        log=log,
        service_time_compressed=any(
            isinstance(each.record, ServiceWaited) and each.record.run_seconds < each.record.seconds for each in events
        ),
    )


def _ended(events: Iterable[Event]) -> Literal["done", "out-of-time", "cancelled"]:
    reasons = [each.record.reason for each in events if isinstance(each.record, RunFinished)]
    return reasons[-1] if reasons else "done"


# --- invocations --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Served:
    """What the log says of one attempt, as it is collected."""

    request_id: str | None = None
    environment: str | None = None
    attempt: int = 1
    start: StartKind = "none"
    arrived_us: int = 0
    answered_us: int | None = None
    answer: RequestAnswered | None = None
    throttled: RequestThrottled | None = None
    report: PlatformReport | None = None
    lines_cut: int = 0
    bytes_cut: int = 0
    lines: list[str] = field(default_factory=list)


def _invocations(scenario: Scenario, events: Iterable[Event], log: Iterable[LogEntry]) -> tuple[InvocationResult, ...]:
    by_index: dict[int, _Served] = {}
    by_request: dict[str, _Served] = {}
    for event in events:
        _collect(event, by_index, by_request)
    for entry in log:
        if entry.request_id in by_request:
            by_request[entry.request_id].lines.append(entry.line)
    return tuple(
        _invocation(index, principal, request, by_index.get(index, _Served()))
        for index, principal, request in scenario.requests()
    )


def _collect(event: Event, by_index: dict[int, _Served], by_request: dict[str, _Served]) -> None:
    record = event.record
    if isinstance(record, RequestArrived):
        served = by_index[record.index] = _Served(request_id=event.request_id, arrived_us=event.at_us)
        by_request[event.request_id or ""] = served
    found = by_request.get(event.request_id or "")
    if found is None:
        return
    match record:
        case RequestAssigned():
            found.environment, found.start, found.attempt = event.environment, record.start, record.attempt
        case RequestThrottled():
            found.throttled, found.answered_us = record, event.at_us
        case RequestAnswered():
            found.answer, found.answered_us = record, event.at_us
        case PlatformReport():
            found.report = record
        case OutputTruncated():
            found.lines_cut += record.lines
            found.bytes_cut += record.bytes
        case LogWritten(cut=cut):
            found.bytes_cut += cut


def _invocation(index: int, principal: str, request: Request, served: _Served) -> InvocationResult:
    metrics = served.report.metrics if served.report else None
    outcome, status_code, response, response_cut, error_type = _ending(served)
    return InvocationResult(
        index=index,
        principal=principal,
        request_id=served.request_id,
        environment=served.environment,
        attempt=served.attempt,
        start=served.start,
        outcome=outcome,
        error_type=error_type or None,
        payload=request.payload_text,
        status_code=status_code,
        response=response,
        duration_ms=metrics and metrics.duration_ms,
        billed_duration_ms=metrics and metrics.billed_duration_ms,
        init_duration_ms=metrics and metrics.init_duration_ms,
        restore_duration_ms=metrics and metrics.restore_duration_ms,
        max_memory_used_mb=metrics and metrics.max_memory_used_mb,
        arrived_us=served.arrived_us,
        answered_us=served.answered_us,
        log=tuple(served.lines),
        truncated=Truncated(log_lines=served.lines_cut, log_bytes=served.bytes_cut, response_bytes=response_cut),
    )


def _ending(served: _Served) -> tuple[Outcome, int, str, int, str]:
    if served.throttled is not None:
        return Outcome.THROTTLED, 429, served.throttled.body, 0, served.throttled.reason
    if served.answer is None:
        return Outcome.NOT_PLAYED, 0, "", 0, ""
    answer = served.answer
    return Outcome(answer.outcome), answer.status_code, answer.response, answer.response_cut, answer.error_type
