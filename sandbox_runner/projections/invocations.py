"""The outcome of each attempt at each request, from the events of a run. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from sandbox_runner.events.records import (
    AnswerStreamed,
    Cause,
    Event,
    LogWritten,
    OutputTruncated,
    PlatformReport,
    RequestAnswered,
    RequestArrived,
    RequestAssigned,
    RequestDiscarded,
    RequestRefused,
    RequestThrottled,
    StartKind,
)
from sandbox_runner.results.model import InvocationResult, LogEntry, Outcome
from sandbox_runner.results.parts import Chunk, StreamedResult, Truncated
from sandbox_runner.rules.requests import every_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.scenario.request import Request


@dataclass(slots=True)
class _Attempt:
    """The events of one attempt, as they are collected."""

    request_id: str | None = None
    environment: str | None = None
    number: int = 1
    start: StartKind = "none"
    arrived_us: int = 0
    called_by: int | None = None
    cause: Cause | None = None
    assigned_us: int = 0
    answered_us: int | None = None
    answer: RequestAnswered | None = None
    throttled: RequestThrottled | None = None
    discarded: RequestDiscarded | None = None
    refused: RequestRefused | None = None
    report: PlatformReport | None = None
    lines_cut: int = 0
    bytes_cut: int = 0
    lines: list[str] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)


# The attempts at each request, in order; the last one may still be running.
_ByRequest: TypeAlias = dict[str, list[_Attempt]]


def invocation_results(
    scenario: Scenario, events: Sequence[Event], log: Iterable[LogEntry]
) -> tuple[InvocationResult, ...]:
    """Every attempt in the order of the requests; a request that was not played has one row that says so."""
    by_index: dict[int, list[_Attempt]] = {}
    by_request: _ByRequest = {}
    for event in events:
        if isinstance(event.record, RequestArrived):
            arrived = event.record
            attempts = [
                _Attempt(event.request_id, arrived_us=event.at_us, called_by=arrived.called_by, cause=arrived.cause)
            ]
            by_index[arrived.index] = by_request[event.request_id or ""] = attempts
        elif (event.request_id or "") in by_request:
            _collect(event, by_request[event.request_id or ""])
    for entry in log:
        if entry.request_id in by_request:
            _under_way(by_request[entry.request_id], entry.at_us).lines.append(entry.line)
    return tuple(
        _invocation(index, principal, request, attempt, scenario.recorded(scenario.name_of(request.function)))
        for index, principal, request in every_request(scenario, events)
        for attempt in by_index.get(index) or [_Attempt()]
    )


def _collect(event: Event, attempts: list[_Attempt]) -> None:
    record, current = event.record, attempts[-1]
    match record:
        case RequestAssigned():
            _assign(event, record, attempts)
        case RequestThrottled() if current.environment is None:
            current.throttled, current.answered_us = record, event.at_us
        case RequestDiscarded() if current.environment is None:
            current.discarded, current.answered_us = record, event.at_us
        case RequestRefused():
            current.refused, current.answered_us = record, event.at_us
        case AnswerStreamed():
            current.chunks.append(Chunk(at_us=event.at_us, bytes=record.bytes))
        case RequestAnswered():
            current.answer, current.answered_us = record, event.at_us
        case PlatformReport():
            current.report = record
        case OutputTruncated():
            current.lines_cut += record.lines
            current.bytes_cut += record.bytes
        case LogWritten(cut=cut):
            current.bytes_cut += cut


def _assign(event: Event, record: RequestAssigned, attempts: list[_Attempt]) -> None:
    if attempts[-1].environment is not None and record.instead_of is None:
        first = attempts[0]
        again = _Attempt(event.request_id, arrived_us=event.at_us, called_by=first.called_by, cause=first.cause)
        attempts.append(again)
    current = attempts[-1]
    current.environment, current.start, current.number = event.environment, record.start, record.attempt
    current.assigned_us = event.at_us
    # An asynchronous request that was throttled earlier now runs.
    current.throttled = current.answered_us = None


def _under_way(attempts: list[_Attempt], at_us: int) -> _Attempt:
    begun = [each for each in attempts if each.assigned_us <= at_us]
    return begun[-1] if begun else attempts[0]


def _invocation(
    index: int, principal: str, request: Request, attempt: _Attempt, function: str | None
) -> InvocationResult:
    metrics = attempt.report.metrics if attempt.report else None
    outcome, status_code, response, response_cut, error_type = _ending(attempt)
    return InvocationResult(
        index=index,
        principal=principal,
        request_id=attempt.request_id,
        environment=attempt.environment,
        attempt=attempt.number,
        start=attempt.start,
        outcome=outcome,
        error_type=error_type or None,
        payload=request.shown_payload,
        status_code=status_code,
        response=response,
        duration_ms=metrics and metrics.duration_ms,
        billed_duration_ms=metrics and metrics.billed_duration_ms,
        init_duration_ms=metrics and metrics.init_duration_ms,
        restore_duration_ms=metrics and metrics.restore_duration_ms,
        max_memory_used_mb=metrics and metrics.max_memory_used_mb,
        arrived_us=attempt.arrived_us,
        answered_us=attempt.answered_us,
        log=tuple(attempt.lines),
        truncated=Truncated(log_lines=attempt.lines_cut, log_bytes=attempt.bytes_cut, response_bytes=response_cut),
        invocation_type=request.type,
        function=function,
        called_by=attempt.called_by,
        cause=attempt.cause,
        streamed=_streamed(attempt),
    )


def _streamed(attempt: _Attempt) -> StreamedResult | None:
    if not attempt.chunks:
        return None
    answer = attempt.answer
    return StreamedResult(
        chunks=tuple(attempt.chunks),
        chunks_left_out=answer.chunks - len(attempt.chunks) if answer else 0,
        failure=(answer and answer.failure) or None,
    )


def _ending(attempt: _Attempt) -> tuple[Outcome, int, str, int, str]:
    if attempt.refused is not None:
        refused = attempt.refused
        return Outcome.REQUEST_TOO_LARGE, refused.status_code, refused.body, 0, refused.error_type
    if attempt.throttled is not None:
        return Outcome.THROTTLED, 429, attempt.throttled.body, 0, attempt.throttled.reason
    if attempt.discarded is not None:
        condition = attempt.discarded.condition
        return Outcome.THROTTLED, 400 if condition == "RecursiveLoop" else 429, "", 0, condition
    if attempt.answer is None:
        return Outcome.NOT_PLAYED, 0, "", 0, ""
    answer = attempt.answer
    return Outcome(answer.outcome), answer.status_code, answer.response, answer.response_cut, answer.error_type
