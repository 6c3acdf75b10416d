"""The log as CloudWatch shows it: shapes and order of lines."""

import asyncio
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.projections.log import log_tail, size
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, invoke, scenario
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, TakesForever

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
ARN = r"arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}"
INIT_START = rf"INIT_START Runtime Version: python:3\.13\.v5\tRuntime Version ARN: {ARN}"
START = rf"START RequestId: {ID} Version: \$LATEST"
END = rf"END RequestId: {ID}"


def report(duration, billed, rest="\t"):
    figures = rf"Duration: {re.escape(duration)} ms\tBilled Duration: {billed} ms"
    return rf"REPORT RequestId: {ID}\t{figures}\tMemory Size: 128 MB\tMax Memory Used: 40 MB{rest}"


def log_of(*steps, logging=None, **function):
    backend = FakeBackend(FakeFunction(**function))
    played = scenario(*steps, **(logging or {}))
    return asyncio.run(play(played, backend, clock=backend.clock, options=RunOptions(prove=False))).log


def assert_lines(entries, *patterns):
    lines = [entry.line for entry in entries]
    assert len(lines) == len(patterns), lines
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(pattern, line), (line, pattern)


def exits(*_):
    raise RuntimeExits("exit status 1")


def says_loading(runtime):
    runtime.log("loading")


def import_error(runtime):
    runtime.log("[ERROR] Runtime.ImportModuleError: no", stream="telemetry", level="ERROR")
    raise RuntimeExits("exit status 1", report={"errorType": "Runtime.ImportModuleError"})


def crash_once():
    calls = []

    def handler(event, runtime):
        calls.append(event)
        if len(calls) == 1:
            raise RuntimeExits("exit status 1")
        runtime.log("served")

    return handler


def test_a_cold_and_a_warm_request():
    assert_lines(
        log_of(invoke(), invoke(), module=says_loading, handler=lambda event, runtime: runtime.log("hello")),
        INIT_START,
        "loading",
        START,
        "hello",
        END,
        report("2.00", 42, r"\tInit Duration: 40\.00 ms\t"),
        START,
        "hello",
        END,
        report("2.00", 2),
    )


def test_a_crash_and_the_suppressed_init_after_it():
    """The output of the suppressed init comes before START; nothing announces it."""
    assert_lines(
        log_of(invoke(), invoke(), module=says_loading, handler=crash_once()),
        INIT_START,
        "loading",
        START,
        END,
        report("0.00", 40, r"\tInit Duration: 40\.00 ms\tStatus: error\tError Type: Runtime\.ExitError"),
        "loading",
        START,
        "served",
        END,
        report("42.00", 42),
    )


def test_a_timeout_has_a_status_and_no_error_type():
    def handler(*_):
        raise TakesForever

    assert_lines(
        log_of(invoke(), handler=handler),
        INIT_START,
        START,
        END,
        report("3000.00", 3040, r"\tInit Duration: 40\.00 ms\tStatus: timeout"),
    )


def test_an_import_error_is_reported_for_the_init_and_for_the_invocation():
    error = r"\[ERROR\] Runtime\.ImportModuleError: no"
    assert_lines(
        log_of(invoke(), module=import_error),
        INIT_START,
        error,
        r"INIT_REPORT Init Duration: 0\.00 ms\tPhase: init\tStatus: error\tError Type: Runtime\.ImportModuleError",
        error,
        r"INIT_REPORT Init Duration: 0\.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime\.ImportModuleError",
        START,
        END,
        report("0.00", 1, r"\tStatus: error\tError Type: Runtime\.ImportModuleError"),
    )


def test_an_init_that_is_too_slow_twice():
    def module(_):
        raise TakesForever

    assert_lines(
        log_of(invoke(), module=module),
        INIT_START,
        r"INIT_REPORT Init Duration: 10000\.00 ms\tPhase: init\tStatus: timeout",
        r"INIT_REPORT Init Duration: 3000\.00 ms\tPhase: invoke\tStatus: timeout",
        START,
        END,
        report("3000.00", 3000, r"\tStatus: timeout"),
    )


OLDER = {"log_style": "older"}


def test_the_older_style_says_an_exit_in_lines_of_its_own():
    def leaves(*_):
        raise RuntimeExits

    said = rf"RequestId: {ID} Error: Runtime exited with error: exit status 1\nRuntime\.ExitError"
    first = r"\tInit Duration: 40\.00 ms\t"
    assert_lines(
        log_of(invoke(), logging=OLDER, handler=exits), INIT_START, START, said, END, report("0.00", 40, first)
    )
    said = rf"RequestId: {ID} Error: Runtime exited without providing a reason\nRuntime\.ExitError"
    assert_lines(log_of(invoke(), logging=OLDER, handler=leaves)[2:3], said)


