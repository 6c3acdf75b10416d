"""A run whose runtime is not here: what plays it, what the function sees, and what its result and reports say."""

import asyncio
import json

from sandbox_runner.cli import junit, terminal
from sandbox_runner.results.model import RunResult
from sandbox_runner.run.runner import RunOptions, play
from tests.builders import invoke, scenario
from tests.fakes.backend import FakeBackend, FakeFunction


def played(runtime):
    backend = FakeBackend(FakeFunction(handler=lambda _, process: process.environment["AWS_EXECUTION_ENV"]))
    return asyncio.run(
        play(scenario(invoke(), runtime=runtime), backend, clock=backend.clock, options=RunOptions(prove=False))
    )


def test_a_function_sees_the_name_that_it_asked_for():
    assert json.loads(played("python3.12").invocations[0].response) == "AWS_Lambda_python3.12"


def test_the_log_names_what_really_plays_it():
    assert "Runtime Version: python:3.13." in played("python3.12").log[0].line


def test_the_result_names_both_and_nothing_where_they_are_the_same():
    assert played("python3.12").to_json()["backend"]["played_on"] == {"python3.12": "python3.13"}
    assert "played_on" not in played("python3.13").to_json()["backend"]


def test_a_result_with_a_stand_in_is_read_back():
    result = played("python3.12")
    assert RunResult.model_validate(result.to_json()) == result


def test_the_terminal_and_the_report_for_a_build_say_so():
    result = played("python3.12")
    assert "python3.12 is played on Python 3.13." in terminal.render(result, terminal.Paint(on=False))
    assert b'value="python3.12 is played on Python 3.13."' in junit.report([junit.Played("a", result)], None)
    assert "python3.12 は Python 3.13 で実行します。" in terminal.render(result, terminal.Paint(on=False), "ja")
