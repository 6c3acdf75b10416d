"""Each shape of line that Lambda's log has comes out of a real run, in its place among the others."""

from __future__ import annotations

import json
import re

import pytest

from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, invoke
from tests.playing import ID, assert_lines, lines, played

MS = r"\d+\.\d\d ms"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
INIT_START = (
    r"INIT_START Runtime Version: (python|nodejs):\d+(\.\d+)?\.v\d+"
    r"\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}"
)
START = rf"START RequestId: {ID} Version: \$LATEST"
END = rf"END RequestId: {ID}"
FIRST = rf"\tInit Duration: {MS}"
IMPORT_ERROR = r"\[ERROR\] Runtime\.ImportModuleError: Unable to import module 'app': .*"
WARNING = rf"\[WARNING\]\t{TIME}\t\tLAMBDA_WARNING: Unhandled exception\. .*"


def report(rest="\t"):
    memory = r"Memory Size: 128 MB\tMax Memory Used: \d+ MB"
    return rf"REPORT RequestId: {ID}\tDuration: {MS}\tBilled Duration: \d+ ms\t{memory}{rest}"


def failed(error):
    return rf"\tStatus: error\tError Type: {re.escape(error)}"


def init_report(phase, rest):
    return rf"INIT_REPORT Init Duration: {MS}\tPhase: {phase}{rest}"


HELLO = "print('loading')\ndef handler(event, context):\n    print('hello\\n\\n\\nthere\\ragain')"
EXITS = "import sys\nprint('loading')\ndef handler(event, context):\n    sys.exit(event)"
SLEEPS = "import time\ndef handler(event, context):\n    print('before', flush=True)\n    time.sleep(30)"
MISSING = "import nothere"
HOARDS = "def handler(event, context):\n    return len(bytearray(b'x') * (300 << 20))"

# What it shows, log style, code, payloads, timeout, lines.
TEXT = [
    pytest.param(
        "current",
        HELLO,
        (1, 2),
        [
            *(INIT_START, "loading", START, "hello", "there\ragain", END, report(rf"{FIRST}\t")),
            *(START, "hello", "there\ragain", END, report()),
        ],
        id="a cold and a warm success",
    ),
    pytest.param(
        "current",
        EXITS,
        (1, 1),
        [
            *(INIT_START, "loading", START, END, report(FIRST + failed("Runtime.ExitError"))),
            *("loading", START, END, report(failed("Runtime.ExitError"))),
        ],
        id="an exit and the hidden init after it",
    ),
    pytest.param(
        "older",
        EXITS,
        (1, 0),
        [
            *(INIT_START, "loading", START),
            rf"RequestId: {ID} Error: Runtime exited with error: exit status 1\nRuntime\.ExitError",
            *(END, report(rf"{FIRST}\t"), "loading", START),
            rf"RequestId: {ID} Error: Runtime exited without providing a reason\nRuntime\.ExitError",
            *(END, report()),
        ],
        id="exits in the older style",
    ),
    pytest.param(
        "current",
        SLEEPS,
        (1,),
        [INIT_START, START, "before", END, report(rf"{FIRST}\tStatus: timeout")],
        id="a timeout",
    ),
    pytest.param(
        "older",
        SLEEPS,
        (1,),
        [
            *(INIT_START, START, "before"),
            rf"{TIME} {ID} Task timed out after 1\.00 seconds\n",
            *(END, report(rf"{FIRST}\t")),
        ],
        id="a timeout in the older style",
    ),
    pytest.param(
        "current",
        MISSING,
        (1,),
        [
            *(INIT_START, WARNING, IMPORT_ERROR, init_report("init", failed("Runtime.ImportModuleError"))),
            *(WARNING, IMPORT_ERROR, init_report("invoke", failed("Runtime.ImportModuleError"))),
            *(START, END, report(failed("Runtime.ImportModuleError"))),
        ],
        id="an import error, in the init and in the invocation",
    ),
    pytest.param(
        "current",
        HOARDS,
        (1,),
        [INIT_START, START, END, report(FIRST + failed("Runtime.OutOfMemory"))],
        id="out of memory",
    ),
    pytest.param(
        "older",
        HOARDS,
        (1,),
        [
            *(INIT_START, START),
            rf"RequestId: {ID} Error: Runtime exited with error: signal: killed\nRuntime\.ExitError",
            *(END, report(rf"{FIRST}\t")),
        ],
        id="out of memory in the older style",
    ),
]


