"""Reading scenarios: what is taken, and one sentence for everything that is not."""
# ruff: noqa: E501 - the sentences stand in tables, one row each, and are asked for in full

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.runtimes.registry import CHOICE
from sandbox_runner.scenario.code_sources import Beside
from sandbox_runner.scenario.model import InvokeStep, Scenario
from sandbox_runner.scenario.reader import parse_scenario, read_scenario
from sandbox_runner.scenario.service_steps import IdleStep, RecycleStep
from tests.builders import a_function, invoke, scenario, two_tenants

GOOD = """\
version: 1
function:
  runtime: python3.13
  handler: app.handler
  files:
    app.py: |
      def handler(event, context):
          return event
  environment: {STAGE: dev}
steps:
  - invoke: {payload: {"message": "hoge"}, as: tenant-a}
  - idle: 5s
  - recycle: all
  - invoke: {payload: [1, 1e5, null, "é"]}
"""


def refused(text, **options):
    with pytest.raises(ScenarioError) as raised:
        read_scenario(text, **options)
    return raised.value


def with_line(line, number):
    lines = GOOD.splitlines()
    lines[number - 1] = line
    return "\n".join(lines)


def test_a_scenario_in_yaml_is_read():
    read = read_scenario(GOOD)
    assert read.function.environment == {"STAGE": "dev"}
    assert [type(step) for step in read.steps] == [InvokeStep, IdleStep, RecycleStep, InvokeStep]
    assert read.steps[0].invoke.principal == "tenant-a"
    assert read.steps[1].idle == 5
    assert read.steps[3].invoke.payload == [1, 100000.0, None, "é"]


def test_a_scenario_in_json_is_read_and_reading_its_json_form_gives_it_again():
    read = read_scenario(GOOD)
    assert read_scenario(json.dumps(read.to_json())) == read
    assert parse_scenario(read.to_json()) == read


