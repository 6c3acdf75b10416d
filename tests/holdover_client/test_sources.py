"""What is pushed."""

import zipfile

import pytest

from holdover_client.sources import NAMES, source_at, variables_of
from sandbox_runner.errors import ScenarioError, UsageError
from sandbox_runner.messages import render

TEXT = "function: {runtime: python3.13, handler: app.handler, directory: .}\nsteps: [{invoke: {payload: 1}}]\n"


def told(message):
    raise AssertionError(f"nothing should be said, but {message}")


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_pushed_by_the_scenario_in_it(tmp_path, name):
    (tmp_path / name).write_text(TEXT)
    (tmp_path / "app.py").write_text("def handler(event, context): return 1\n")

    scenario = source_at(str(tmp_path)).read(told, None)

    assert set(scenario.function.files) == {"app.py", name}


def test_a_folder_without_a_scenario_is_played_by_its_code(tmp_path):
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "left.js").write_text("x")
    (tmp_path / "helper.py").write_text("def two(a, b): return a\n")
    (tmp_path / "app.py").write_text("def lambda_handler(event, context): return 1\n")
    said = []

    scenario = source_at(str(tmp_path)).read(said.append, None)

    assert (scenario.function.runtime, scenario.function.handler) == ("python3.13", "app.lambda_handler")
    assert list(scenario.function.files) == ["app.py", "helper.py"]
    assert [principal for _, principal, _ in scenario.requests()] == ["tenant-a", "tenant-b"]
    assert [render(each) for each in said] == ["Left out: node_modules."]


def test_a_zip_is_played_by_its_code(tmp_path):
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("code-main/index.mjs", "export const handler = async (event) => event;\n")
        archive.writestr("code-main/icon.png", b"\x89PNG\0")

    function = source_at(str(tmp_path / "code.zip")).read(told, None).function

    assert (function.runtime, function.handler) == ("nodejs24.x", "index.handler")
    assert (list(function.files), list(function.attached_files)) == (["index.mjs"], ["icon.png"])


def test_a_handler_that_calls_back_gets_a_runtime_that_takes_it(tmp_path):
    (tmp_path / "index.js").write_text("exports.handler = (event, context, callback) => callback(null, event);\n")

    assert source_at(str(tmp_path)).read(told, None).function.runtime == "nodejs22.x"


def test_a_folder_without_files_is_one_sentence(tmp_path):
    with pytest.raises(ScenarioError, match="there is no file in it that can be taken"):
        source_at(str(tmp_path)).read(told, None)


def test_a_function_of_a_scenario_is_chosen_in_the_scenario(tmp_path):
    (tmp_path / "scenario.yaml").write_text(TEXT)

    with pytest.raises(UsageError, match="--function is for a folder or a zip without a scenario"):
        source_at(str(tmp_path), "Worker")


def test_a_scenario_that_cannot_be_played_names_the_file_and_the_line(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("function: {runtime: python3.13, handler: a.h, files: {a.py: x}}\nstepz: []\n")

    with pytest.raises(ScenarioError) as refused:
        source_at(str(file)).read(told, None)

    assert str(refused.value).startswith(f"{file}:2:1: unknown key stepz")


def test_a_file_that_is_not_there_is_named(tmp_path):
    file = tmp_path / "none.yaml"

    with pytest.raises(ScenarioError, match="cannot be read: No such file"):
        source_at(str(file)).read(told, None)


def test_the_folder_is_read_anew_each_time(tmp_path):
    (tmp_path / "scenario.yaml").write_text(TEXT)
    source = source_at(str(tmp_path))
    (tmp_path / "app.py").write_text("one = 1\n")
    before = source.read(told, None)
    (tmp_path / "app.py").write_text("two = 2\n")

    assert source.read(told, None) != before


def test_variables_of_the_command_line_are_beside_those_of_a_template(tmp_path):
    properties = "Runtime: python3.13, Handler: app.handler, Environment: {Variables: {STAGE: dev, TABLE: users}}"
    (tmp_path / "template.yaml").write_text(
        f"Resources: {{One: {{Type: AWS::Serverless::Function, Properties: {{{properties}}}}}}}\n"
    )
    (tmp_path / "app.py").write_text("def handler(event, context): return 1\n")

    scenario = source_at(str(tmp_path), environment=variables_of(["STAGE=a=b", "HERE"], {"HERE": "x"})).read(told, None)

    assert scenario.function.environment == {"STAGE": "a=b", "TABLE": "users", "HERE": "x"}


def test_every_function_of_a_scenario_gets_the_variables_of_the_command_line(tmp_path):
    one = "{runtime: python3.13, handler: app.handler, directory: .}"
    (tmp_path / "scenario.yaml").write_text(
        f"version: 2\nfunctions: {{a: {one}, b: {one}}}\nsteps: [{{invoke: {{function: a}}}}]\n"
    )
    (tmp_path / "app.py").write_text("def handler(event, context): return 1\n")

    found = source_at(str(tmp_path), environment={"STAGE": "dev"}).read(told, None)

    assert [each.environment for each in found.functions.values()] == [{"STAGE": "dev"}] * 2


def test_a_variable_that_lambda_does_not_take_is_refused(tmp_path):
    (tmp_path / "app.py").write_text("def handler(event, context): return 1\n")

    with pytest.raises(ScenarioError, match="AWS_REGION"):
        source_at(str(tmp_path), environment={"AWS_REGION": "x"}).read(told, None)


def test_a_variable_without_a_value_is_one_of_this_machine_or_refused():
    with pytest.raises(UsageError, match="--env STAGE: that variable is not set here"):
        variables_of(["STAGE"], {})