@pytest.mark.parametrize(("style", "code", "payloads", "expected"), TEXT)
def test_a_run_writes_these_lines_and_no_others(engine, style, code, payloads, expected):
    result = played(engine, code, *payloads, timeout_s=1, log_style=style)
    assert_lines(lines(result), expected)


@pytest.mark.parametrize("style", ["current", "older"])
def test_a_handlers_exception_has_no_status_in_any_style(engine, style):
    result = played(engine, "def handler(event, context):\n    raise ValueError('v')", 1, log_style=style)
    error = r"\[ERROR\] ValueError: v\nTraceback \(most recent call last\):\n.*"
    assert_lines(lines(result), [INIT_START, START, error, END, report(rf"{FIRST}\t")])


@pytest.mark.smoke
def test_a_report_of_a_hidden_init_adds_it_to_the_duration(engine):
    """START is written after it, so the wall time from START to REPORT is shorter than Duration."""
    code = "import sys, time\ntime.sleep(0.5)\ndef handler(event, context):\n    sys.exit(event)"
    result = played(engine, code, 1, 0)
    start, last = [entry for entry in result.log if entry.line.startswith(("START", "REPORT"))][2:]
    duration = float(re.search(r"Duration: ([\d.]+) ms", last.line)[1])
    assert duration > 500
    assert (last.at_us - start.at_us) / 1000 < duration - 490


def records(result):
    return [json.loads(entry.line) for entry in result.log if entry.source == "platform"]


def kinds(result):
    return [each["type"].removeprefix("platform.") for each in records(result)]


@pytest.mark.parametrize(
    ("level", "payload", "expected"),
    [
        (None, 0, ["initStart", "start", "report"]),
        ("DEBUG", 0, ["initStart", "initRuntimeDone", "initReport", "start", "runtimeDone", "report"]),
        ("WARN", 0, []),
        ("INFO", 1, ["initStart", "start", "runtimeDone", "report"]),
        ("WARN", 1, ["runtimeDone", "report"]),
    ],
)
def test_the_system_level_filters_records_of_the_json_format(engine, level, payload, expected):
    code = "import os\ndef handler(event, context):\n    if event:\n        os._exit(event)"
    asked = {"log_format": "json"} | ({"system_log_level": level} if level else {})
    assert kinds(played(engine, code, payload, **asked)) == expected


def test_records_of_the_json_format_have_the_telemetrys_names(engine):
    started, start, report_ = records(played(engine, HELLO, 1, log_format="json"))
    assert set(started["record"]) == {
        "initializationType",
        "phase",
        "functionName",
        "functionVersion",
        "runtimeVersion",
        "runtimeVersionArn",
    }
    assert re.fullmatch(TIME, started["time"])
    assert set(start["record"]) == {"requestId", "version"}
    assert set(report_["record"]) == {"requestId", "status", "metrics"}
    assert set(report_["record"]["metrics"]) == {
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
        "initDurationMs",
    }


def test_a_suppressed_init_is_tagged_and_names_no_version(engine):
    code = "import os\ndef handler(event, context):\n    os._exit(1)"
    result = played(engine, code, 1, 1, log_format="json", system_log_level="DEBUG")
    again = [each["record"] for each in records(result) if each["record"].get("phase") == "invoke"]
    assert [each.get("status") for each in again] == [None, "success", "success"]
    assert "runtimeVersion" not in again[0]


PYTHON_LOGS = """
import logging
log = logging.getLogger("shop")
def handler(event, context):
    print("plain")
    print('{"already": "json"}')
    log.debug("d")
    log.info("i", extra={"order": 7})
    log.warning("w")
    raise ValueError("v")
"""


def function_lines(result):
    return [entry.line for entry in result.log if entry.source == "function"]