@pytest.mark.parametrize(
    ("number", "line", "field", "sentence"),
    [
        (3, "  runtime: cobol85", "function.runtime", f"function.runtime cobol85 is unknown; choose {CHOICE}"),
        (4, "  handlr: app.handler", "function.handlr", "unknown key handlr in function; did you mean handler?"),
        (4, "  handler: ''", "function.handler", "function.handler is missing; name it like app.handler"),
        (4, "  handler: [a]", "function.handler", "function.handler must be text; put it in quotes"),
        (4, "  handler: app handler", "function.handler", "function.handler cannot be app handler; write the file and the function like app.handler, without spaces"),
        (9, "  memory_mb: 64", "function.memory_mb", "function.memory_mb cannot be 64; choose 128 to 10240 (MB)"),
        (9, "  memory_mb: 128.5", "function.memory_mb", "function.memory_mb must be a whole number; choose 128 to 10240 (MB)"),
        (9, "  timeout_s: 901", "function.timeout_s", "function.timeout_s cannot be 901; choose 1 to 900 (seconds)"),
        (9, "  timeout_s: 0", "function.timeout_s", "function.timeout_s cannot be 0; choose 1 to 900 (seconds)"),
        (9, "  tmp_mb: -1", "function.tmp_mb", "function.tmp_mb cannot be -1; choose 512 to 10240 (MB)"),
        (9, "  timeout_s: .nan", "", ".nan is not a JSON number; write a number, or text in quotes"),
        (9, "  timeout_s: 1e999", "", "the number 1e999 is too large; write it as text in quotes"),
        (9, "  timeout_s: !!float 3", "", "the tag tag:yaml.org,2002:float is not supported; write plain values"),
        (9, "  environment: &a {A1: x}", "", "anchors (&name) and aliases (*name) are not supported; write the value out"),
        (9, "  environment: {A1: 5}", "function.environment.A1", "function.environment.A1 must be text; put it in quotes"),
        (9, "  environment: {1A: x}", "function.environment.1A", "function.environment: '1A' cannot be an environment variable's name; use a letter, then letters, digits or _"),
        (9, "  environment: {AWS_REGION: x}", "function.environment.AWS_REGION", "function.environment: AWS_REGION is set by Lambda itself; use another name"),
        (9, "  handler: twice", "", "the key handler appears twice in the same place; keep one"),
        (9, "  directory: ./src", "function.directory", "function.directory works on the command line only; put the code into function.files"),
        (9, "  log_format: xml", "function.log_format", "function.log_format cannot be xml; it can be text or json"),
        (12, "  - wait: 5s", "steps[1].wait", "unknown key wait in steps[1]; known here are invoke, concurrent, call, idle, initialize, recycle, reserve, provision, deploy"),
        (12, "  - idel: 5s", "steps[1].idel", "unknown key idel in steps[1]; did you mean idle?"),
        (12, "  - idle: soon", "steps[1].idle", "steps[1].idle cannot be soon; write a duration like 200ms, 5s, 2m or 1h"),
        (12, "  - idle: 2h", "steps[1].idle", "steps[1].idle cannot be 2h; choose 0 to 3600 (seconds)"),
        (12, "  - idle: -1", "steps[1].idle", "steps[1].idle cannot be -1; choose 0 to 3600 (seconds)"),
        (12, "  - {idle: 1, recycle: all}", "steps[1]", "steps[1] has the keys idle, recycle; a step has exactly one of the keys invoke, concurrent, call, idle, initialize, recycle, reserve, provision, deploy"),
        (12, "  - now", "steps[1]", "steps[1] is not a step; a step has exactly one of the keys invoke, concurrent, call, idle, initialize, recycle, reserve, provision, deploy"),
        (13, "  - recycle: some", "steps[2].recycle", "steps[2].recycle cannot be some; it can be all or one"),
        (11, "  - invoke: {payload: 1, us: a}", "steps[0].invoke.us", "unknown key us in steps[0].invoke; did you mean as?"),
        (11, "  - invoke: {payload: 1, as: ''}", "steps[0].invoke.as", "steps[0].invoke.as is empty; fill it or leave it out"),
        (11, "  - invoke: hello", "steps[0]", "steps[0].invoke must be a mapping; write it like {payload: …, as: tenant-a}"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line_and_a_cure(number, line, field, sentence):
    problem = refused(with_line(line, number))
    assert (problem.line, problem.field, problem.problem) == (number, field, sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("", "the scenario is empty; it needs the keys function and steps", id="nothing"),
        pytest.param(
            "hello", "a scenario is a mapping with the keys function and steps; this is something else", id="text"
        ),
        pytest.param(
            "[]", "a scenario is a mapping with the keys function and steps; this is something else", id="list"
        ),
        pytest.param(
            "{}", "function is missing; describe the function with runtime, handler and files", id="empty mapping"
        ),
        pytest.param(
            '{"a": 1, "a": 2}', "the key a appears twice in the same object; keep one", id="repeated key in JSON"
        ),
        pytest.param(
            "--- {}\n--- {}", "a scenario is one document; remove what follows the second ---", id="two documents"
        ),
        pytest.param("[" * 1_000_000, "values are nested more than 100 deep; flatten them", id="very deep"),
        pytest.param("? [a]\n: b", "a key must be plain text", id="a list for a key"),
        pytest.param("a: [1", "this is not YAML: did not find expected ',' or ']'", id="breaks off"),
        pytest.param("a" * (limits.SCENARIO_BYTES_MAX + 1), "the scenario is over 16 MB; shorten it", id="too long"),
    ],
)
def test_a_text_that_is_no_scenario_is_refused(text, sentence):
    assert refused(text).problem == sentence


def parsed(**varied):
    with pytest.raises(ScenarioError) as raised:
        parse_scenario({"function": a_function(), "steps": two_tenants(), **varied})
    return raised.value.problem


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "function.files is empty; paste a handler, for example as app.py"),
        ({"app.py": "  \n"}, "files: app.py is empty; paste a handler"),
        ({"app.py": "", "lib.py": "x = 1"}, "files: app.py is empty; paste a handler"),
        ({"other.py": ""}, "files: other.py is empty; paste a handler"),
        ({"../app.py": "x"}, "function.files: the path '../app.py' is not inside the task root; write it like app.py or lib/helper.py"),
        ({"/etc/x": "x"}, "function.files: the path '/etc/x' is not inside the task root; write it like app.py or lib/helper.py"),
        ({"handler.py/": "x"}, "function.files: the path 'handler.py/' is not inside the task root; write it like app.py or lib/helper.py"),
        ({"a.py": "x" * (256 * 1024 + 1)}, "the file a.py is over 256 KB; split or shorten it"),
        ({"lib": "x", "lib/a.py": "x"}, "files: lib is a file and also the folder of lib/a.py; rename one"),
        ({f"f{n}.py": "x" for n in range(51)}, "function.files has 51 entries; at most 50 are taken, remove some"),
        ({f"f{n}.py": "x" * 250_000 for n in range(9)}, "files have 2,250,000 bytes together; at most 2,097,152 are taken"),
        ({"app.py": "\ud800"}, "function.files.app.py has half a character in it (a lone surrogate); write the whole character"),
        ("app.py", "function.files must be a mapping of keys to values"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_placed_are_refused(files, sentence):
    assert parsed(function=a_function(files=files)) == sentence


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ([], "steps is empty; add at least one request like invoke: {payload: {}}"),
        ([{"idle": 1}], "steps has no request; add one like invoke: {payload: {}}"),
        ([invoke()] * 201, "steps has 201 entries; at most 200 are taken, remove some"),
        ({"invoke": {}}, "steps must be a list; begin each entry with a dash"),
        ([invoke("x" * (6 * 1024 * 1024))], "steps[0].invoke.payload has 6,291,458 bytes; a synchronous request may have 6,291,456 (6 MB), shorten it"),
        ([invoke(float("nan"))], "steps[0].invoke.payload has a value that JSON cannot express, such as NaN or Infinity; write a number or text"),
        ([invoke("\udc00")], "steps[0].invoke.payload has half a character in it (a lone surrogate); write the whole character"),
    ],
)  # fmt: skip
def test_steps_that_cannot_be_played_are_refused(steps, sentence):
    assert parsed(steps=steps) == sentence


