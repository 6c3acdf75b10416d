"""What happens in place of a request's answer, in a scenario."""

import asyncio

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.run.runner import play
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function
from tests.fakes.backend import FakeBackend


def asking(*requests, **settings):
    return parse_scenario(
        {"version": 2, "function": a_function(), "steps": [{"invoke": each} for each in requests], **settings}
    )


def played(scenario):
    backend = FakeBackend()
    return asyncio.run(play(scenario, backend, clock=backend.clock))


@pytest.mark.parametrize(("fault", "outcome"), [("crash", "runtime-exit"), ("timeout", "timeout")])
def test_the_handler_runs_its_answer_is_lost_and_the_next_request_meets_a_new_process(fault, outcome):
    result = played(asking({}, {"fault": fault}, {}))
    assert [each.outcome for each in result.invocations] == ["success", outcome, "success"]
    assert [each.start for each in result.invocations] == ["cold", "warm", "suppressed-init"]
    assert result.scenario.steps[1].invoke.fault == fault


def test_a_replay_meets_it_too():
    result = played(asking({"payload": 1, "as": "a"}, {"payload": 1, "as": "b", "fault": "crash"}))
    assert result.findings == ()


@pytest.mark.parametrize(
    ("request_", "settings", "sentence"),
    [
        ({"fault": "boom"}, {}, "steps[0].invoke.fault cannot be boom; it can be crash or timeout"),
        ({"fault": "crash", "type": "event"}, {}, "steps[0].invoke has a fault and is asynchronous"),
        (
            {"fault": "crash"},
            {"function": a_function(log_format="json"), "concurrency_per_environment": 2},
            "steps[0].invoke.fault has a fault and concurrency_per_environment is set",
        ),
    ],
)
def test_one_that_cannot_be_is_refused(request_, settings, sentence):
    with pytest.raises(ScenarioError) as raised:
        asking(request_, **settings)
    assert raised.value.problem.startswith(sentence)
