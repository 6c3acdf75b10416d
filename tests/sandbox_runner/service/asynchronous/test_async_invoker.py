"""Asynchronous requests on the fake backend: attempts, retries, throttles, and what they come to."""

import asyncio

import pytest

from sandbox_runner.errors import SandboxLost
from sandbox_runner.events.records import (
    RequestAssigned,
    RequestDelivered,
    RequestDiscarded,
    RequestQueued,
    ServiceWaited,
)
from sandbox_runner.projections.project import project_partial
from sandbox_runner.results.model import Outcome, Verdict
from sandbox_runner.results.pairs import apart
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, idle, invoke
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, SandboxVanishes, TakesForever
from tests.fakes.stuck import StuckBackend

UNPROVEN = RunOptions(prove=False)


def later(payload=None, principal=None):
    step = invoke(payload, principal)
    step["invoke"]["type"] = "event"
    return step


def failing(*attempts):
    """A function whose attempts of these numbers (from 1) fail, each in another way."""
    calls = []

    def handler(event, runtime):
        calls.append(event)
        runtime.log(f"attempt {len(calls)}")
        if len(calls) in attempts:
            raise [RuntimeError("no"), RuntimeExits("exit status 1"), TakesForever][(len(calls) - 1) % 3]
        return "done"

    return FakeFunction(handler)


def played(*steps, function=None, backend=None, options=UNPROVEN, **settings):
    backend = backend or FakeBackend(function or FakeFunction())
    scenario = Scenario.model_validate({"function": a_function(), "steps": list(steps), **settings})
    result = asyncio.run(play(scenario, backend, clock=backend.clock, options=options))
    assert backend.alive == {}
    return result


def of_kind(result, kind):
    return [each.record for each in result.events if isinstance(each.record, kind)]


def assigned_at_s(result):
    """When, in whole seconds of service time, each attempt began."""
    return [round(e.service_at_us / 1e6) for e in result.events if isinstance(e.record, RequestAssigned)]


def test_the_caller_is_answered_at_once_and_the_request_runs_once():
    result = played(later({"n": 1}, "tenant-a"))
    (request,) = result.asynchronous
    assert (request.principal, request.status_code, request.attempts, request.condition) == (
        "tenant-a",
        202,
        1,
        "Success",
    )
    assert [(each.outcome, each.invocation_type) for each in result.invocations] == [(Outcome.SUCCESS, "event")]


def test_what_fails_is_tried_three_times_after_one_minute_and_after_two():
    result = played(later("x"), function=failing(1, 2, 3))
    assert assigned_at_s(result) == [0, 60, 180]
    assert [each.outcome.value for each in result.invocations] == ["function-error", "runtime-exit", "timeout"]
    assert [each.attempt for each in result.invocations] == [1, 2, 3]
    assert result.asynchronous[0].condition == "RetriesExhausted"


def test_all_attempts_have_one_request_id_and_each_has_its_own_lines():
    result = played(later("x"), function=failing(1, 2, 3))
    assert len({each.request_id for each in result.invocations}) == 1
    own = [[line for line in each.log if line.startswith("attempt")] for each in result.invocations]
    assert own == [["attempt 1"], ["attempt 2"], ["attempt 3"]]
    assert [sum(line.startswith("REPORT") for line in each.log) for each in result.invocations] == [1, 1, 1]


def test_the_figures_of_each_attempt_are_its_own():
    result = played(later("x"), function=failing(1))
    first, second = result.invocations
    assert (first.init_duration_ms, second.init_duration_ms) == (40.0, None)
    assert (first.start, second.start) == ("cold", "warm")
    assert second.arrived_us > first.answered_us