def test_the_older_style_dates_a_timeout_and_ends_its_line_with_an_empty_one():
    def handler(*_):
        raise TakesForever

    entries = log_of(invoke(), logging=OLDER, handler=handler)
    assert re.fullmatch(rf"2026-01-05T01:00:03\.040Z {ID} Task timed out after 3\.00 seconds\n", entries[2].line)
    assert entries[-1].line.endswith("\tInit Duration: 40.00 ms\t")


def test_the_older_style_says_nothing_of_what_the_client_reported():
    """The client's own lines are all there is."""
    lines = [entry.line for entry in log_of(invoke(), logging=OLDER, module=import_error)]
    assert not [line for line in lines if "Runtime exited" in line]
    assert "Status" not in lines[-1]


def test_a_good_init_of_provisioned_concurrency_has_a_bare_line():
    backend = FakeBackend()
    asked = {"function": a_function(), "steps": [invoke()], "initialization": "provisioned-concurrency"}
    played = Scenario.model_validate(asked | {"provisioned_concurrency": 1})
    entries = asyncio.run(play(played, backend, clock=backend.clock, options=RunOptions(prove=False))).log
    assert_lines(entries, INIT_START, r"INIT_REPORT Init Duration: 40\.00 ms", START, END, report("2.00", 2))


def test_a_handlers_exception_has_no_status():
    def handler(*_):
        raise ValueError("boom")

    assert log_of(invoke(), handler=handler)[-1].line.endswith("Init Duration: 40.00 ms\t")


def test_what_was_cut_is_said_where_it_was_cut():
    def handler(_, runtime):
        runtime.log("a long one", cut=70_000)
        runtime.lose_output(1_234, 2_254_857_830)

    assert_lines(
        log_of(invoke(), handler=handler)[2:-2],
        "a long one",
        "… 70,000 more bytes of this line were cut here",
        r"… 1,234 lines \(2\.1 GB\) more were cut here",
    )


def test_lines_know_where_they_come_from_and_whose_they_are():
    entries = log_of(invoke(), module=says_loading, handler=lambda _, runtime: runtime.lose_output(1, 5))
    assert [entry.source for entry in entries] == [
        "platform",
        "function",
        "platform",
        "holdover",
        "platform",
        "platform",
    ]
    assert [bool(entry.request_id) for entry in entries] == [False, False, True, True, True, True]


def test_function_lines_are_passed_on_unchanged():
    raw = "a\rb\x1b[31m\t日本"
    entries = log_of(invoke(), handler=lambda _, runtime: runtime.log(raw))
    assert raw in [entry.line for entry in entries]


def test_json_mode_writes_telemetry_records_at_level_info():
    entries = log_of(invoke(), logging={"log_format": "json"}, handler=lambda _, runtime: runtime.log("plain"))
    assert [entry.line for entry in entries if entry.source == "function"] == ["plain"]
    records = [json.loads(entry.line) for entry in entries if entry.source == "platform"]
    assert [each["type"] for each in records] == ["platform.initStart", "platform.start", "platform.report"]
    assert records[0]["time"] == "2026-01-05T01:00:00.000Z"
    assert records[2]["time"] == "2026-01-05T01:00:00.042Z"
    assert records[2]["record"]["metrics"] == {
        "durationMs": 2.0,
        "billedDurationMs": 42,
        "memorySizeMB": 128,
        "maxMemoryUsedMB": 40,
        "initDurationMs": 40.0,
    }


def test_json_mode_writes_the_other_records_where_something_went_wrong():
    entries = log_of(invoke(), logging={"log_format": "json"}, module=import_error)
    records = [json.loads(entry.line) for entry in entries if entry.source == "platform"]
    assert [each["type"].removeprefix("platform.") for each in records] == [
        "initStart",
        "initRuntimeDone",
        "initReport",
        "initRuntimeDone",
        "initReport",
        "start",
        "runtimeDone",
        "report",
    ]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 KB"),
        (1_048_576, "1.0 MB"),
        (2**41, "2.0 TB"),
        (2**60, "1048576.0 TB"),
    ],
)
def test_sizes_are_said_as_people_say_them(count, words):
    assert size(count) == words


# --- the tail -----------------------------------------------------------------------------------------------------

LINES = st.lists(st.text(max_size=200), max_size=60)


@given(lines=LINES)
def test_a_tail_is_the_end_of_the_log_and_has_at_most_4_kb(lines):
    whole, tail = "".join(f"{line}\n" for line in lines), log_tail(lines)
    assert whole.endswith(tail)
    assert len(tail.encode()) <= 4096
    assert len(tail.encode()) > 4092 or tail == whole


def test_a_character_at_the_cut_is_left_out_of_the_tail():
    assert log_tail(["\u3042" * 1365 + "x"]) == "\u3042" * 1364 + "x\n"
