"""Results of runs as the presenters get them; each function varies what one test is about."""

from __future__ import annotations

from typing import Any

from sandbox_runner.backends.fidelity import docker_fidelity
from sandbox_runner.events.records import Event, StateCaptured, StateLeaf
from sandbox_runner.messages import Who, say
from sandbox_runner.results.model import (
    BackendResult,
    Check,
    EnvironmentResult,
    Evidence,
    Finding,
    InvocationResult,
    Location,
    LogEntry,
    Observation,
    Pair,
    Passage,
    Reader,
    RunResult,
    SourceLine,
    Span,
    Verdict,
    Writer,
)
from sandbox_runner.scenario.model import Scenario
from tests.told import observed

CODE = """\
// Kept for as long as the execution environment lives.
let someGlobalValue = null;

export const handler = async (event) => {
  if (someGlobalValue) {
    return { statusCode: 200, body: `warmstart, message=${someGlobalValue}` };
  }
  someGlobalValue = event.queryStringParameters.message;
  return { statusCode: 200, body: "coldstart" };
};
"""


def scenario(**function: Any) -> Scenario:
    base = {"runtime": "nodejs22.x", "handler": "app.handler", "files": {"app.mjs": CODE}}
    steps = [
        {"invoke": {"payload": {"queryStringParameters": {"message": "hoge"}}, "as": "tenant-a"}},
        {"idle": "5s"},
        {"invoke": {"payload": {"queryStringParameters": {"message": "fuga"}}, "as": "tenant-b"}},
    ]
    return Scenario.model_validate({"version": 1, "function": base | function, "steps": steps})


def invocation(index: int = 1, **fields: Any) -> InvocationResult:
    base: dict[str, Any] = {
        "index": index,
        "principal": "tenant-a" if index == 1 else "tenant-b",
        "request_id": f"8f5c1c1e-0000-4000-8000-00000000000{index}",
        "environment": "env-1",
        "start": "cold" if index == 1 else "warm",
        "outcome": "success",
        "payload": '{"queryStringParameters":{"message":"%s"}}' % ("hoge" if index == 1 else "fuga"),
        "status_code": 200,
        "response": '{"statusCode":200,"body":"%s"}' % ("coldstart" if index == 1 else "warmstart, message=hoge"),
        "duration_ms": 3.12 if index == 1 else 1.04,
        "billed_duration_ms": 45 if index == 1 else 2,
        "init_duration_ms": 41.2 if index == 1 else None,
        "max_memory_used_mb": 61,
        "arrived_us": 1_000 if index == 1 else 5_050_000,
    }
    return InvocationResult(**(base | fields))


def span(phase: str, start_us: int, end_us: int, request: int | None = None, status: str = "") -> Span:
    request_id = invocation(request).request_id if request else None
    return Span(phase=phase, start_us=start_us, end_us=end_us, request_id=request_id, status=status)


SPANS = (
    span("init", 2_000, 43_200),
    span("invoke", 43_900, 47_020, 1),
    span("frozen", 47_100, 5_050_000),
    span("invoke", 5_050_400, 5_051_440, 2),
    span("frozen", 5_051_500, 5_060_000),
    span("shutdown", 5_060_000, 5_062_000),
)


def environment(id: str = "env-1", spans: tuple[Span, ...] = SPANS) -> EnvironmentResult:  # noqa: A002 - the record's own name
    return EnvironmentResult(
        id=id,
        initialization="on-demand",
        created_by="request",
        ended_by="run-ended",
        log_stream="2026/07/01/[$LATEST]0123456789abcdef0123456789abcdef",
        created_us=spans[0].start_us,
        ended_us=spans[-1].end_us,
        spans=spans,
    )


LEAF = "queryStringParameters.message"


def who(request: int, principal: str = "") -> Who:
    return {"request": request, "as": principal, "repeated": False}


def finding(**fields: Any) -> Finding:
    base: dict[str, Any] = {
        "kind": "answer-leak",
        "grade": "leak",
        "runtime": "nodejs22.x",
        "location": Location(root="node-module", path="app.handler.[[module]].someGlobalValue", type="string"),
        "writer": Writer(invocation=1, principal="tenant-a", leaf="queryStringParameters.message"),
        "reader": Reader(invocation=2, principal="tenant-b", output_path="body"),
        "evidence": (
            Evidence(
                oracle="marker",
                output_path="body",
                form="plain",
                observations=observed(after="warmstart, message=hoge", cold="coldstart"),
                repeats=2,
            ),
        ),
        "severity": "critical",
        "confidence": "strong",
        "sources": (
            SourceLine(file="app.mjs", line=8, role="written"),
            SourceLine(file="app.mjs", line=6, role="read"),
        ),
        "messages": (
            say(
                "value-received",
                reader=who(2, "tenant-b"),
                writer=who(1, "tenant-a"),
                leaf=LEAF,
                value="hoge",
                form="",
                part=False,
            ),
            say("carried-by", place="app.handler.[[module]].someGlobalValue", file="app.mjs", line=8, role="written"),
        ),
    }
    return Finding(**(base | fields))