def test_a_retry_that_succeeds_ends_it():
    result = played(later("x"), function=failing(1))
    assert [each.outcome.value for each in result.invocations] == ["function-error", "success"]
    (delivered,) = of_kind(result, RequestDelivered)
    context = delivered.destination["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("Success", 2)
    assert result.asynchronous[0].dead_letter is None


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_there_are_as_many_retries_as_are_configured(retries):
    result = played(later("x"), function=failing(1, 2, 3), max_retry_attempts=retries)
    assert len(result.invocations) == 1 + retries


def test_a_request_given_up_leaves_a_record_and_a_dead_letter():
    result = played(later({"k": "v"}), function=failing(1), max_retry_attempts=0)
    (discarded,) = of_kind(result, RequestDiscarded)
    assert discarded.destination["requestPayload"] == {"k": "v"}
    assert discarded.destination["responseContext"]["functionError"] == "Unhandled"
    assert discarded.destination["responsePayload"]["errorMessage"] == "no"
    assert discarded.dead_letter["body"] == '{"k":"v"}'
    assert result.asynchronous[0].dead_letter == discarded.dead_letter


def test_a_record_is_dated_in_service_time():
    result = played(later("x"), function=failing(1, 2))
    assert result.asynchronous[0].destination["timestamp"].startswith("2026-01-05T01:03:0")


def test_what_would_be_too_old_is_given_up():
    result = played(later("x"), function=failing(1, 2, 3), max_event_age_s=90)
    assert result.asynchronous[0].condition == "EventAgeExceeded"
    assert len(result.invocations) == 2


def test_with_nothing_reserved_it_is_given_up_untried():
    result = played(later("x"), reserved_concurrency=0)
    (request,) = result.asynchronous
    assert (request.condition, request.attempts, request.status_code) == ("ZeroReservedConcurrency", 0, 202)
    (row,) = result.invocations
    assert (row.outcome, row.status_code, row.error_type) == (Outcome.THROTTLED, 429, "ZeroReservedConcurrency")
    assert result.environments == ()


def test_a_throttled_attempt_goes_back_and_does_not_count():
    steps = {"concurrent": [{"payload": 1}, {"payload": 2, "type": "event"}]}
    result = played(steps, reserved_concurrency=1)
    (request,) = result.asynchronous
    assert (request.throttles, request.attempts, request.condition) == (1, 1, "Success")
    assert [(each.why, each.delay_s) for each in of_kind(result, RequestQueued)] == [("accepted", 0), ("throttled", 1)]
    assert assigned_at_s(result) == [0, 1]
    assert [each.outcome for each in result.invocations] == [Outcome.SUCCESS, Outcome.SUCCESS]


def test_nobody_waits_for_it_so_that_the_next_request_may_need_another_environment():
    result = played(later("x"), invoke("y"))
    assert [each.environment for each in result.invocations] == ["env-1", "env-2"]


def test_after_a_pause_it_is_done_and_its_environment_is_free():
    result = played(later("x"), idle(1), invoke("y"))
    assert [(each.environment, each.start) for each in result.invocations] == [("env-1", "cold"), ("env-1", "warm")]


def test_a_retry_that_is_due_within_a_wait_happens_within_it():
    result = played(later("x"), idle(100), invoke("y"), function=failing(1))
    kinds = [event.record.type for event in result.events]
    asked = [event.record.index for event in result.events if isinstance(event.record, RequestAssigned)]
    assert asked == [1, 1, 2]
    assert kinds.index("request.delivered") < len(kinds) - kinds[::-1].index("step.started")


def test_waiting_for_a_retry_is_compressed_and_said():
    result = played(later("x"), function=failing(1))
    (waited,) = of_kind(result, ServiceWaited)
    assert (waited.why, waited.seconds, waited.run_seconds) == ("queue", 60, 1)
    assert result.service_time_compressed


def test_a_failure_of_ours_in_an_attempt_fails_the_run():
    def handler(event, runtime):
        raise SandboxVanishes

    with pytest.raises(SandboxLost):
        played(later("x"), idle(1), function=FakeFunction(handler))


def test_what_is_still_queued_when_time_runs_out_has_no_condition():
    backend = StuckBackend()
    result = played(later("x"), later("y"), backend=backend, options=RunOptions(prove=False, wall_s=0.05))
    assert result.ended == "out-of-time"
    assert [each.condition for each in result.asynchronous] == [None, None]
    assert {each.outcome for each in result.invocations} == {Outcome.NOT_PLAYED}


def test_every_beginning_of_its_log_can_be_shown():
    result = played(later("x"), later("y"), invoke("z"), function=failing(1, 2, 3), max_retry_attempts=1)
    for length in range(len(result.events) + 1):
        shown = project_partial(result.scenario, result.events[:length])
        assert len({each.index for each in shown.invocations}) == 3
        assert len(shown.asynchronous) <= 2


def test_what_ran_between_two_attempts_can_leak_into_the_second():
    def handler(event, runtime):
        last, runtime.globals["last"] = runtime.globals.get("last"), event
        if last is None:
            raise RuntimeError("not yet")
        return last

    steps = (later({"ask": "tulip-4711"}, "tenant-a"), idle(1), invoke({"ask": "orchid-0815"}, "tenant-b"))
    result = played(*steps, function=FakeFunction(handler), options=RunOptions())
    assert [each.environment for each in result.invocations] == ["env-1"] * 3
    assert result.verdict is Verdict.LEAK
    found = [each for finding in result.findings for each in apart(finding)]
    assert {(each.writer.principal, each.reader.principal) for each in found if each.reader} == {
        ("tenant-a", "tenant-b"),
        ("tenant-b", "tenant-a"),
    }
