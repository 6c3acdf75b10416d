"""AWS's clients behave here as they do on Lambda: their texts, their types, their exit codes."""

from __future__ import annotations

import re

import pytest

from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, idle, invoke
from tests.clients.cases import IN_INIT, IN_INVOKE, NODE_22, NODE_24
from tests.playing import answers, ends, lines, played, reports, starts


def play_case(engine, case):
    return played(engine, case.code, 7, 7, runtime=case.runtime, handler=case.handler)


def assert_told(case, result):
    """Both callers and both reports say the same of the same failure."""
    for answer in answers(result):
        assert answer["errorType"] == case.error
        assert re.fullmatch(case.says, answer["errorMessage"], re.DOTALL)
    ending = rf"\tStatus: error\tError Type: {re.escape(case.status)}" if case.status else r" (MB|ms)\t"
    assert all(re.search(ending + "$", line) for line in reports(result)), reports(result)
    assert case.exits is None or set(ends(result)) <= {case.exits}, ends(result)
    assert not case.logs or any(re.fullmatch(case.logs, line, re.DOTALL) for line in lines(result)), lines(result)


@pytest.mark.parametrize("case", IN_INIT, ids=lambda case: case.id)
def test_what_fails_in_init_fails_again_in_each_invocation(engine, case):
    result = play_case(engine, case)
    assert_told(case, result)
    assert starts(result) == ["cold", "suppressed-init"]
    tags = [re.search(r"Phase: (\w+)\tStatus: error\tError Type: (\S+)", line) for line in lines(result)]
    assert [tag.groups() for tag in tags if tag] == [(phase, case.status) for phase in ("init", "invoke", "invoke")]


@pytest.mark.parametrize("case", IN_INVOKE, ids=lambda case: case.id)
def test_what_fails_in_the_handler_resets_only_where_the_process_ends(engine, case):
    result = play_case(engine, case)
    assert_told(case, result)
    assert starts(result) == ["cold", case.then]
    assert bool(ends(result)) == (case.then == "suppressed-init")


@pytest.mark.smoke
def test_a_rejection_in_the_turn_of_the_answer_comes_after_the_success(engine):
    """See aws/aws-lambda-base-images issue 392: the caller is content and the process ends all the same."""
    code = "export const handler = async () => { Promise.reject(new Error('lost')); return 1 }"
    result = played(engine, code, 1, runtime=NODE_22)
    assert answers(result) == [1]
    assert ends(result) == ["exit status 128"]
    assert reports(result)[0].endswith("\tStatus: error\tError Type: Runtime.ExitError")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("export const handler = async () => { await new Promise(() => {}) }", id="a promise"),
        pytest.param("export const handler = (event, context, callback) => {}", id="a callback"),
    ],
)
def test_the_older_node_client_answers_null_when_nothing_is_left_to_wait_for(engine, code):
    result = played(engine, code, 1, runtime=NODE_22)
    assert answers(result) == [None]
    assert ends(result) == []


@pytest.mark.smoke
@pytest.mark.parametrize("runtime", [NODE_22, NODE_24])
def test_console_lines_carry_time_request_and_level(engine, runtime):
    code = (
        "export const handler = async () => { console.log('a\\nb'); console.warn('w'); process.stdout.write('r\\n') }"
    )
    result = played(engine, code, 1, runtime=runtime)
    request_id = result.invocations[0].request_id
    ours = [entry.line for entry in result.log if entry.source == "function"]
    stamps = [re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "TIME", line) for line in ours]
    # stdout and the telemetry pipe are two: which is read first is not settled.
    assert sorted(stamps) == sorted([f"TIME\t{request_id}\tINFO\ta\nb", f"TIME\t{request_id}\tWARN\tw", "r"])


