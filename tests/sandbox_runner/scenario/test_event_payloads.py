"""An event in a scenario becomes the payload of its request; what means none is refused with its place."""

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.event_templates import Caller, made
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.scenario.reader import parse_scenario, read_scenario
from sandbox_runner.scenario.yaml_reader import DEPTH_MAX

FUNCTION = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": "handler = print"}}


def scenario(*steps, version=2):
    return {"version": version, "function": FUNCTION, "steps": list(steps)}


def invoked(event, **more):
    return {"invoke": {"event": event, **more}}


def payloads(read):
    return [request.payload for _, _, request in read.requests()]


def test_an_event_becomes_the_payload_which_remembers_its_template_and_the_parts_that_were_said():
    read = parse_scenario(scenario(invoked({"template": "sqs", "body": {"n": 1}}, **{"as": "alice"})))
    (payload,) = payloads(read)
    assert payload["Records"][0]["body"] == '{"n":1}'
    written = read.to_json()["steps"][0]["invoke"]
    assert "event" not in written
    assert written["made_from"] == {"template": "sqs", "parts": {"body": {"n": 1}}}
    assert parse_scenario(read.to_json()) == read


def test_a_payload_whose_template_is_no_longer_known_is_read():
    origin = {"template": "gone", "parts": {"x": 1}}
    read = parse_scenario(scenario({"invoke": {"payload": {}, "made_from": origin}}))
    assert read.to_json()["steps"][0]["invoke"]["made_from"] == origin


def test_a_payload_that_was_written_says_of_no_template():
    read = parse_scenario(scenario({"invoke": {"payload": {}}}))
    assert "made_from" not in read.to_json()["steps"][0]["invoke"]


def test_each_request_is_its_caller_s_and_has_its_own_number():
    event = {"template": "sns"}
    together = {"concurrent": [{"event": event, "as": "alice"}, {"payload": {}}, {"event": event}]}
    read = parse_scenario(scenario(invoked(event, **{"as": "alice"}), {"idle": 1}, together))
    expected = [Caller("alice", 1), Caller("alice", 2), Caller("request-4", 4)]
    given = [payload for payload in payloads(read) if payload]
    assert given == [made(event, caller) for caller in expected]


def test_the_schema_of_a_request_has_the_event():
    request = Scenario.model_json_schema()["$defs"]["Request"]
    assert request["properties"]["event"]["oneOf"]


@pytest.mark.parametrize(
    ("what", "asked", "field", "code"),
    [
        ("no template", {"event": {"body": 1}}, "steps[0].invoke.event", "event-template-missing"),
        ("none of that name", {"event": {"template": "apigw-v2"}}, ".event.template", "event-template-unknown"),
        ("a template that is no text", {"event": {"template": 3}}, ".event.template", "event-template-unknown"),
        ("no mapping", {"event": "sqs"}, ".event", "not-mapping"),
        ("an unknown part", {"event": {"template": "sqs", "bodi": 1}}, ".event.bodi", "field-unknown"),
        ("a part of another type", {"event": {"template": "sns", "subject": ["a"]}}, ".event.subject", "not-text"),
        ("a value within", {"event": {"template": "alb", "query": {"a": {}}}}, ".event.query.a", "not-text"),
        ("no such kind", {"event": {"template": "dynamodb", "event_name": "x"}}, ".event.event_name", "not-a-choice"),
        (
            "a path beside its route",
            {"event": {"template": "apigateway-v1", "route": "/a", "path": "/b"}},
            ".event",
            "event-route",
        ),
        ("a payload too", {"event": {"template": "sqs"}, "payload": {}}, ".event", "event-and-payload"),
        ("a size too", {"event": {"template": "sqs"}, "payload_bytes": 10}, ".event", "event-and-payload"),
        ("no JSON", {"event": {"template": "sqs", "body": float("nan")}}, ".event", "no-json-value"),
        ("half a character", {"event": {"template": "sqs", "body": "\ud800"}}, ".event", "half-character"),
        ("too much", {"event": {"template": "sqs", "body": "x" * 7_000_000}}, ".event", "payload-too-large"),
    ],
)
def test_an_event_that_means_no_payload_is_refused_with_its_place(what, asked, field, code):
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(scenario({"invoke": asked}))
    assert refused.value.message.code == code, what
    assert refused.value.field.endswith(field)


def test_an_event_that_is_nested_too_deep_is_refused():
    deep: object = 1
    for _ in range(200):
        deep = [deep]
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(scenario(invoked({"template": "sqs", "body": deep})))
    assert refused.value.message.code == "payload-too-deep"


@pytest.mark.parametrize("version", [1, None])
def test_a_scenario_of_version_1_has_no_events(version):
    data = scenario(invoked({"template": "sqs"}), version=version)
    if version is None:
        del data["version"]
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(data)
    assert (refused.value.message.code, refused.value.field) == ("needs-version-2", "steps[0].invoke.event")


def test_the_line_of_the_part_is_said():
    text = """version: 2
function: {runtime: python3.13, handler: app.handler, files: {app.py: "handler = print"}}
steps:
  - invoke:
      event:
        template: sqs
        bodi: 1
"""
    with pytest.raises(ScenarioError) as refused:
        read_scenario(text)
    assert refused.value.line in (5, 7)
    assert "did you mean body?" in str(refused.value)


def test_an_event_as_deep_as_may_be_is_read_again_from_what_was_kept():
    body = value = {}
    for _ in range(DEPTH_MAX - 2):
        value["a"] = value = {}
    read = parse_scenario(scenario(invoked({"template": "sqs", "body": body})))
    assert parse_scenario(read.to_json()) == read


def test_parts_that_no_encoding_can_carry_are_refused():
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(
            scenario({"invoke": {"payload": {}, "made_from": {"template": "sqs", "parts": {"a": "\ud800"}}}})
        )
    assert refused.value.message.code == "half-character"