def passage(**fields: Any) -> Passage:
    """What tenant-b got of tenant-a's by way of a table."""
    seen = (
        Observation(condition=say("value-sent", request=1), text="hoge"),
        Observation(condition=say("in-this-run"), text="said hoge"),
        Observation(condition=say("account-before", request=1), text=None),
    )
    told = {
        "reader": who(2, "tenant-b"),
        "writer": who(1, "tenant-a"),
        "leaf": LEAF,
        "value": "hoge",
        "in_log": False,
        "service": "dynamodb",
        "thing": "table",
        "name": "notes",
        "key": "id=1",
        "stored": "PutItem",
        "read": "GetItem",
    }
    base: dict[str, Any] = {
        **{name: told[name] for name in ("service", "thing", "name", "key")},
        "stored_by": "PutItem",
        "read_by": "GetItem",
        "runtime": "nodejs22.x",
        "writer": Writer(invocation=1, principal="tenant-a", leaf=LEAF),
        "reader": Reader(invocation=2, principal="tenant-b", output_path="body"),
        "evidence": (Evidence(oracle="account", output_path="body", observations=seen),),
        "confidence": "proven",
        "messages": (say("came-by-service", **told), say("gone-before", writer=who(1, "tenant-a"))),
    }
    return Passage(**(base | fields))


def pair(writer: int, reader: int, **fields: Any) -> Pair:
    """Another writer and reader of :func:`finding`."""
    base: dict[str, Any] = {
        "writer": Writer(invocation=writer, principal=f"tenant-{writer}", leaf=LEAF),
        "reader": Reader(invocation=reader, principal=f"tenant-{reader}", output_path="body"),
        "evidence": finding().evidence,
        "confidence": "strong",
        "messages": finding().messages[:1],
        "fingerprint": "b",
    }
    return Pair(**(base | fields))


def captured(after_index: int, value: str, environment_id: str = "env-1") -> Event:
    leaves = (
        StateLeaf(
            root="node-module",
            carrier="app.handler.[[module]].someGlobalValue",
            path="app.handler.[[module]].someGlobalValue",
            kind="string" if value else "null",
            value=value or "null",
        ),
        StateLeaf(
            root="node-module",
            carrier="app.handler.[[module]].config",
            path="app.handler.[[module]].config.stage",
            kind="string",
            value="dev",
        ),
    )
    record = StateCaptured(after_index=after_index, leaves=leaves, nodes=12, truncated=False)
    return Event(seq=100 + after_index, at_us=1, service_at_us=1, environment=environment_id, record=record)


def log_entry(line: str, request: int | None = None, source: str = "function", at_us: int = 44_000) -> LogEntry:
    request_id = invocation(request).request_id if request else None
    return LogEntry(environment="env-1", at_us=at_us, line=line, request_id=request_id, source=source)


def leak(**fields: Any) -> RunResult:
    """Incident 1 with five seconds between its requests."""
    first, second = invocation(1), invocation(2)
    base: dict[str, Any] = {
        "scenario": scenario(),
        "backend": BackendResult(
            name="docker",
            isolation=say("isolated-in-container", runtime=""),
            image_digest="sha256:" + "ab" * 32,
            fidelity=docker_fidelity(),
        ),
        "verdict": Verdict.LEAK,
        "verdict_messages": finding().messages,
        "findings": (finding(),),
        "checks": (
            Check(oracle="marker", done=True, messages=(say("values-searched", values=1, answers=2, cut=False),)),
            Check(oracle="interference", done=False, messages=(say("nothing-changed"),)),
        ),
        "invocations": (first, second),
        "environments": (environment(),),
        "log": (
            log_entry("INIT_START Runtime Version: nodejs:22.v1", source="platform", at_us=2_000),
            log_entry(f"START RequestId: {first.request_id} Version: $LATEST", 1, "platform"),
            log_entry("2026-07-01T00:00:00.000Z\t…\tINFO\t\x1b[32mfirst\x1b[0m call", 1),
            log_entry(f"END RequestId: {first.request_id}", 1, "platform"),
            log_entry(f"START RequestId: {second.request_id} Version: $LATEST", 2, "platform", 5_050_400),
            log_entry(f"END RequestId: {second.request_id}", 2, "platform", 5_051_440),
        ),
        "events": (captured(0, ""), captured(1, "hoge"), captured(2, "hoge")),
    }
    return RunResult(**(base | fields))


def timed_out() -> RunResult:
    """Request 2 times out; request 3 pays a suppressed init and is answered from /tmp."""
    spans = (
        span("init", 2_000, 83_200),
        span("invoke", 83_900, 87_020, 1),
        span("frozen", 87_100, 90_000),
        span("invoke", 90_000, 3_090_000, 2, "timeout"),
        span("reset", 3_090_000, 3_093_000),
        span("suppressed-init", 3_100_000, 3_181_000, 3),
        span("invoke", 3_181_000, 3_184_000, 3),
        span("frozen", 3_184_100, 3_190_000),
        span("shutdown", 3_190_000, 3_190_000),
    )
    third = invocation(3, start="suppressed-init", duration_ms=84.02, billed_duration_ms=85)
    requests = (invocation(1), invocation(2, outcome="timeout", error_type="Sandbox.Timedout"), third)
    return leak(
        invocations=requests, environments=(environment("env-1", spans),), findings=(), verdict=Verdict.CLEAN,
        verdict_messages=(say("answers-match", answers=2),),
    )  # fmt: skip
