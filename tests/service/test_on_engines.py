"""The service on real backends: many requests at once, environments ahead of need, asynchronous attempts."""

import base64
import ctypes
import json
from collections import Counter
from pathlib import Path

import pytest

from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, idle, invoke, recycle
from tests.playing import lines, starts

# Its first request in each environment is number 1; it says how the environment came to be.
TELLS = """
import os, time
count = 0

def handler(event, context):
    global count
    count += 1
    time.sleep(event.get("s", 0))
    if event.get("crash"):
        os._exit(3)
    if event.get("fails"):
        raise ValueError("no")
    return {"count": count, "how": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]}
"""


def played(engine, *steps, code=TELLS, function=None, **settings):
    described = a_function(**({"files": {"app.py": code}} | (function or {})))
    scenario = parse_scenario({"function": described, "steps": list(steps), **settings})
    return engine.run(scenario, options=RunOptions(prove=False))


def together(count, **payload):
    return {"concurrent": [{"payload": payload} for _ in range(count)]}


def outcomes(result):
    return Counter(each.outcome.value for each in result.invocations)


def told(result):
    return [(each["count"], each["how"]) for each in (json.loads(one.response) for one in result.invocations)]


@pytest.mark.alone
def test_fifty_requests_at_once_have_fifty_environments(engine):
    result = played(engine, together(50, s=0.2), together(50))
    assert outcomes(result) == {"success": 50 + 50}
    assert len(result.environments) == 50
    assert Counter(starts(result)[:50]) == {"cold": 50}
    # Each has its own process: nobody's count is anybody else's.
    assert {count for count, _ in told(result)[:50]} == {1}


def test_fifty_requests_at_once_have_the_throttles_that_the_configuration_says(engine):
    result = played(engine, together(50), reserved_concurrency=5)
    assert outcomes(result) == {"success": 5, "throttled": 45}
    assert len(result.environments) == 5


@pytest.mark.smoke
def test_requests_at_once_overlap_and_wait_for_nobody(engine):
    result = played(engine, {"initialize": 3}, together(3, s=1))
    spans = [span for each in result.environments for span in each.spans if span.phase == "invoke"]
    assert max(span.start_us for span in spans) < min(span.end_us for span in spans)


@pytest.mark.smoke
def test_a_prepared_environment_waits_frozen_for_its_first_request(engine):
    result = played(engine, {"initialize": 1}, idle(1), invoke({}))
    (environment,) = result.environments
    assert [span.phase for span in environment.spans[:3]] == ["init", "frozen", "invoke"]
    assert environment.spans[1].end_us - environment.spans[1].start_us >= 1_000_000
    assert result.invocations[0].init_duration_ms > 0
    assert told(result) == [(1, "on-demand")]


def test_provisioned_environments_serve_first_spill_over_and_come_back(engine):
    result = played(
        engine,
        together(3, s=0.3),
        recycle(),
        invoke({}),
        initialization="provisioned-concurrency",
        provisioned_concurrency=2,
    )
    assert starts(result) == ["provisioned", "provisioned", "cold", "provisioned"]
    assert [how for _, how in told(result)] == [
        *["provisioned-concurrency"] * 2,
        "on-demand",
        "provisioned-concurrency",
    ]
    assert [each.init_duration_ms is None for each in result.invocations] == [True, True, False, True]
    assert sum(line.startswith("INIT_REPORT") for line in lines(result)) == 4


def test_after_a_reset_a_spare_is_made_and_the_reset_one_serves(engine):
    result = played(engine, invoke({"crash": 1}), invoke({}), spare_environments=True)
    assert [each.created_by for each in result.environments] == ["request", "proactive"]
    assert starts(result) == ["cold", "suppressed-init"]


def test_a_lowered_init_limit_aborts_a_real_init(engine):
    code = "import time\ntime.sleep(1)\n" + TELLS
    result = played(engine, invoke({}), code=code, function={"timeout_s": 20}, init_limit="500ms")
    (row,) = result.invocations
    assert any("Phase: init\tStatus: timeout" in line for line in lines(result))
    assert (row.outcome.value, row.init_duration_ms) == ("success", None)
    assert row.duration_ms >= 1000


