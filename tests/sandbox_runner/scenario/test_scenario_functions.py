"""Scenarios of several functions: how they are written, what they mean, and what is unclear about them."""

import json

import pytest

from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.runtimes.registry import CHOICE
from sandbox_runner.scenario.code_sources import Beside
from sandbox_runner.scenario.model import DEFAULT_NAME, Scenario
from sandbox_runner.scenario.reader import parse_scenario, read_scenario
from sandbox_runner.scenario.service_settings import ServiceSettings
from tests.builders import a_function, invoke, two_tenants


def to(function, payload=None):
    return {"invoke": {"payload": payload, "function": function}}


def two(*steps, front=None, worker=None, **settings):
    functions = {"front": a_function(**(front or {})), "worker": a_function(**(worker or {}))}
    return {"version": 2, "functions": functions, "steps": list(steps) or [to("front"), to("worker")], **settings}


def refused(data):
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(data)
    return raised.value


# --- one function -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 2])
def test_a_function_alone_is_one_function_of_the_default_name(version):
    scenario = parse_scenario({"version": version, "function": a_function(), "steps": two_tenants()})
    assert list(scenario.functions) == [DEFAULT_NAME] == ["holdover"]
    assert scenario.functions["holdover"] is scenario.function
    assert not scenario.has_names
    assert scenario.recorded("holdover") is None


def test_a_function_alone_may_have_a_name_of_its_own():
    scenario = parse_scenario({"function": a_function(name="checkout"), "steps": two_tenants()})
    assert list(scenario.functions) == ["checkout"]
    assert scenario.name_of(None) == "checkout"


def test_the_json_of_a_scenario_of_one_function_is_what_it_was():
    written = parse_scenario({"function": a_function(), "steps": [*two_tenants(), {"initialize": 1}]}).to_json()
    assert list(written) == [
        *("version", "function", "initialization", "provisioned_concurrency", "reserved_concurrency"),
        *("max_retry_attempts", "max_event_age_s", "placement", "spare_environments", "spin_down_after"),
        *("init_limit", "peers", "steps"),
    ]
    assert written["version"] == 1
    assert list(written["steps"][0]["invoke"]) == ["payload", "payload_bytes", "type", "as"]
    assert list(written["steps"][2]) == ["initialize"]


def test_a_request_may_name_the_one_function_that_there_is_in_version_2():
    scenario = parse_scenario({"version": 2, "function": a_function(), "steps": [to("holdover")]})
    assert scenario.steps[0].invoke.function == "holdover"


def test_the_settings_of_one_function_stand_in_the_scenario():
    data = {"function": a_function(), "steps": two_tenants(), "reserved_concurrency": 3, "max_retry_attempts": 0}
    assert parse_scenario(data).settings_of("holdover") == ServiceSettings(
        "on-demand", 0, 3, None, 0, limits.EVENT_AGE_S_MAX, None, None, None
    )


# --- several ------------------------------------------------------------------------------------------------------


def test_several_functions_are_known_by_their_keys():
    scenario = parse_scenario(two(worker={"runtime": "nodejs22.x"}))
    assert [(name, each.name, each.runtime) for name, each in scenario.functions.items()] == [
        ("front", "front", "python3.13"),
        ("worker", "worker", "nodejs22.x"),
    ]
    assert [scenario.recorded(scenario.name_of(each.function)) for _, _, each in scenario.requests()] == [
        "front",
        "worker",
    ]


def test_a_scenario_of_several_functions_is_read_again_from_its_own_json():
    scenario = parse_scenario(two(front={"reserved_concurrency": 2}))
    again = read_scenario(json.dumps(scenario.to_json()))
    assert again == scenario
    assert "function" not in scenario.to_json()


def test_a_revision_has_what_its_function_has_reserved():
    scenario = parse_scenario(
        two(front={"reserved_concurrency": 500}, worker={"reserved_concurrency": 500, "revision_of": "front"})
    )
    assert [each.deployed_name for each in scenario.functions.values()] == ["front", "front"]
    assert parse_scenario(scenario.to_json()) == scenario


