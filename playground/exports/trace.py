"""A run in Chrome's Trace Event Format, for Perfetto and chrome://tracing. Pure.

https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU: each environment is a process (the
first one is the service), each of its phases a thread; times are whole microseconds since the run began.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from playground.exports.origin import one_line
from playground.i18n.marking import told
from playground.run_page.timeline.environment_lane import attempt_name, rows_of
from playground.run_page.timeline.request_paths import Journey, Rows, journeys
from playground.text import labels
from sandbox_runner.events.records import AccountCalled, LateWork
from sandbox_runner.events.secret_values import with_secrets_blanked
from sandbox_runner.results.pairs import apart
from sandbox_runner.runtimes.stand_ins import said_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from playground.exports.origin import Origin
    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import EnvironmentResult, InvocationResult, RunResult, Span

SERVICE: Final = 1
REQUESTS, CALLS, LOG = 1, 19, 20
# Those after the first of invocations that overlap: slices of one track may only nest.
_BESIDE: Final = 20
_THREADS: Final = {
    "init": 1,
    "restore": 2,
    "suppressed-init": 3,
    "invoke": 4,
    "frozen": 5,
    "reset": 6,
    "shutdown": 7,
}
TEXT_MAX: Final = 1_000
LOG_LINES_MAX: Final = 5_000
FLOWS_MAX: Final = 500

TraceEvent = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Slice:
    """A drawn phase, where an arrow may start or end."""

    process: int
    thread: int
    start_us: int
    end_us: int

    def inside(self, at_us: int) -> int:
        """``at_us``, moved into the phase if it is outside."""
        return min(max(at_us, self.start_us), self.end_us)


def trace_file(result: RunResult, origin: Origin) -> str:
    """The trace as text. Not ASCII: Perfetto would show the escapes."""
    return json.dumps(trace(result, origin), ensure_ascii=False, allow_nan=False)


def trace(result: RunResult, origin: Origin) -> dict[str, Any]:
    """The trace as JSON; text of user code is made visible and cut."""
    rows = Rows(result.invocations, ways := journeys(result.events))
    processes = {one.id: number for number, one in enumerate(result.environments, SERVICE + 1)}
    events = [
        *_metadata(result, processes),
        *_requests(result.invocations),
        *(each for one in result.environments for each in _phases(one, processes[one.id], rows)),
        *_calls(result, processes),
        *_throttles(ways),
        *_log(result, processes),
        *_flows(result, processes, rows),
    ]
    about = {
        "run": origin.url,
        "holdover": origin.version,
        "verdict": result.verdict.value,
        "sentence": one_line(told(*result.verdict_messages), TEXT_MAX),
        "runtime": ", ".join(result.scenario.runtimes),
        "stand-ins": told(*said_of(result.backend.played_on)),
        "log lines left out": str(origin.left_out.log_lines + max(0, len(result.log) - LOG_LINES_MAX)),
    }
    if more := origin.left_out.sentences:
        about["left out"] = " ".join(more)
    return {"displayTimeUnit": "ms", "otherData": about, "traceEvents": events}


# --- names --------------------------------------------------------------------------------------------------------


def _metadata(result: RunResult, processes: Mapping[str, int]) -> Iterable[TraceEvent]:
    logged = {entry.environment for entry in result.log[:LOG_LINES_MAX]}
    outside = any(each.environment is None for each in _called(result))
    tracks = {REQUESTS: "requests"} | ({CALLS: "calls to AWS"} if outside else {})
    yield from _process(SERVICE, "service", tracks)
    for one in result.environments:
        threads = {thread: labels.PHASES[span.phase] for span, thread in _threads(one).items()}
        if any(called.environment == one.id for called in _called(result)):
            threads[CALLS] = "calls to AWS"
        if one.id in logged:
            threads[LOG] = "log"
        yield from _process(processes[one.id], one_line(one.id, TEXT_MAX), threads)


def _process(number: int, name: str, threads: Mapping[int, str]) -> Iterable[TraceEvent]:
    yield _named(number, 0, "process_name", name=name)
    yield _named(number, 0, "process_sort_index", sort_index=number)
    for thread, title in sorted(threads.items()):
        yield _named(number, thread, "thread_name", name=title)
        yield _named(number, thread, "thread_sort_index", sort_index=thread)


def _named(process: int, thread: int, what: str, **said: str | int) -> TraceEvent:
    return {"ph": "M", "pid": process, "tid": thread, "ts": 0, "name": what, "cat": "__metadata", "args": said}


# --- what lasted ----------------------------------------------------------------------------------------------------


def _requests(invocations: Iterable[InvocationResult]) -> Iterable[TraceEvent]:
    """From arrival to answer; concurrent requests get one track each, among those of the service."""
    for one in invocations:
        if one.answered_us is None:
            continue
        shared = {"pid": SERVICE, "tid": REQUESTS, "cat": "request", "id2": {"local": f"{one.index}.{one.attempt}"}}
        shared |= {"name": attempt_name(one)}
        yield {"ph": "b", "ts": one.arrived_us, "args": _figures(one)} | shared
        yield {"ph": "e", "ts": max(one.answered_us, one.arrived_us), "args": {}} | shared


def _threads(environment: EnvironmentResult) -> dict[Span, int]:
    """The track of each phase."""
    rows = rows_of(environment.spans)
    return {span: _BESIDE + row if row else _THREADS[span.phase] for span, row in rows.items()}


def _phases(environment: EnvironmentResult, process: int, rows: Rows) -> Iterable[TraceEvent]:
    threads = _threads(environment)
    for span in environment.spans:
        request = rows.of(environment.id, span)
        yield {
            "ph": "X",
            "pid": process,
            "tid": threads[span],
            "ts": span.start_us,
            "dur": max(0, span.end_us - span.start_us),
            "name": _phase_name(span, request),
            "cat": "phase",
            "args": _figures(request) if request and span.phase == "invoke" else {"status": span.status},
        }


def _called(result: RunResult) -> list[Event]:
    return [event for event in result.events if isinstance(event.record, AccountCalled)]


def _calls(result: RunResult, processes: Mapping[str, int]) -> Iterable[TraceEvent]:
    """Calls to AWS's services; those of one environment at the same time get one track each."""
    for event in _called(result):
        call = event.record
        assert isinstance(call, AccountCalled)  # only those are asked about
        process = SERVICE if event.environment is None else processes.get(event.environment)
        if process is not None:
            shared = {"pid": process, "tid": CALLS, "cat": "aws", "id2": {"local": f"{event.seq}"}}
            shared |= {"name": one_line(f"{call.service} {call.operation}", TEXT_MAX)}
            yield {"ph": "b", "ts": max(0, event.at_us), "args": _call_figures(event.request_id, call)} | shared
            yield {"ph": "e", "ts": max(0, event.at_us) + call.took_us, "args": {}} | shared