def test_two_hundred_steps_and_a_payload_of_exactly_6_mb_are_taken():
    largest = "x" * (limits.REQUEST_BYTES_MAX - 2)
    read = parse_scenario({"function": a_function(), "steps": [invoke(largest)] + [invoke()] * 199})
    assert len(read.steps) == 200


def test_too_many_environment_variables_are_refused():
    problem = parsed(function=a_function(environment={"LONG": "x" * 4093}))
    assert problem == "function.environment has 4,097 bytes; Lambda takes 4,096, shorten it"


def test_a_payload_as_deep_as_allowed_is_taken_and_one_level_more_is_not():
    deep = 1
    for _ in range(100):
        deep = [deep]
    assert parse_scenario({"function": a_function(), "steps": [invoke(deep)]})
    assert parsed(steps=[invoke([deep])]) == "steps[0].invoke.payload is nested more than 100 deep; flatten it"


def test_code_with_a_syntax_error_is_played_like_any_other():
    assert parse_scenario({"function": a_function(files={"app.py": "def handler(:"}), "steps": [invoke()]})


def test_words_that_only_older_yaml_takes_for_booleans_stay_text():
    read = read_scenario(GOOD.replace("STAGE: dev", "STAGE: no"))
    assert read.function.environment == {"STAGE": "no"}


def problem_of(read, given_to_it):
    """The error, or None where it is a scenario; anything else that is raised fails the test."""
    try:
        read(given_to_it)
    except ScenarioError as problem:
        return problem
    return None


@given(st.text(max_size=60))
def test_any_text_is_a_scenario_or_a_scenario_error_of_one_line(text):
    assert "\n" not in str(problem_of(read_scenario, text))


@given(st.text(st.sampled_from("{}[]:,-#&*!|>'\"%@`? \n\tabc1.e"), max_size=80))
def test_any_text_of_yamls_own_characters_is_read_or_refused(text):
    assert len(str(problem_of(read_scenario, text))) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(data=JSON, key=st.sampled_from(["version", "function", "steps", "initialization"]))
def test_any_data_is_a_scenario_or_a_scenario_error_of_one_line(data, key):
    assert "\n" not in str(problem_of(parse_scenario, {**scenario().to_json(), key: data}))


@given(data=JSON, key=st.sampled_from(["runtime", "handler", "files", "memory_mb", "timeout_s", "environment", "name"]))
def test_any_data_in_a_function_is_taken_or_refused_with_its_field(data, key):
    problem = problem_of(parse_scenario, {"function": {**a_function(), key: data}, "steps": two_tenants()})
    assert problem is None or problem.field


@given(payload=JSON, step=st.sampled_from(["invoke", "idle", "recycle"]))
def test_any_step_is_taken_or_refused_with_its_field(payload, step):
    for entry in ({step: payload}, {"invoke": {"payload": payload}}, payload):
        problem = problem_of(parse_scenario, {"function": a_function(), "steps": [invoke(), entry]})
        assert problem is None or problem.field.startswith("steps[1]")


# --- a folder of code ---


def folder_scenario(tmp_path, **files):
    for name, data in files.items():
        path = tmp_path / "src" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return read_scenario(
        "function: {runtime: python3.13, handler: app.handler, directory: ./src}\nsteps: [{invoke: {}}]",
        beside=Beside(tmp_path),
    )


def test_a_directory_is_read_relative_to_the_scenario(tmp_path):
    files = {"app.py": b"x = 1", "lib__helper.py": b"", ".hidden": b"no", "__pycache__/app.pyc": b"\xff"}
    read = folder_scenario(tmp_path, **files)
    assert isinstance(read, Scenario)
    assert read.function.files == {"app.py": "x = 1", "lib/helper.py": ""}


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"app.py": b"\xff\xfe"}, "app.py is not UTF-8 text; take it out"),
        ({"app.py": b"x" * (256 * 1024 + 1)}, "app.py is over 256 KB; split it"),
        ({f"m{n}.py": b"x" for n in range(51)}, "function.directory has more than 50 files; name a smaller folder"),
    ],
)
def test_a_directory_that_is_no_code_is_refused(tmp_path, files, sentence):
    with pytest.raises(ScenarioError) as raised:
        folder_scenario(tmp_path, **files)
    assert sentence in raised.value.problem
    assert raised.value.line == 1


def test_links_in_a_directory_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").symlink_to(secret)
    with pytest.raises(ScenarioError, match="links are not followed"):
        folder_scenario(tmp_path)


def test_a_linked_folder_in_a_directory_is_refused(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "lib").symlink_to(tmp_path)
    with pytest.raises(ScenarioError, match="links are not followed"):
        folder_scenario(tmp_path, **{"app.py": b"x"})


def test_a_directory_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ScenarioError, match="is not a folder"):
        folder_scenario(tmp_path)


def test_files_and_directory_together_are_refused(tmp_path):
    text = GOOD.replace("  environment: {STAGE: dev}", "  directory: ./src")
    assert refused(text, beside=Beside(tmp_path)).problem == "function has both files and directory; keep one of them"