def test_a_revision_of_a_function_that_is_not_there_is_refused():
    problem = refused(two(worker={"revision_of": "frond"}))
    assert problem.field == "functions.worker.revision_of"
    assert "did you mean front?" in problem.problem


@pytest.mark.parametrize("step", [{"deploy": "wroker"}, {"reserve": 1, "function": "wroker"}])
def test_a_step_that_changes_a_function_that_is_not_there_is_refused(step):
    scenario = two()
    problem = refused({**scenario, "steps": [*scenario["steps"], step]})
    assert "did you mean worker?" in problem.problem


def test_each_function_has_settings_of_its_own():
    provisioned = {"initialization": "provisioned-concurrency", "provisioned_concurrency": 2}
    scenario = parse_scenario(two(front={**provisioned, "reserved_concurrency": 4}, worker={"max_retry_attempts": 0}))
    assert scenario.settings_of("front").provisioned_concurrency == 2
    assert scenario.settings_of("front").reserved_concurrency == 4
    assert scenario.settings_of("worker").reserved_concurrency is None
    assert scenario.settings_of("worker").max_retry_attempts == 0


def test_a_file_is_shown_with_its_functions_name_where_functions_have_names():
    assert list(parse_scenario(two()).code) == ["front/app.py", "worker/app.py"]
    assert list(parse_scenario({"function": a_function(), "steps": two_tenants()}).code) == ["app.py"]


@pytest.mark.parametrize("name", ["front", "worker"])
def test_other_files_for_one_function_leave_the_others_as_they_are(name):
    scenario = parse_scenario(two())
    changed = scenario.with_files(name, {"app.py": "new"})
    assert {key: dict(each.files) for key, each in changed.functions.items()} == {
        key: {"app.py": "new"} if key == name else dict(each.files) for key, each in scenario.functions.items()
    }


