"""Telemetry on real backends: what subscribers get of inits, requests and logs, when, and what they do not get."""

from __future__ import annotations

import json

import pytest

from sandbox_runner.events.records import (
    PlatformInitReport,
    PlatformReport,
)
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, invoke, recycle
from tests.extensions.programs import subscriber

HANDLER = """
import os, sys, time
print("loaded")

def handler(event, context):
    print("handled", event)
    if event == "exit":
        os._exit(3)
    return {"ok": event}
"""
FAILS_ONCE = """
import os, sys
if not os.path.exists("/tmp/again"):
    open("/tmp/again", "w").close()
    sys.exit(1)

def handler(event, context):
    return 1
"""


def played(engine, *steps, code=HANDLER, function=None, **extensions):
    described = a_function(
        **({"files": {"app.py": code}, "timeout_s": 10, "extensions": extensions} | (function or {}))
    )
    scenario = parse_scenario({"version": 2, "function": described, "steps": list(steps)})
    return engine.run(scenario, options=RunOptions(prove=False))


def got(result, name="tap"):
    """The records that the extension said it got."""
    said = [entry.line for entry in result.log if entry.line.startswith(f"{name} got ")]
    return [json.loads(line.removeprefix(f"{name} got ")) for line in said]


def of(records, kind):
    return [each["record"] for each in records if each["type"] == kind]


def records(result, kind):
    return [event.record for event in result.events if isinstance(event.record, kind)]


@pytest.mark.smoke
def test_a_subscriber_gets_what_the_log_is_made_from(engine):
    result = played(
        engine,
        invoke(payload="a"),
        invoke(payload="b"),
        recycle(),
        tap=subscriber('take()\nregister("INVOKE", "SHUTDOWN")\nsay(*subscribe())\nserve()'),
    )

    taken = got(result)
    first, second = (each.request_id for each in result.invocations)
    assert 'tap 200 "OK"' in [entry.line for entry in result.log]
    assert "TELEMETRY\tName: tap\tState: Subscribed\tTypes: [Platform, Function]" in [e.line for e in result.log]
    # It began after its own start, and has what was before.
    assert [each["type"] for each in taken] == [
        *("platform.initStart", "platform.telemetrySubscription", "function", "platform.initRuntimeDone"),
        *("platform.extension", "platform.initReport"),
        *("platform.start", "function", "platform.runtimeDone", "platform.report") * 2,
    ]
    assert of(taken, "platform.initStart")[0] | {"runtimeVersion": 0, "runtimeVersionArn": 0} == {
        "initializationType": "on-demand",
        "phase": "init",
        "functionName": "holdover",
        "functionVersion": "$LATEST",
        "runtimeVersion": 0,
        "runtimeVersionArn": 0,
    }
    assert of(taken, "platform.telemetrySubscription") == [
        {"name": "tap", "state": "Subscribed", "types": ["platform", "function"]}
    ]
    assert of(taken, "function") == ["loaded\n", "handled a\n", "handled b\n"]
    assert [each["requestId"] for each in of(taken, "platform.start")] == [first, second]
    metrics = [each["metrics"] for each in of(taken, "platform.report")]
    assert metrics == [
        json.loads(each.metrics.model_dump_json(by_alias=True, exclude_none=True))
        for each in records(result, PlatformReport)
    ]


def test_a_suppressed_init_is_told_with_its_phase_before_the_request(engine):
    result = played(
        engine,
        invoke(),
        recycle(),
        code=FAILS_ONCE,
        tap=subscriber('take()\nregister("SHUTDOWN")\nsubscribe(types=["platform"])\nserve()'),
    )

    taken = [(each["type"], each["record"].get("phase"), each["record"].get("status")) for each in got(result)]
    begin = taken.index(("platform.initStart", "invoke", None))
    assert [each for each in taken[begin:] if each[0] != "platform.extension"] == [
        ("platform.initStart", "invoke", None),
        ("platform.telemetrySubscription", None, None),
        ("platform.initRuntimeDone", "invoke", "success"),
        ("platform.initReport", "invoke", "success"),
        ("platform.start", None, None),
        ("platform.runtimeDone", None, "success"),
        ("platform.report", None, "success"),
    ]
    assert ("platform.initReport", "init", "error") in taken[:begin]
    assert [each.phase for each in records(result, PlatformInitReport)] == ["init", "invoke"]


def test_one_subscriber_takes_tcp_and_another_what_the_logs_api_has(engine):
    by_tcp = """
def lines():
    for line in server.accept()[0].makefile("rb"):
        say("got", line.decode().strip())

server = socket.create_server(("sandbox.localdomain", 4244))
threading.Thread(target=lines, daemon=True).start()
register("INVOKE", "SHUTDOWN")
subscribe(types=["function"], destination={"protocol": "TCP", "port": 4244})
serve()
"""
    older = 'take()\nregister("INVOKE", "SHUTDOWN")\nsubscribe("logs", types=["platform"])\nserve()'

    result = played(engine, invoke(payload="exit"), recycle(), tap=subscriber(by_tcp), older=subscriber(older))

    assert of(got(result), "function")[:2] == ["loaded\n", "handled exit\n"]
    assert "LOGS\tName: older\tState: Subscribed\tTypes: [Platform]" in [entry.line for entry in result.log]
    kinds = [each["type"] for each in got(result, "older")]
    assert {"platform.logsSubscription", "platform.extension", "platform.start"} <= set(kinds)
    assert not [kind for kind in kinds if kind.startswith("platform.init")]
