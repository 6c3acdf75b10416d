"""What Lambda does and Holdover does not: a scenario that asks for it is refused by name; a run says nothing of it."""

import asyncio
import json
import math

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.events.records import ServiceWaited
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, idle, invoke
from tests.fakes.backend import FakeBackend, FakeFunction, TakesForever

UNKNOWN_IN_A_REQUEST = (
    "known here are payload, payload_bytes, type, as, function, made_from, client_context, fault, event"
)


def refusal(**varied):
    with pytest.raises(ScenarioError) as raised:
        parse_scenario({"function": a_function(), "steps": [invoke()], **varied})
    return raised.value.problem


def asked(**request):
    return {"steps": [{"invoke": request}]}


def played(*steps, function=None, code=None, **settings):
    backend = FakeBackend(code or FakeFunction())
    scenario = Scenario.model_validate({"function": function or a_function(), "steps": list(steps), **settings})
    return asyncio.run(play(scenario, backend, clock=backend.clock, options=RunOptions(prove=False)))


@pytest.mark.parametrize("name", ["snap-start", "lambda-managed-instances"])
def test_another_way_of_initialising_is_refused_with_those_that_there_are(name):
    sentence = f"initialization cannot be {name}; it can be on-demand or provisioned-concurrency"
    assert refusal(initialization=name) == sentence


@pytest.mark.parametrize(
    "name",
    ["tenant_id", "identity", "headers", "qualifier", "trace_header", "durable_execution_name"],
)
def test_what_a_request_cannot_carry_is_refused_with_what_it_can(name):
    assert refusal(**asked(**{name: "x"})) == f"unknown key {name} in steps[0].invoke; {UNKNOWN_IN_A_REQUEST}"


def test_a_dry_run_is_refused_with_the_types_that_there_are():
    assert refusal(**asked(type="dry-run")) == "steps[0].invoke.type cannot be dry-run; it can be sync or event"


@pytest.mark.parametrize(
    ("runtime", "language"),
    [("go1.x", "Go"), ("java21", "Java"), ("dotnet8", ".NET"), ("ruby3.3", "Ruby")],
)
def test_a_runtime_of_a_language_that_is_not_here_is_refused_with_the_way_in(runtime, language):
    way = "a zip with a bootstrap for provided.al2023 can be played, in any language"
    sentence = f"function.runtime {runtime} cannot be played: {language} is not available here; {way}"
    assert refusal(function=a_function(runtime=runtime)) == sentence


@pytest.mark.parametrize("name", ["image_uri", "file_systems", "vpc", "architectures"])
def test_what_a_function_cannot_have_is_refused(name):
    assert refusal(function=a_function(**{name: []})).startswith(f"unknown key {name} in function; ")


@pytest.mark.parametrize("name", ["extensions", "event_sources", "function_url", "recursive_loop", "tenancy"])
def test_what_a_scenario_cannot_have_is_refused(name):
    assert refusal(**{name: []}).startswith(f"unknown key {name}; ")


def test_a_peer_is_no_event_source():
    assert refusal(peers=[{"name": "queue", "kind": "sqs"}]) == "peers[0].kind cannot be sqs; it can be tcp"


def test_provisioned_environments_are_there_at_once_and_run_what_is_unpublished():
    result = played(invoke(), initialization="provisioned-concurrency", provisioned_concurrency=2)
    assert not [each for each in result.events if isinstance(each.record, ServiceWaited)]
    assert not result.service_time_compressed
    assert [entry.line.split()[-1] for entry in result.log if entry.line.startswith("START ")] == ["$LATEST"]


def test_any_number_of_requests_a_second_is_served():
    """On Lambda reserved concurrency of one also means ten requests a second."""
    result = played(*[invoke()] * 30, reserved_concurrency=1)
    assert {each.outcome.value for each in result.invocations} == {"success"}
    assert result.invocations[-1].environment == "env-1"


def test_a_throttled_answer_is_a_status_and_a_body_without_headers():
    (refused,) = played(invoke(), reserved_concurrency=0).invocations
    assert (refused.status_code, "retry" in refused.model_dump_json().lower()) == (429, False)


def test_nothing_but_the_platforms_own_marks_is_logged_of_a_good_run():
    """No extension, no telemetry subscription, no restore and no trace writes a line."""
    result = played(invoke(), idle(1), invoke())
    marks = [entry.line.split()[0] for entry in result.log if entry.source == "platform"]
    assert marks == ["INIT_START", "START", "END", "REPORT", "START", "END", "REPORT"]


@pytest.mark.parametrize("style", ["current", "older"])
def test_init_is_billed_in_either_style_of_the_log(style):
    """The older style is older than the rule that an init on demand is billed, and its figures follow the rule."""
    first = played(invoke(), function=a_function(log_style=style)).invocations[0]
    assert first.billed_duration_ms == math.ceil(round(first.duration_ms + first.init_duration_ms, 6))
    assert first.restore_duration_ms is None


def test_an_asynchronous_request_that_succeeds_is_never_repeated():
    result = played(*[{"invoke": {"type": "event", "payload": n}} for n in range(20)], idle(3600))
    assert [json.loads(each.payload) for each in result.invocations] == list(range(20))
    assert {each.attempts for each in result.asynchronous} == {1}


def test_an_environment_that_was_reset_is_initialised_only_when_a_request_comes():
    def handler(event, runtime):
        raise TakesForever

    result = played(invoke(), idle(3600), code=FakeFunction(handler))
    assert [span.phase for span in result.environments[0].spans] == ["init", "invoke", "reset", "shutdown"]
