"""AWS's clients behave here as they do on Lambda: their texts, their types, their exit codes."""

from __future__ import annotations

import re

import pytest

from sandbox_runner.runner import RunOptions
from sandbox_runner.scenario import Scenario
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


def test_a_timer_of_node_that_was_due_prints_the_id_of_the_request_that_set_it(engine):
    """It fires at the thaw, before the client has read the next event."""
    code = "export const handler = async () => { setTimeout(() => console.log('late'), 20) }"
    function = a_function(runtime=NODE_22, files={"app.mjs": code})
    asked = {"function": function, "steps": [invoke(1), idle("200ms"), invoke(2)]}
    result = engine.run(Scenario.model_validate(asked), options=RunOptions(prove=False))
    first, second = result.invocations
    assert [line.split("\t")[1] for line in second.log if line.endswith("late")] == [first.request_id]
    assert not [line for line in first.log if line.endswith("late")]