def test_a_directory_is_read_for_each_function(tmp_path):
    for name in ("front", "worker"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(f"# {name}\n")
    one = "  {}: {{runtime: python3.13, handler: app.handler, directory: ./{}}}\n"
    text = "version: 2\nfunctions:\n" + one.format("front", "front") + one.format("worker", "worker")
    scenario = read_scenario(text + "steps:\n  - invoke: {function: front}\n", beside=Beside(tmp_path))
    assert scenario.functions["worker"].files == {"app.py": "# worker\n"}


# --- what is refused ----------------------------------------------------------------------------------------------

REFUSED = {
    "neither": ({"steps": two_tenants()}, "function is missing; describe the function with runtime, handler and files"),
    "both": (
        {**two(), "function": a_function()},
        "functions and function are both present; put every function into functions",
    ),
    "version 1 with functions": ({**two(), "version": 1}, "functions needs version: 2; write it at the top"),
    "version 1 with a named function": (
        {"function": a_function(), "steps": [to("holdover")]},
        "steps[0].invoke.function needs version: 2; write it at the top",
    ),
    "no function of several": (
        two(to("front"), invoke()),
        "steps[1].invoke names no function and there are 2; add function: front, or another of front, worker",
    ),
    "no function at the same moment": (
        two({"concurrent": [{"function": "front"}, {}]}),
        "steps[0].concurrent[1] names no function and there are 2; add function: front, or another of front, worker",
    ),
    "no function to prepare": (
        two(to("front"), {"initialize": 1}),
        "steps[1] names no function and there are 2; add function: front, or another of front, worker",
    ),
    "a misspelt function": (
        two(to("frnt")),
        "steps[0].invoke.function frnt is unknown; did you mean front?",
    ),
    "an unknown function": (
        two(to("front"), {"recycle": "all", "function": "zzz"}),
        "steps[1].function zzz is unknown; there are front, worker",
    ),
    "another name than its key": (
        two(front={"name": "back"}),
        "functions.front.name is back, and its key is front; leave name out, the key is the name",
    ),
    "a setting beside functions": (
        two(reserved_concurrency=3),
        (
            "reserved_concurrency is 3 and there are functions, each with its own; "
            "write it in a function, as functions.front.reserved_concurrency"
        ),
    ),
    "a runtime that is none": (
        two(worker={"runtime": "pascal"}),
        f"functions.worker.runtime pascal is unknown; choose {CHOICE}",
    ),
    "an unknown key": (two(worker={"memory": 1}), "unknown key memory in functions.worker; did you mean memory_mb?"),
    "a key of several in one": (
        {"function": a_function(reserved_concurrency=1), "steps": two_tenants()},
        "unknown key reserved_concurrency in function; known here are runtime, handler, files,",
    ),
    "more reserved than there is": (
        two(front={"reserved_concurrency": 600}, worker={"reserved_concurrency": 400}),
        (
            "functions.worker.reserved_concurrency is 400, 600 are reserved by the functions before it, and an account "
            "has 1000, of which 100 stay unreserved; choose at most 300, or leave it out"
        ),
    ),
    "more provisioned than reserved": (
        two(
            worker={
                "reserved_concurrency": 1,
                "initialization": "provisioned-concurrency",
                "provisioned_concurrency": 2,
            }
        ),
        "functions.worker.reserved_concurrency is 1 and functions.worker.provisioned_concurrency is 2",
    ),
    "preparing what cannot run": (
        two(to("front"), {"initialize": 1, "function": "worker"}, worker={"reserved_concurrency": 0}),
        "steps[1].initialize prepares environments and functions.worker.reserved_concurrency is 0",
    ),
    "levels of a text log": (
        two(worker={"log_level": "INFO"}),
        "functions.worker.log_level is INFO and functions.worker.log_format is text",
    ),
    "a variable of Lambda's": (
        two(worker={"environment": {"AWS_REGION": "x"}}),
        "functions.worker.environment: AWS_REGION is set by Lambda itself; use another name",
    ),
    "a directory where none can be read": (
        two(worker={"directory": "."}),
        "functions.worker.directory works on the command line only; put the code into functions.worker.files",
    ),
    "a name that is none": (
        {**two(), "functions": {"a b": a_function()}},
        "functions cannot be a b; use up to 64 letters, digits, - and _ for a name",
    ),
    "no function at all": ({**two(), "functions": {}}, "functions is empty; fill it or leave it out"),
    "too many": (
        {**two(), "functions": {f"f{number}": a_function() for number in range(limits.FUNCTIONS_MAX + 1)}},
        "functions has 9 entries; at most 8 are taken, remove some",
    ),
    "an empty handler's file": (
        two(worker={"files": {"app.py": " "}}),
        "files: app.py is empty; paste a handler",
    ),
}


@pytest.mark.parametrize(("data", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_unclear_is_refused_in_a_sentence_that_says_what_to_write(data, sentence):
    assert refused(data).problem.startswith(sentence)


def test_the_line_of_a_problem_in_one_function_is_known():
    function = "    runtime: python3.13\n    handler: a b\n    files: {app.py: x}\n"
    text = f"version: 2\nfunctions:\n  front:\n{function}steps: []\n"
    with pytest.raises(ScenarioError) as raised:
        read_scenario(text)
    assert (raised.value.field, raised.value.line) == ("functions.front.handler", 5)


def test_all_files_of_all_functions_together_are_bounded():
    large = {f"f{number}.py": "#" * limits.FILE_BYTES_MAX for number in range(5)}
    assert refused(two(front={"files": large}, worker={"files": large})).problem.startswith(
        "files have 2,621,440 bytes"
    )


def test_the_model_itself_takes_one_of_the_two_forms():
    with pytest.raises(ValueError, match="either function or functions"):
        Scenario.model_validate({"steps": two_tenants()})


def test_the_schema_asks_for_one_of_the_two_forms():
    assert Scenario.model_json_schema()["oneOf"] == [{"required": ["function"]}, {"required": ["functions"]}]
