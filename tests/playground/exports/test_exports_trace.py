"""A run in the Trace Event Format."""

from __future__ import annotations

import json

import pytest

from playground.exports.origin import Origin
from playground.exports.trace import trace_file
from playground.text.display_text import hides
from tests.playground.exports.trace_format import check
from tests.playground.happenings import RETRIED, RETRIED_LIFE, RETRIED_ROWS, arrived, late, life, throttled
from tests.playground.hostile_results import hostile
from tests.playground.run_results import finding, invocation, leak, pair, timed_out

ORIGIN = Origin("an-id", "https://holdover.example/r/an-id", "2026-07-01 00:00 UTC", "0.1.0")
LATE = leak(
    invocations=(invocation(1, answered_us=60_000), invocation(2, answered_us=90_000)),
    environments=(life(("init", 2, 40, None), ("invoke", 41, 60, 1), ("frozen", 60, 80, None), ("invoke", 80, 90, 2)),),
    events=(arrived(1, 1), arrived(70, 2), throttled(71, 2), late(1, 2)),
    findings=(),
)
OVERLAPPING = leak(
    invocations=(invocation(1, answered_us=70_000), invocation(2, answered_us=90_000)),
    environments=(life(("init", 2, 40, None), ("invoke", 41, 70, 1), ("invoke", 50, 90, 2)),),
    events=(arrived(1, 1), arrived(1, 2)),
    findings=(),
)


def written(result):
    return json.loads(trace_file(result, ORIGIN))


def events(result, kind):
    return [event for event in written(result)["traceEvents"] if event["ph"] == kind]


RESULTS = {
    "a leak": leak(),
    "a timeout, a reset and a suppressed init": timed_out(),
    "late work and a throttle": LATE,
    "attempts of an asynchronous request": leak(
        invocations=RETRIED_ROWS, environments=(RETRIED_LIFE,), events=RETRIED, findings=()
    ),
    "requests that overlap": OVERLAPPING,
    "nothing": leak(environments=(), invocations=(), log=(), events=(), findings=()),
    "hostile texts": hostile(),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS.keys())
def test_it_is_as_the_format_says(result):
    check(written(result))


def test_an_environment_is_a_process_and_a_phase_a_thread():
    named = {(e["name"], e["args"].get("name")) for e in events(leak(), "M")}

    assert ("process_name", "service") in named
    assert ("process_name", "env-1") in named
    assert {("thread_name", phase) for phase in ("init", "invoke", "frozen", "shutdown")} <= named


def test_phases_are_in_microseconds_and_carry_the_figures_of_their_request():
    invoke = next(e for e in events(leak(), "X") if e["name"] == "request 1 (tenant-a)")

    assert (invoke["ts"], invoke["dur"]) == (43_900, 3_120)
    assert invoke["args"]["Duration ms"] == 3.12
    assert invoke["args"]["answer"] == '{"statusCode":200,"body":"coldstart"}'


def test_a_throttle_is_an_instant():
    throttle = next(e for e in events(LATE, "i") if e["cat"] == "throttle")

    assert (throttle["ts"], throttle["args"]["reason"]) == (71_000, "ReservedFunctionConcurrentInvocationLimitExceeded")


def test_late_work_flows_from_the_request_that_started_it():
    start, end = events(LATE, "s")[0], events(LATE, "f")[0]

    assert (start["name"], start["ts"], end["ts"]) == ("late work", 60_000, 90_000)


def test_what_was_held_over_flows_from_writer_to_reader():
    assert [e["name"] for e in events(leak(), "s")] == ["held over"]


def test_each_pair_of_a_finding_has_a_flow_of_its_own():
    result = leak(findings=(finding(pairs=(pair(1, 2),)),))
    assert [e["name"] for e in events(result, "s")] == ["held over", "held over"]


def test_a_request_lasts_from_its_arrival_to_its_answer():
    begin, end = events(LATE, "b")[0], events(LATE, "e")[0]

    assert (begin["name"], begin["ts"], end["ts"]) == ("request 1 (tenant-a)", 1_000, 60_000)


def test_what_user_code_wrote_is_cut_and_hides_nothing():
    text = trace_file(hostile(200), ORIGIN)

    assert not any(map(hides, text))
    assert max(len(e["args"].get("line", "")) for e in events(hostile(200), "i")) < 1_100
