"""From events to what is shown; any beginning of a log will do."""

import asyncio
from itertools import pairwise

import pytest

from sandbox_runner.projections.project import project_partial
from sandbox_runner.results.model import Outcome, RunResult
from sandbox_runner.run.runner import RunOptions, play
from tests.builders import idle, invoke, recycle, scenario
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits

STEPS = (invoke("a", "tenant-a"), idle(1), invoke("crash", "tenant-b"), invoke("c"), recycle(), invoke("d"))


def handler(event, runtime):
    runtime.log(f"asked {event}")
    if event == "crash":
        raise RuntimeExits("exit status 1")
    if event == "d":
        runtime.lose_output(3, 300)
        return "x" * 300_000
    return event


@pytest.fixture(scope="module")
def played():
    backend = FakeBackend(FakeFunction(handler))
    return asyncio.run(play(scenario(*STEPS), backend, clock=backend.clock, options=RunOptions(prove=False)))


def test_the_result_is_a_function_of_its_scenario_and_events(played):
    shown = project_partial(played.scenario, played.events)
    assert (shown.invocations, shown.environments, shown.log) == (played.invocations, played.environments, played.log)


def test_the_json_form_gives_the_result_again(played):
    assert RunResult.model_validate(played.to_json()) == played


def test_invocations_carry_the_figures_of_their_reports(played):
    first, crashed, third, last = played.invocations
    assert (first.start, first.duration_ms, first.billed_duration_ms, first.init_duration_ms) == ("cold", 2.0, 42, 40.0)
    assert (crashed.start, crashed.outcome, crashed.error_type) == ("warm", Outcome.RUNTIME_EXIT, "Runtime.ExitError")
    assert (third.start, third.init_duration_ms, third.duration_ms) == ("suppressed-init", None, 42.0)
    assert (last.environment, last.start, last.max_memory_used_mb) == ("env-2", "cold", 40)


def test_an_invocation_has_its_own_lines_and_nobody_elses(played):
    first, crashed, *_ = played.invocations
    assert [line for line in first.log if line.startswith("asked")] == ["asked a"]
    assert [line.split()[0] for line in first.log] == ["START", "asked", "END", "REPORT"]
    assert crashed.log[-1].endswith("Error Type: Runtime.ExitError")


def test_what_was_left_out_is_counted(played):
    cut = played.invocations[3].truncated
    assert (cut.log_lines, cut.log_bytes, cut.response_bytes) == (3, 300, 300_002 - 256 * 1024)


def test_the_life_of_an_environment_is_its_spans_in_order(played):
    first, second = played.environments
    assert [span.phase for span in first.spans] == [
        "init",
        "invoke",
        "frozen",
        "invoke",
        "reset",
        "suppressed-init",
        "invoke",
        "frozen",
        "shutdown",
    ]
    assert (first.created_by, first.ended_by, second.ended_by) == ("request", "spindown", "run-ended")


def test_spans_of_one_environment_do_not_overlap(played):
    for environment in played.environments:
        assert all(span.start_us <= span.end_us for span in environment.spans)
        assert all(before.end_us <= after.start_us for before, after in pairwise(environment.spans))
        assert environment.created_us <= environment.spans[0].start_us
        assert environment.spans[-1].end_us <= environment.ended_us


def test_every_beginning_of_a_log_can_be_shown(played):
    for length in range(len(played.events) + 1):
        shown = project_partial(played.scenario, played.events[:length])
        assert len(shown.invocations) == 4
        assert len(shown.environments) <= 2


def test_of_nothing_nothing_was_played():
    shown = project_partial(scenario(*STEPS), ())
    assert {each.outcome for each in shown.invocations} == {Outcome.NOT_PLAYED}
    assert (shown.environments, shown.log) == ((), ())


def test_a_stretch_that_goes_on_is_drawn_up_to_the_last_event(played):
    started = next(n for n, each in enumerate(played.events) if each.record.type == "platform.start")
    (environment,) = project_partial(played.scenario, played.events[: started + 1]).environments
    last_us = played.events[started].at_us
    assert (environment.spans[-1].phase, environment.spans[-1].end_us, environment.ended_us) == (
        "invoke",
        last_us,
        last_us,
    )


def test_an_arrived_request_shows_its_payload_before_it_is_answered(played):
    arrived = next(n for n, each in enumerate(played.events) if each.record.type == "request.arrived")
    first = project_partial(played.scenario, played.events[: arrived + 1]).invocations[0]
    assert (first.payload, first.answered_us, first.request_id) == ('"a"', None, played.invocations[0].request_id)
