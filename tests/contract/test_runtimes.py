"""Every runtime that has an image of its own: its client, its probe, its proof and its SDK."""

from __future__ import annotations

import json

import pytest

from sandbox_runner.errors import OurFailure
from sandbox_runner.image import ensure_docker_image, ensure_rootfs
from sandbox_runner.image.selection import image_of
from sandbox_runner.run.engine import Engine
from sandbox_runner.runtimes.registry import RUNTIMES
from sandbox_runner.scenario.model import Scenario
from tests.contract.engines import BACKENDS, missing

pytestmark = pytest.mark.matrix
PYTHON = """
import atexit, os, sys, tempfile, threading
from concurrent.futures import ThreadPoolExecutor
cache = {}
pool = ThreadPoolExecutor(1)
def handler(event, context):
    if event.get("do") == "exit":
        os._exit(7)
    was, cache["user"] = cache.get("user"), event.get("user")
    print("seen", pool.submit(lambda: event.get("user")).result())
    with open("/tmp/kept", "a") as file:
        file.write("x")
    import boto3
    version = "python" + ".".join(map(str, sys.version_info[:2]))
    said = {"was": was, "version": version, "env": os.environ["AWS_EXECUTION_ENV"]}
    return said | {"sdk": bool(boto3.client("s3", region_name="us-east-1")), "kept": os.path.getsize("/tmp/kept")}
"""
NODE = """
import fs from "node:fs";
import { S3Client } from "@aws-sdk/client-s3";
let user = null;
export const handler = async (event) => {
  if (event.do === "exit") process.exit(7);
  const was = user;
  user = event.user ?? null;
  console.log("seen", await Promise.resolve(event.user));
  fs.appendFileSync("/tmp/kept", "x");
  const version = `nodejs${process.versions.node.split(".")[0]}.x`;
  const sdk = Boolean(new S3Client({ region: "us-east-1" }));
  return { was, version, env: process.env.AWS_EXECUTION_ENV, sdk, kept: fs.statSync("/tmp/kept").size };
};
"""
OWN = [each for each in RUNTIMES if each.on_demand]


@pytest.fixture(scope="module", params=OWN, ids=lambda each: each.identifier)
def runtime(request):
    return request.param


@pytest.fixture(scope="module", params=BACKENDS)
def result(request, runtime):
    """A run with a leak, an exit and what comes after it."""
    image = image_of(runtime)
    try:
        ensure_docker_image(image) if request.param == "docker" else ensure_rootfs(image)
        with Engine(request.param, pool=False) as engine:
            return engine.run(_scenario(runtime))
    except OurFailure as problem:
        missing(problem)


def _scenario(runtime):
    code, name = (PYTHON, "app.py") if runtime.language.key == "python" else (NODE, "app.mjs")
    payloads = [{"user": "alice-12345"}, {"user": "bob-67890"}, {"do": "exit"}, {"user": "carol-24680"}]
    steps = [{"invoke": {"payload": each, "as": f"tenant-{n}"}} for n, each in enumerate(payloads, 1)]
    function = {"runtime": runtime.identifier, "handler": "app.handler", "files": {name: code}, "timeout_s": 30}
    return Scenario.model_validate({"function": function | {"memory_mb": 256}, "steps": steps})


def answers(result):
    return [json.loads(one.response) for one in result.invocations]


def test_its_own_interpreter_plays_it_and_the_function_sees_its_name(result, runtime):
    assert {(one["version"], one["env"]) for one in answers(result) if "version" in one} == {
        (runtime.identifier, f"AWS_Lambda_{runtime.identifier}")
    }
    assert result.backend.played_on == {}


def test_awss_sdk_is_there(result):
    assert [one["sdk"] for one in answers(result) if "sdk" in one] == [True, True, True]


def test_an_exit_loses_the_process_and_keeps_tmp(result):
    assert [one.outcome.value for one in result.invocations] == ["success", "success", "runtime-exit", "success"]
    assert (answers(result)[3]["was"], answers(result)[3]["kept"]) == (None, 3)


def test_the_leak_is_proven_and_the_probe_names_its_carrier(result, runtime):
    finding = result.findings[0]
    carrier = "app.cache['user']" if runtime.language.key == "python" else "app.user"
    assert (finding.grade.value, finding.confidence) == ("leak", "proven")
    assert (finding.location.path, finding.carrier_confirmed) == (carrier, True)


def test_what_it_logs_is_given_to_the_request_that_wrote_it(result):
    seen = [entry for entry in result.log if "seen " in entry.line]
    assert [entry.line.split()[-1] for entry in seen] == ["alice-12345", "bob-67890", "carol-24680"]
    assert [entry.request_id for entry in seen] == [result.invocations[at].request_id for at in (0, 1, 3)]


def test_the_log_names_its_version(result, runtime):
    assert f"{runtime.language.logged_name}:{runtime.release}.v" in result.log[0].line