def test_an_asynchronous_request_is_tried_three_times_in_compressed_time(engine):
    result = played(engine, {"invoke": {"payload": {"fails": 1}, "type": "event"}}, idle(1), invoke({}))
    (request,) = result.asynchronous
    assert (request.attempts, request.condition) == (3, "RetriesExhausted")
    assert request.destination["responsePayload"]["errorMessage"] == "no"
    assert len({each.request_id for each in result.invocations if each.index == 1}) == 1
    assert [each.attempt for each in result.invocations] == [1, 2, 3, 1]
    assert result.service_time_compressed
    last = result.events[-1]
    # A minute and two minutes, of each of which a second was lived through.
    assert 170 <= (last.service_at_us - last.at_us) / 1e6 <= 178


@pytest.mark.smoke
def test_an_idle_environment_ends_on_the_services_clock(engine):
    result = played(engine, invoke({}), idle("10m"), invoke({}), spin_down_after="5m")
    assert starts(result) == ["cold", "cold"]
    assert result.environments[0].ended_by == "spindown"


@pytest.mark.parametrize("count", [1, 3])
def test_reserved_concurrency_lets_more_environments_exist_than_may_run(engine, count):
    result = played(engine, {"initialize": count + 1}, together(count + 1), reserved_concurrency=count)
    assert outcomes(result) == {"success": count, "throttled": 1}
    assert len(result.environments) == count + 1


LOADS = """
import ctypes

def handler(event, context):
    library = ctypes.CDLL("/var/task/lib/native.so")
    library.zlibVersion.restype = ctypes.c_char_p
    return library.zlibVersion().decode()
"""


@pytest.mark.smoke
def test_a_native_library_that_is_attached_is_loaded(engine):
    ctypes.CDLL("libz.so.1")
    maps = Path("/proc/self/maps").read_text()
    library = next(line.split()[-1] for line in maps.splitlines() if "/libz.so" in line)
    attached = {"lib/native.so": base64.b64encode(Path(library).read_bytes()).decode()}

    result = played(engine, invoke(1), code=LOADS, function={"attached_files": attached})

    assert [each.outcome for each in result.invocations] == ["success"], result.log
    assert json.loads(result.invocations[0].response).startswith("1.")


LAYERED = {
    "python3.13": (
        "app.py",
        """
import os, shutil, subprocess, helper, only

def handler(event, context):
    try:
        open("/opt/python/helper.py", "w")
    except OSError as refused:
        refusal = refused.strerror
    said = subprocess.run(["tool"], capture_output=True, text=True).stdout.strip()
    return [helper.WHICH, only.WHICH, said, refusal, sorted(os.listdir("/opt"))]
""",
        {"python/helper.py": "WHICH = 1", "python/only.py": "WHICH = 'first'", "bin/tool": "#!/bin/sh\necho ran"},
        {"python/lib/python3.13/site-packages/extra.py": "", "python/helper.py": "WHICH = 2"},
        [2, "first", "ran", "Read-only file system", ["bin", "python"]],
    ),
    "nodejs22.x": (
        "app.mjs",
        """
import { createRequire } from "node:module";
import which from "helper";
const only = createRequire(import.meta.url)("only");
export const handler = async () => [which, only];
""",
        {
            "nodejs/node_modules/helper/index.js": "module.exports = 1",
            "nodejs/node_modules/only/index.js": "module.exports = 'first'",
        },
        {"nodejs/node_modules/helper/index.js": "module.exports = 2"},
        [2, "first"],
    ),
}


@pytest.mark.parametrize("runtime", LAYERED)
def test_layers_are_merged_in_their_order_and_found_by_the_runtime(engine, runtime):
    file, code, *layers, expected = LAYERED[runtime]
    encoded = [
        {
            "name": f"layer-{number}",
            "files": {path: base64.b64encode(text.encode()).decode() for path, text in each.items()},
        }
        for number, each in enumerate(layers)
    ]

    result = played(engine, invoke(1), function={"runtime": runtime, "files": {file: code}, "layers": encoded})

    assert [each.outcome for each in result.invocations] == ["success"], result.log
    assert json.loads(result.invocations[0].response) == expected