@pytest.mark.parametrize(
    ("level", "messages"), [("DEBUG", ["d", "i", "w"]), (None, ["i", "w"]), ("WARN", ["w"]), ("ERROR", [])]
)
def test_pythons_logging_is_json_from_the_level_on_and_print_is_as_it_was(engine, level, messages):
    result = played(engine, PYTHON_LOGS, 1, log_format="json", **({"log_level": level} if level else {}))
    found = function_lines(result)
    assert "plain" in found
    # A printed object without a level counts as INFO.
    assert ('{"already": "json"}' in found) == (level not in {"WARN", "ERROR"})
    objects = [json.loads(line) for line in found if line.startswith('{"timestamp"')]
    assert [each["message"] for each in objects if "message" in each] == messages
    assert {each["requestId"] for each in objects} == {result.invocations[0].request_id}


@pytest.mark.smoke
def test_pythons_json_records_have_their_fields(engine):
    result = played(engine, PYTHON_LOGS, 1, log_format="json")
    info, warning, error = (json.loads(line) for line in function_lines(result) if line.startswith('{"timestamp"'))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", info["timestamp"])
    assert (info["level"], info["logger"], info["order"]) == ("INFO", "shop", 7)
    assert warning["level"] == "WARNING"
    assert (error["level"], error["errorType"], error["errorMessage"]) == ("ERROR", "ValueError", "v")
    assert error["stackTrace"]


@pytest.mark.parametrize("runtime", ["nodejs22.x", "nodejs24.x"])
@pytest.mark.parametrize(("level", "messages"), [("DEBUG", ["d", "i", "w"]), (None, ["i", "w"]), ("WARN", ["w"])])
def test_nodes_console_is_json_from_the_level_on(engine, runtime, level, messages):
    code = "export const handler = async () => { console.debug('d'); console.log('i'); console.warn('w') }"
    result = played(engine, code, 1, runtime=runtime, log_format="json", **({"log_level": level} if level else {}))
    objects = [json.loads(line) for line in function_lines(result)]
    assert [each["message"] for each in objects] == messages
    assert {each["requestId"] for each in objects} == {result.invocations[0].request_id}
    assert all(re.fullmatch(TIME, each["timestamp"]) for each in objects)


@pytest.mark.smoke
def test_node_writes_errors_as_json_objects(engine):
    code = "export const handler = async () => { throw new TypeError('t') }"
    (line,) = function_lines(played(engine, code, 1, runtime="nodejs22.x", log_format="json"))
    written = json.loads(line)
    assert (written["level"], written["message"]["errorType"]) == ("ERROR", "TypeError")


@pytest.mark.smoke
def test_each_environment_has_a_stream_and_keeps_it_over_a_reset(engine):
    code = "import os\ndef handler(event, context):\n    if event: os._exit(1)\n    return context.log_stream_name"
    function = a_function(files={"app.py": code})
    steps = [invoke(0), invoke(1), invoke(0), {"recycle": "all"}, invoke(0)]
    asked = Scenario.model_validate({"function": function, "steps": steps})
    result = engine.run(asked, options=RunOptions(prove=False))
    first, _, again, other = (json.loads(each.response) for each in result.invocations)
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", first)
    assert first == again != other
    assert [each.log_stream for each in result.environments] == [first, other]


def test_a_level_that_the_code_sets_wins_over_the_setting(engine):
    code = """
import logging
logging.getLogger().setLevel(logging.DEBUG)
def handler(event, context):
    logging.debug("d")
"""
    result = played(engine, code, 1, log_format="json", log_level="WARN")
    ours = [json.loads(entry.line) for entry in result.log if entry.source == "function"]
    assert [each["message"] for each in ours] == ["d"]


@pytest.mark.parametrize("line", ['{"a": 1}', '{"level": "ERROR", "message": "m"}', "[1, 2]"])
def test_what_is_printed_as_json_is_not_wrapped_again(engine, line):
    result = played(engine, f"def handler(event, context):\n    print({line!r})", 1, log_format="json")
    assert [entry.line for entry in result.log if entry.source == "function"] == [line]


@pytest.mark.smoke
def test_lines_of_one_stream_keep_their_order_beside_those_of_another(engine):
    code = """
import sys
def handler(event, context):
    for number in range(200):
        print(number, file=(sys.stdout, sys.stderr)[number % 2])
"""
    numbers = [int(entry.line) for entry in played(engine, code, 1).log if entry.source == "function"]
    assert sorted(numbers) == list(range(200))
    assert [each for each in numbers if each % 2 == 0] == list(range(0, 200, 2))
    assert [each for each in numbers if each % 2 == 1] == list(range(1, 200, 2))
