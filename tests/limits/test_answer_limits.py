"""An answer may have 6 MB and 100 bytes. Over it the caller hears of it first, then the runtime's client."""

from __future__ import annotations

import re

import pytest

from sandbox_runner.run.runner import RunOptions
from tests.builders import scenario
from tests.playing import answers, ends, lines, played, reports, starts

LIMIT = 6 * 1024 * 1024 + 100
TOO_LARGE = {
    "errorMessage": f"Response payload size exceeded maximum allowed payload size ({LIMIT} bytes).",
    "errorType": "Function.ResponseSizeTooLarge",
}
# Two quotes are part of the answer.
PYTHON = "def handler(event, context):\n    return 'x' * (event - 2)"
NODE = "export const handler = async (event) => 'x'.repeat(event - 2)"
POST = (
    r"\[ERROR\] \[\d+\] LAMBDA_RUNTIME Failed to post handler success response\. Http response code: 413\."
    r"( \{\"errorMessage\":\"Exceeded maximum allowed payload size \(6291556 bytes\)\.\",.*\})?"
)


@pytest.mark.parametrize(("runtime", "code"), [("python3.13", PYTHON), ("nodejs22.x", NODE)])
def test_an_answer_of_exactly_the_limit_is_taken(engine, runtime, code):
    (one,) = played(engine, code, LIMIT, runtime=runtime).invocations
    assert one.outcome == "success"
    assert one.truncated.response_bytes + len(one.response) == LIMIT


def test_one_byte_more_ends_pythons_client_after_the_caller_was_answered(engine):
    result = played(engine, PYTHON, LIMIT + 1, 10)
    assert answers(result) == [TOO_LARGE, "x" * 8]
    assert any(re.fullmatch(POST, line) for line in lines(result))
    assert ends(result) == ["exit status 1"]
    assert reports(result)[0].endswith("\tStatus: error\tError Type: Runtime.ExitError")
    assert starts(result) == ["cold", "suppressed-init"]


@pytest.mark.parametrize("runtime", ["nodejs22.x", "nodejs24.x"])
def test_nodes_clients_survive_it(engine, runtime):
    result = played(engine, NODE, LIMIT + 1, 10, runtime=runtime)
    assert answers(result) == [TOO_LARGE, "x" * 8]
    assert any(re.fullmatch(POST, line) for line in lines(result))
    assert starts(result) == ["cold", "warm"]


def test_characters_are_counted_as_bytes(engine):
    code = "def handler(event, context):\n    return '\u3042' * event"
    assert answers(played(engine, code, LIMIT // 3 + 1)) == [TOO_LARGE]


def test_a_payload_of_exactly_6_mb_reaches_the_handler_and_one_byte_more_is_refused(engine):
    code = "def handler(event, context):\n    return len(event)"
    most = 6 * 1024 * 1024
    sizes = [{"invoke": {"payload_bytes": size}} for size in (most, most + 1, most)]
    asked = scenario(*sizes, files={"app.py": code}, memory_mb=256, timeout_s=10)
    result = engine.run(asked, options=RunOptions(prove=False))
    assert [each.outcome for each in result.invocations] == ["success", "request-too-large", "success"]
    assert [answers(result)[0], answers(result)[2]] == [most - 2] * 2
    assert starts(result) == ["cold", "none", "warm"]
    assert len(reports(result)) == 2