def test_pythons_root_logger_lets_warnings_through_in_the_text_format(engine):
    code = "import logging\ndef handler(event, context):\n    logging.info('i')\n    logging.warning('a\\nb')"
    result = played(engine, code, 1)
    request_id = result.invocations[0].request_id
    (line,) = [entry.line for entry in result.log if entry.source == "function"]
    assert re.fullmatch(rf"\[WARNING\]\t\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{request_id}\ta\nb", line)


@pytest.mark.smoke
def test_a_timer_of_node_that_was_due_prints_the_id_of_the_request_that_set_it(engine):
    """It fires at the thaw, before the client has read the next event; a busy machine takes a while to freeze."""
    code = "export const handler = async () => { setTimeout(() => console.log('late'), 600) }"
    function = a_function(runtime=NODE_22, files={"app.mjs": code})
    asked = {"function": function, "steps": [invoke(1), idle("800ms"), invoke(2)]}
    result = engine.run(Scenario.model_validate(asked), options=RunOptions(prove=False))
    first, second = result.invocations
    assert [line.split("\t")[1] for line in second.log if line.endswith("late")] == [first.request_id]
    assert not [line for line in first.log if line.endswith("late")]


def test_a_callback_of_node_waits_until_nothing_is_left_to_do(engine):
    """``callbackWaitsForEmptyEventLoop``, see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html."""
    code = """
export const handler = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = event.wait
  setTimeout(() => console.log("late"), 300)
  callback(null, "done")
}"""
    asked = {
        "function": a_function(runtime=NODE_22, files={"app.mjs": code}),
        "steps": [invoke({"wait": True}), invoke({"wait": False}), idle("400ms"), invoke({"wait": True})],
    }
    result = engine.run(Scenario.model_validate(asked), options=RunOptions(prove=False))
    waited, left, after = result.invocations
    assert answers(result) == ["done"] * 3
    assert [sum(line.endswith("\tlate") for line in each.log) for each in (waited, left, after)] == [1, 0, 2]
    assert waited.duration_ms > 290


@pytest.mark.smoke
def test_a_function_hears_the_thaw_where_it_listens_for_the_signal(engine):
    """On Lambda nothing tells it; and what it leaves for its end is never run, there as here."""
    code = """
import atexit, signal
heard = []
signal.signal(signal.SIGCONT, lambda *_: heard.append("continued"))
atexit.register(print, "at exit")
def handler(event, context):
    return heard
"""
    asked = {"function": a_function(files={"app.py": code}), "steps": [invoke(1), idle("100ms"), invoke(2)]}
    result = engine.run(Scenario.model_validate(asked), options=RunOptions(prove=False))
    assert answers(result)[1][:1] == ["continued"]
    assert "at exit" not in lines(result)


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("runtime", "code", "place"),
    [
        ("python3.13", "def handler(event, context):\n    return __import__('json').__file__", "/usr/lib/python3.13/"),
        (
            NODE_22,
            "export const handler = async () => { throw Object.assign(new Error(), {message: process.execPath}) }",
            "/usr/lib/lambda/nodejs22.x/",
        ),
    ],
)
def test_the_interpreter_lies_where_the_image_has_it(engine, runtime, code, place):
    """On Lambda it is below ``/var/lang``, which is a link here."""
    (found,) = answers(played(engine, code, 1, runtime=runtime))
    assert (found["errorMessage"] if isinstance(found, dict) else found).startswith(place)


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("runtime", "code", "release"),
    [
        ("python3.13", "import platform\ndef handler(event, context):\n    return platform.python_version()", "3.13."),
        (NODE_22, "export const handler = async () => process.versions.node", "22."),
        (NODE_24, "export const handler = async () => process.versions.node", "24."),
    ],
)
def test_a_runtimes_release_is_that_of_its_name_and_its_patch_level_is_the_images(engine, runtime, code, release):
    result = played(engine, code, 1, runtime=runtime)
    (version,) = answers(result)
    assert version.startswith(release)
    assert re.match(
        rf"INIT_START Runtime Version: \w+:[\dx.]+\.v{version.split('.')[-1 if 'py' in runtime else 1]}\t",
        lines(result)[0],
    )