def _call_figures(request_id: str | None, called: AccountCalled) -> dict[str, Any]:
    call = with_secrets_blanked(called)
    return {
        "request id": request_id or "",
        "caller": one_line(call.principal, TEXT_MAX),
        "status": call.status_code,
        "error": one_line(call.error, TEXT_MAX),
        "attempt": call.attempt,
        "parameters": one_line(call.parameters, TEXT_MAX),
        "answer": one_line(call.answer, TEXT_MAX),
        "request bytes": call.request_bytes,
        "answer bytes": call.answer_bytes,
    }


def _phase_name(span: Span, request: InvocationResult | None) -> str:
    return attempt_name(request) if request and span.phase == "invoke" else labels.PHASES[span.phase]


def _figures(one: InvocationResult) -> dict[str, Any]:
    return {
        "request id": one.request_id or "",
        "start": one.start,
        "outcome": one.outcome.value,
        "payload": one_line(one.payload, TEXT_MAX),
        "answer": one_line(one.response, TEXT_MAX),
        "Duration ms": one.duration_ms,
        "Billed Duration ms": one.billed_duration_ms,
        "Init Duration ms": one.init_duration_ms,
        "Max Memory Used MB": one.max_memory_used_mb,
    }


# --- moments --------------------------------------------------------------------------------------------------------


def _throttles(ways: Iterable[Journey]) -> Iterable[TraceEvent]:
    for way in ways:
        for refusal in way.refusals:
            name = f"throttled: {labels.request_name(way.index, way.principal)}"
            said = {"reason": refusal.reason}
            yield _instant((SERVICE, REQUESTS), refusal.at_us, name, said) | {"cat": "throttle"}


def _log(result: RunResult, processes: Mapping[str, int]) -> Iterable[TraceEvent]:
    for entry in result.log[:LOG_LINES_MAX]:
        if entry.environment in processes:
            line = one_line(entry.line, TEXT_MAX)
            said = {"line": line, "source": entry.source}
            place = (processes[entry.environment], LOG)
            yield _instant(place, entry.at_us, line[:80] or "(empty)", said) | {"cat": "log"}


def _instant(place: tuple[int, int], at_us: int, name: str, said: Mapping[str, str]) -> TraceEvent:
    process, thread = place
    return {"ph": "i", "s": "t", "pid": process, "tid": thread, "ts": max(0, at_us), "name": name, "args": dict(said)}


# --- from one request to another --------------------------------------------------------------------------------------


def _flows(result: RunResult, processes: Mapping[str, int], rows: Rows) -> Iterable[TraceEvent]:
    """Late work and leaked data, as arrows from the request that started it to the one it appeared in."""
    places = _invocations(result, processes, rows)
    pairs = [
        (event.record.started_by, event.record.ran_in, "late work", event.at_us)
        for event in result.events
        if isinstance(event.record, LateWork)
    ]
    pairs += [
        (one.writer.invocation, one.reader.invocation, "held over", 0)
        for each in result.findings
        for one in apart(each)
        if one.writer and one.reader
    ]
    for number, (first, second, kind, at_us) in enumerate(pairs[:FLOWS_MAX], 1):
        begins, ends = places.get(first), places.get(second)
        if begins and ends and begins.end_us <= ends.end_us:
            shared = {"name": kind, "cat": kind, "id": number, "args": {}}
            start_us = begins.end_us
            yield {"ph": "s", "pid": begins.process, "tid": begins.thread, "ts": start_us} | shared
            end_us = max(ends.inside(at_us), start_us)
            yield {"ph": "f", "bp": "e", "pid": ends.process, "tid": ends.thread, "ts": end_us} | shared


def _invocations(result: RunResult, processes: Mapping[str, int], rows: Rows) -> dict[int, _Slice]:
    """The phase in which each request last ran; module code (0) ran in the first init."""
    found: dict[int, _Slice] = {}
    for environment in result.environments:
        for span, thread in _threads(environment).items():
            place = _Slice(processes[environment.id], thread, span.start_us, span.end_us)
            request = rows.of(environment.id, span)
            if span.phase == "invoke" and request:
                found[request.index] = place
            elif span.phase == "init":
                found.setdefault(0, place)
    return found
