"""What the caller gets when the function did not answer by itself."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner import limits
from sandbox_runner.environment import answers
from sandbox_runner.guest.wire import Answered, InitDone, InvokeDone
from sandbox_runner.results.model import Outcome

ID = "2f0c1c1e-0000-4000-8000-000000000001"
ASKED = answers.Asked(ID, 3)


def invoke_done(status, **varied):
    return InvokeDone(ID, status, 0, 1, **varied)


def init_done(status, **varied):
    return InitDone("invoke", status, 0, 1, **varied)


@pytest.mark.parametrize(
    ("done", "outcome", "error_type", "body"),
    [
        pytest.param(
            invoke_done("timeout"),
            Outcome.TIMEOUT,
            "Sandbox.Timedout",
            f'{{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: {ID} Error: '
            'Task timed out after 3.00 seconds"}',
            id="timeout",
        ),
        pytest.param(
            invoke_done("exited", exit="exit status 1"),
            Outcome.RUNTIME_EXIT,
            "Runtime.ExitError",
            f'{{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {ID} Error: '
            'Runtime exited with error: exit status 1"}',
            id="exit status 1",
        ),
        pytest.param(
            invoke_done("exited"),
            Outcome.RUNTIME_EXIT,
            "Runtime.ExitError",
            f'{{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {ID} Error: '
            'Runtime exited without providing a reason"}',
            id="exit status 0",
        ),
        pytest.param(
            invoke_done("exited", exit="signal: killed", out_of_memory=True),
            Outcome.OUT_OF_MEMORY,
            "Runtime.OutOfMemory",
            f'{{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {ID} Error: '
            'Runtime exited with error: signal: killed"}',
            id="out of memory: the caller is told of an exit",
        ),
    ],
)
def test_a_failed_invocation_is_answered_as_lambda_answers_it(done, outcome, error_type, body):
    answer = answers.from_failed_invoke(done, ASKED)
    assert (answer.outcome, answer.error_type, answer.body.decode()) == (outcome, error_type, body)
    assert answer.function_error == "Unhandled"


def test_an_init_error_that_the_runtime_reported_reaches_the_caller_unchanged():
    body = b'{"errorMessage": "no", "errorType": "ValueError", "requestId": "", "stackTrace": []}'
    done = init_done("error", error_type="Runtime.Unknown", body=body)
    answer = answers.from_failed_init(done, ASKED)
    assert (answer.outcome, answer.error_type, answer.body) == (Outcome.INIT_ERROR, "Runtime.Unknown", body)


def test_an_exit_during_init_is_an_exit_error_and_an_init_outcome():
    answer = answers.from_failed_init(init_done("error", exit="exit status 2"), ASKED)
    assert answer.outcome is Outcome.INIT_ERROR
    assert "Runtime exited with error: exit status 2" in answer.body.decode()


def test_a_program_that_cannot_be_started_is_an_invalid_entry_point():
    """Source: awslabs/aws-lambda-dart-runtime, issue 20."""
    said = "fork/exec /var/task/bootstrap: permission denied"
    done = init_done("error", error_type="Runtime.InvalidEntrypoint", exit=said)
    answer = answers.from_failed_init(done, ASKED)
    assert (answer.outcome, answer.error_type) == (Outcome.INIT_ERROR, "Runtime.InvalidEntrypoint")
    assert json.loads(answer.body) == {
        "errorType": "Runtime.InvalidEntrypoint",
        "errorMessage": f"RequestId: {ID} Error: {said}",
    }


def test_a_suppressed_init_that_takes_too_long_is_a_timeout():
    answer = answers.from_failed_init(init_done("timeout"), answers.Asked(ID, 900))
    assert answer.outcome is Outcome.TIMEOUT
    assert "after 900.00 seconds" in answer.body.decode()


@pytest.mark.parametrize("answer", [answers.from_failed_invoke, answers.from_failed_init])
def test_the_older_style_answers_a_timeout_with_the_line_of_its_log(answer):
    """Source: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html, as it was in 2024."""
    done = invoke_done("timeout") if answer is answers.from_failed_invoke else init_done("timeout")
    told = answer(done, answers.Asked(ID, 3, "older", 1_709_573_078_033))
    assert told.body.decode() == f'{{"errorMessage":"2024-03-04T17:24:38.033Z {ID} Task timed out after 3.00 seconds"}}'
    assert (told.outcome, told.error_type) == (Outcome.TIMEOUT, "Sandbox.Timedout")


def test_an_answer_over_the_limit_is_replaced():
    answered = Answered(ID, "response", 0, limits.RESPONSE_BYTES_MAX + 1, too_large=True, body=b"x")
    answer = answers.from_runtime(answered, answers.Streamed())
    assert json.loads(answer.body) == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    assert (answer.outcome, answer.function_error) == (Outcome.FUNCTION_ERROR, "Unhandled")


def test_a_good_answer_is_passed_on_with_its_content_type():
    answer = answers.from_runtime(
        Answered(ID, "response", 0, 3, content_type="application/unknown", body=b"\xff\x00a"), answers.Streamed()
    )
    assert (answer.outcome, answer.body, answer.content_type) == (Outcome.SUCCESS, b"\xff\x00a", "application/unknown")
    assert answer.function_error == ""


@given(st.binary(max_size=200))
def test_the_error_type_of_any_bytes_is_a_short_text(body):
    assert len(answers.error_type_of(body)) <= 256


@pytest.mark.parametrize(
    "body",
    [b'{"errorType": 5}', b"[]", b"nonsense", b"[" * 100_000, b'{"errorType": ' + b"9" * 5000 + b"}", b"\xff"],
    ids=["no text", "no object", "no JSON", "deep", "a long number", "no UTF-8"],
)
def test_a_hostile_error_body_has_no_error_type(body):
    assert answers.error_type_of(body) == ""


@pytest.mark.parametrize(
    ("done", "logged"),
    [
        (invoke_done("success"), None),
        (invoke_done("timeout"), None),
        (invoke_done("exited", exit="exit status 1"), "Runtime.ExitError"),
        (invoke_done("exited", out_of_memory=True), "Runtime.OutOfMemory"),
        (init_done("error", error_type="Runtime.ImportModuleError"), "Runtime.ImportModuleError"),
        (init_done("error"), "Runtime.ExitError"),
        (init_done("timeout"), None),
    ],
)
def test_the_log_names_what_the_caller_is_not_told(done, logged):
    assert answers.logged_error_type(done) == logged
