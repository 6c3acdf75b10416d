"""Extensions on real backends: when each starts, what it is told, what of it counts, and what comes of its end."""

from __future__ import annotations

import base64
import json
import re

import pytest

from sandbox_runner.events.records import (
    EnvironmentFrozen,
    EnvironmentReset,
    EnvironmentShutdown,
    ExtensionSeen,
    LogWritten,
    PlatformReport,
    PlatformRuntimeDone,
    RequestAnswered,
)
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, idle, invoke, recycle
from tests.extensions.programs import LISTENS, program

HANDLER = """
import os, sys, time
print("loaded")
count = 0

def handler(event, context):
    global count
    count += 1
    if event == "exit":
        os._exit(3)
    if event == "sleep":
        time.sleep(60)
    print("handled", count)
    return {"count": count}
"""
SAYS_GOODBYE = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: (print("runtime bye", flush=True), sys.exit(0)))

def handler(event, context):
    return 1
"""
LOADS_ONE_INSIDE = """
import http.client, json, os, signal, sys, threading
api = os.environ["AWS_LAMBDA_RUNTIME_API"]
signal.signal(signal.SIGTERM, lambda *_: (print("runtime bye", flush=True), sys.exit(0)))

def ask(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(api)
    connection.request(method, "/2020-01-01/extension/" + path, body, headers)
    answer = connection.getresponse()
    return answer.headers["Lambda-Extension-Identifier"], answer.read().decode()

def listen(identifier):
    while True:
        _, event = ask("GET", "event/next", **{"Lambda-Extension-Identifier": identifier})
        print("inside", json.loads(event)["eventType"], flush=True)

identifier, _ = ask("POST", "register", '{"events": ["INVOKE"]}', **{"Lambda-Extension-Name": "inside"})
threading.Thread(target=listen, args=[identifier], daemon=True).start()

def handler(event, context):
    return ask("POST", "register", '{"events": ["INVOKE"]}', **{"Lambda-Extension-Name": "late"})[1]
"""


def played(engine, *steps, code=HANDLER, function=None, **extensions):
    described = a_function(
        **({"files": {"app.py": code}, "timeout_s": 10, "extensions": extensions} | (function or {}))
    )
    scenario = parse_scenario({"version": 2, "function": described, "steps": list(steps)})
    return engine.run(scenario, options=RunOptions(prove=False))


def lines(result):
    return [entry.line for entry in result.log]


def of(result, kind):
    return [event for event in result.events if isinstance(event.record, kind)]


def seen(result, name):
    return [event.record.what for event in of(result, ExtensionSeen) if event.record.name == name]


def position(result, beginning):
    return next(number for number, line in enumerate(lines(result)) if line.startswith(beginning))


@pytest.mark.smoke
def test_an_extension_registers_before_the_runtime_is_told_of_each_request_and_says_goodbye(engine):
    result = played(engine, invoke(), invoke(), recycle(), tap=LISTENS)

    first, second = (each.request_id for each in result.invocations)
    assert [json.loads(each.response) for each in result.invocations] == [{"count": 1}, {"count": 2}]
    assert [line for line in lines(result) if line.startswith("tap ")] == [
        "tap registered",
        f"tap INVOKE {first}",
        f"tap INVOKE {second}",
        "tap SHUTDOWN spindown",
        "tap bye",
    ]
    assert "EXTENSION\tName: tap\tState: Ready\tEvents: [INVOKE, SHUTDOWN]" in lines(result)
    assert position(result, "loaded") < position(result, "EXTENSION") < position(result, "START")
    assert seen(result, "tap") == [
        *("started", "registered", "ready", "invoke", "ready", "invoke", "ready", "shutdown", "exited"),
    ]
    assert [each.record.budget_ms for each in of(result, EnvironmentShutdown)] == [2000]
    (extension,) = result.environments[0].extensions
    assert (extension.name, extension.external, extension.events) == ("tap", True, ("INVOKE", "SHUTDOWN"))
    assert extension.spans[0].phase == "init"
    assert extension.spans[-1].how == "exit code 0"


@pytest.mark.smoke
def test_work_after_the_answer_is_part_of_the_duration_and_the_answer_is_out_before(engine):
    slow = program(
        """
register("INVOKE")
while wait():
    time.sleep(0.4)
    say("flushed")
"""
    )
    result = played(engine, invoke(), flush=slow)

    (request,) = result.invocations
    (answered,), (done,), (report,) = (
        of(result, kind) for kind in (RequestAnswered, PlatformRuntimeDone, PlatformReport)
    )
    assert request.duration_ms >= 400
    assert report.at_us - done.at_us >= 300_000
    assert done.record.metrics.duration_ms < report.record.metrics.duration_ms
    assert answered.at_us <= done.at_us < report.at_us
    assert position(result, "flush flushed") < position(result, "END ")
    kinds = [event.record.type for event in result.events]
    lines = [number for number, event in enumerate(result.events) if isinstance(event.record, LogWritten)]
    assert lines[0] < kinds.index("platform.initRuntimeDone") < lines[1] < kinds.index("platform.runtimeDone")
    work = [span.phase for span in result.environments[0].extensions[0].spans]
    assert work[:3] == ["init", "invoke", "after-runtime"]


def test_an_invocation_waits_for_nobody_who_did_not_register_for_it(engine):
    idle_one = program('register("SHUTDOWN")\nwait()\n')
    result = played(engine, invoke(), rests=idle_one)

    assert result.invocations[0].outcome == "success"
    assert seen(result, "rests")[:3] == ["started", "registered", "ready"]
    assert "EXTENSION\tName: rests\tState: Ready\tEvents: [SHUTDOWN]" in lines(result)


@pytest.mark.parametrize(
    ("code", "kind", "how"),
    [
        ("sys.exit(0)", "Extension.Crash", "exit code 0"),
        ("register('INVOKE')\nsys.exit(7)", "Extension.Crash", "exit status 7"),
        ("register()\nreport('init/error', 'Tap.NoConfig')\nsys.exit(1)", "Extension.InitError", "exit status 1"),
        ("register()\nreport('exit/error', 'Tap.Tired')\nsys.exit(1)", "Extension.ExitError", "exit status 1"),
    ],
)
def test_an_extension_that_ends_in_init_fails_the_init_and_the_request(engine, code, kind, how):
    result = played(engine, invoke(), tap=program(code))

    (request,) = result.invocations
    assert (request.outcome, request.error_type) == ("init-error", kind)
    assert json.loads(request.response) == {
        "errorType": kind,
        "errorMessage": f"RequestId: {request.request_id} Error: {how}",
    }
    reports = [line for line in lines(result) if line.startswith("INIT_REPORT")]
    assert [re.sub(r"[\d.]+ ms", "N ms", line) for line in reports] == [
        f"INIT_REPORT Init Duration: N ms\tPhase: {phase}\tStatus: error\tError Type: {kind}"
        for phase in ("init", "invoke")
    ]
    assert lines(result)[-1].endswith(f"Status: error\tError Type: {kind}")


@pytest.mark.parametrize(
    ("code", "kind", "how"),
    [
        ("sys.exit(0)", "Extension.Crash", "exit code 0"),
        ("os.kill(os.getpid(), 9)", "Extension.Crash", "signal: killed"),
        ("report('exit/error', 'Tap.Tired')\nsys.exit(1)", "Extension.ExitError", "exit status 1"),
    ],
)
def test_an_extension_that_ends_in_a_request_fails_it_and_is_started_again_with_the_next(engine, code, kind, how):
    ends = program(f"register('INVOKE')\nwait()\n{code}\n")
    result = played(engine, invoke("sleep"), invoke(), tap=ends, function={"timeout_s": 5})

    first, second = result.invocations
    assert (first.outcome, first.error_type) == ("extension-exit", kind)
    assert json.loads(first.response)["errorMessage"] == f"RequestId: {first.request_id} Error: {how}"
    assert second.start == "suppressed-init"
    assert seen(result, "tap").count("started") == 2
    assert of(result, EnvironmentReset)[0].record.reason == "failure"
    assert any(line.endswith(f"Status: error\tError Type: {kind}") for line in lines(result))


def test_an_answer_that_was_out_stays_though_the_extension_ends_after_it(engine):
    ends = program("register('INVOKE')\nwait()\ntime.sleep(0.3)\nsys.exit(9)\n")
    result = played(engine, invoke(), tap=ends)

    (request,) = result.invocations
    assert (request.outcome, json.loads(request.response)) == ("success", {"count": 1})
    assert lines(result)[-1].endswith("Status: error\tError Type: Extension.Crash")


def test_others_are_told_that_an_environment_failed_before_it_begins_anew(engine):
    result = played(engine, invoke("exit"), invoke(), recycle(), tap=LISTENS)

    said = [line for line in lines(result) if line.startswith("tap SHUTDOWN")]
    assert said == ["tap SHUTDOWN failure", "tap SHUTDOWN spindown"]
    assert [json.loads(each.response).get("count") for each in result.invocations] == [None, 1]
    assert sum(line.startswith("EXTENSION\tName: tap") for line in lines(result)) == 2


def test_after_a_timeout_extensions_are_told_so(engine):
    result = played(engine, invoke("sleep"), tap=LISTENS, function={"timeout_s": 1})

    assert result.invocations[0].outcome == "timeout"
    assert "tap SHUTDOWN timeout" in lines(result)


def test_an_extension_that_never_asks_again_uses_up_the_timeout_and_the_answer_stays(engine):
    silent = program("register('INVOKE')\nwait()\ntime.sleep(60)\n")
    result = played(engine, invoke(), still=silent, function={"timeout_s": 1})

    (request,) = result.invocations
    assert (request.outcome, json.loads(request.response)) == ("success", {"count": 1})
    assert request.duration_ms >= 1000
    assert lines(result)[-1].endswith("Status: timeout")
    assert [each.record.reason for each in of(result, EnvironmentReset)] == ["timeout"]


@pytest.mark.matrix
def test_an_extension_that_never_registers_uses_up_the_init(engine):
    scenario = {
        "version": 2,
        "function": a_function(timeout_s=1, extensions={"mute": program("time.sleep(60)")}),
        "init_limit": 0.5,
        "steps": [invoke()],
    }
    result = engine.run(parse_scenario(scenario), options=RunOptions(prove=False))

    assert result.invocations[0].outcome == "timeout"
    assert "EXTENSION\tName: mute\tState: Started\tEvents: []" in lines(result)
    assert sum(line.startswith("INIT_REPORT") and line.endswith("Status: timeout") for line in lines(result)) == 2


@pytest.mark.matrix
def test_who_stays_after_the_news_of_the_end_is_killed_at_the_end_of_the_budget(engine):
    stays = program("register('SHUTDOWN')\nwait()\nsay('told')\ntime.sleep(60)\n")
    result = played(engine, invoke(), recycle(), stays=stays)

    assert "stays told" in lines(result)
    assert seen(result, "stays")[-2:] == ["shutdown", "killed"]
    (end,) = (span for span in result.environments[0].spans if span.phase == "shutdown")
    assert end.end_us - end.start_us >= 1_900_000


def test_with_an_extension_the_runtime_gets_a_sigterm_first(engine):
    result = played(engine, invoke(), recycle(), code=SAYS_GOODBYE, tap=LISTENS)

    assert position(result, "runtime bye") < position(result, "tap SHUTDOWN")


def test_an_extension_inside_the_runtime_is_told_of_requests_and_gives_half_a_second_to_end(engine):
    result = played(engine, invoke(), recycle(), code=LOADS_ONE_INSIDE)

    assert json.loads(json.loads(result.invocations[0].response))["errorType"] == "Extension.RegistrationClosed"
    assert "inside INVOKE" in lines(result)
    assert "EXTENSION\tName: inside\tState: Ready\tEvents: [INVOKE]" in lines(result)
    assert [each.record.budget_ms for each in of(result, EnvironmentShutdown)] == [500]
    assert "runtime bye" in lines(result)
    assert not result.environments[0].extensions[0].external


def test_an_extension_is_frozen_with_the_rest(engine):
    ticks = program(
        """
import threading
at = []
def tick():
    while True:
        time.sleep(0.02)
        at.append(time.monotonic())
threading.Thread(target=tick, daemon=True).start()
register("INVOKE")
while wait():
    before = len(at)
    while len(at) < before + 2:
        time.sleep(0.01)
    say("gap", max(late - early for early, late in zip(at, at[1:])))
"""
    )
    result = played(engine, invoke(), idle(0.5), invoke(), ticker=ticks)

    gaps = [float(entry.line.split()[-1]) for entry in result.log if entry.line.startswith("ticker gap")]
    assert {each.record.processes for each in of(result, EnvironmentFrozen)} == {2}
    assert gaps[-1] >= 0.5


def test_an_extension_does_not_see_what_belongs_to_the_runtime(engine):
    shows = program('say(*sorted(os.environ))\nregister("INVOKE")\nwhile wait(): pass\n')
    result = played(engine, invoke(), shows=shows, function={"environment": {"STAGE": "dev"}})

    (line,) = (line for line in lines(result) if line.startswith("shows "))
    names = set(line.split()[1:])
    assert {"STAGE", "AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME", "AWS_ACCESS_KEY_ID", "TZ", "PATH"} <= names
    assert not names & {"_HANDLER", "AWS_EXECUTION_ENV", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"}
    assert not names & {"AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "_LAMBDA_TELEMETRY_LOG_FD"}


def test_an_extension_of_a_layer_is_started_as_well(engine):
    layer = {"name": "tap", "files": {"extensions/tap": base64.b64encode(LISTENS.encode()).decode()}}
    result = played(engine, invoke(), function={"layers": [layer]})

    assert seen(result, "tap")[:4] == ["started", "registered", "ready", "invoke"]


@pytest.mark.parametrize(
    ("extensions", "line"),
    [
        (
            {"text": "this is no program"},
            "EXTENSION\tName: text\tState: LaunchError\tEvents: []\tError Type: UnknownError",
        ),
        (
            {f"x{number:02}": LISTENS for number in range(11)},
            "EXTENSION\tName: x10\tState: LaunchError\tEvents: []\tError Type: TooManyExtensions",
        ),
    ],
)
def test_an_extension_that_cannot_be_started_fails_the_init(engine, extensions, line):
    result = played(engine, invoke(), **extensions)

    assert line in lines(result)
    assert (result.invocations[0].outcome, result.invocations[0].error_type) == ("init-error", "Extension.LaunchError")
