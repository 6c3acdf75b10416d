"""A runtime that a function brings: a shell script named ``bootstrap`` against the Runtime API, on every backend.

It goes about it as AWS's example does: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-walkthrough.html.
"""

import base64
import io
import json
import zipfile

import pytest

from sandbox_runner.messages import render_all
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.code_sources import Beside
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.scenario.reader import read_scenario

BOOTSTRAP = """#!/bin/sh
set -euo pipefail
source "$LAMBDA_TASK_ROOT/$(echo "$_HANDLER" | cut -d. -f1).sh"
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
headers=$(mktemp)
echo "started ${AWS_EXECUTION_ENV:-without a name}" >&2
while true; do
  event=$(curl -sS -D "$headers" "$api/invocation/next")
  id=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)
  "$(echo "$_HANDLER" | cut -d. -f2)" "$event"
  curl -sS -o /dev/null "$api/invocation/$id/$kind" -d "$answer"
done
"""
FUNCTION = """
last=null
handler() {
  kind=response answer="{\\"was\\": $last}" last=$1
  case "$1" in
    *fail*) kind=error answer='{"errorType": "Function.Odd", "errorMessage": "no"}';;
    *exit*) exit 3;;
  esac
}
"""
CALLERS = ["alice-12345", "bob-67890"]


def a_scenario(*payloads, runtime="provided.al2023", **varied):
    files = {"bootstrap": BOOTSTRAP, "function.sh": FUNCTION}
    function = {"runtime": runtime, "handler": "function.handler", "files": files} | varied
    steps = [{"invoke": {"payload": each, "as": f"tenant-{n}"}} for n, each in enumerate(payloads, 1)]
    return Scenario.model_validate({"function": function, "steps": steps})


def answers(result):
    return [json.loads(each.response) for each in result.invocations]


@pytest.fixture(scope="module")
def leaking(request):
    """One run of each backend, which many tests look at."""
    return {}


@pytest.fixture
def leak(engine, leaking):
    if engine not in leaking:
        leaking[engine] = engine.run(a_scenario(*({"user": each} for each in CALLERS)))
    return leaking[engine]


def test_a_shell_script_answers_requests_and_keeps_its_variables(leak):
    assert answers(leak) == [{"was": None}, {"was": {"user": CALLERS[0]}}]
    assert {each.environment for each in leak.invocations} == {"env-1"}


def test_its_leak_is_proven_by_answers_alone(leak):
    (finding,) = (each for each in leak.findings if each.kind == "answer-leak")
    assert (leak.verdict.value, finding.confidence, finding.location) == ("leak", "proven", None)


def test_what_no_probe_could_see_is_said(leak):
    (check,) = (each for each in leak.checks if each.oracle == "xray")
    assert not check.done
    assert render_all(check.messages) == (
        "What a provided.al2023 process keeps in memory cannot be read; only /tmp was."
    )


def test_the_log_names_the_runtime_and_the_function_no_runtime(leak):
    lines = [each.line for each in leak.log]
    assert lines[0].startswith("INIT_START Runtime Version: provided:al2023.v0\t")
    assert "started without a name" in lines


def test_its_errors_and_its_end_are_told_as_those_of_any_runtime(engine):
    asked = a_scenario("fail", "exit", "again", runtime="provided.al2", timeout_s=30)
    result = engine.run(asked, options=RunOptions(prove=False))
    assert [each.outcome.value for each in result.invocations] == ["function-error", "runtime-exit", "success"]
    assert result.invocations[0].error_type == "Function.Odd"
    assert "Runtime exited with error: exit status 3" in result.invocations[1].response
    assert answers(result)[2] == {"was": None}
    assert result.backend.played_on == {"provided.al2": "provided.al2023"}


@pytest.mark.parametrize(
    ("bootstrap", "said"),
    [
        (None, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        ("echo no first line\n", "fork/exec /var/task/bootstrap: exec format error"),
        ("#!/bin/sh\r\necho made on Windows\r\n", "fork/exec /var/task/bootstrap: no such file or directory"),
    ],
)
def test_what_cannot_be_started_is_an_invalid_entry_point(engine, bootstrap, said):
    """Recorded in awslabs/aws-lambda-dart-runtime, issue 20; cdklabs/cdk-ecr-deployment, issue 651, has the log."""
    files = {"function.sh": FUNCTION} | ({} if bootstrap is None else {"bootstrap": bootstrap})
    result = engine.run(a_scenario("one", files=files), options=RunOptions(prove=False))
    (only,) = result.invocations
    lines = [each.line for each in result.log]

    assert only.outcome.value == "init-error"
    assert answers(result) == [
        {"errorType": "Runtime.InvalidEntrypoint", "errorMessage": f"RequestId: {only.request_id} Error: {said}"}
    ]
    reports = [line.partition("\t")[2] for line in lines if line.startswith("INIT_REPORT")]
    status = "Status: error\tError Type: Runtime.InvalidEntrypoint"
    assert reports == [f"Phase: init\t{status}", f"Phase: invoke\t{status}"]
    assert said in render_all(result.verdict_messages)


@pytest.mark.smoke
def test_a_layer_may_bring_the_runtime(engine):
    layer = {"name": "shell", "files": {"bootstrap": base64.b64encode(BOOTSTRAP.encode()).decode()}}
    scenario = a_scenario(1, 2, files={"function.sh": FUNCTION}, layers=[layer])
    result = engine.run(scenario, options=RunOptions(prove=False))
    assert answers(result) == [{"was": None}, {"was": 1}]


def test_a_zip_is_played_as_it_is_and_a_program_that_may_not_be_executed_is_told(engine, tmp_path):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("bootstrap", BOOTSTRAP)
        archive.writestr("function.sh", FUNCTION)
    (tmp_path / "code.zip").write_bytes(written.getvalue())
    told = []
    scenario = read_scenario(
        "function: {runtime: provided.al2023, handler: function.handler, archive: code.zip}\nsteps: [{invoke: {}}]",
        beside=Beside(tmp_path, told.append),
    )
    assert answers(engine.run(scenario, options=RunOptions(prove=False))) == [{"was": None}]
    assert [each.code for each in told] == ["program-not-executable"]
