"""Replays that could get in each other's way.

Handlers that wait differently each time, that take a port, a file or all of the memory, or that fork when they load.
"""

import pytest

from benchmarks.proofs import at_once
from sandbox_runner.scenario.model import Scenario

KEEPS = """import random, socket, time
kept, served = {}, []
def handler(event, context):
    served.append(1)
    kept.setdefault("user", event["user"])
"""
KEEPS_NOTHING = """import pathlib, socket, time

def take(path):
    try:
        pathlib.Path(path).touch(exist_ok=False)
    except OSError as problem:
        return problem.strerror
    time.sleep(0.5)
    pathlib.Path(path).unlink()
    return "taken"

def handler(event, context):
    kept = {"user": event["user"]}
"""
FORKS = """import os, socket, threading, time
for _ in range(8):
    if os.fork() == 0:
        time.sleep(600)
        os._exit(0)
"""
HOLDS = """server = socket.create_server(("127.0.0.1", 8123))
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
"""
FILLS = "held = [bytearray(8 << 20) for _ in iter(int, 1)]\n"
KEEPS_THE_FIRST = """kept = {}
def handler(event, context):
    time.sleep(0.4)
    return kept.setdefault("user", event["user"])
"""
CALLERS = ("alice-7Qx", "bob-3Zk")


def played(engine, code):
    function = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": code}}
    steps = [{"invoke": {"as": caller, "payload": {"user": caller}}} for caller in CALLERS]
    return engine.run(Scenario.model_validate({"version": 2, "function": function, "steps": steps}))


def side_by_side(engine, code):
    result = played(engine, code)
    assert at_once(result) > 1
    return result


@pytest.mark.matrix
@pytest.mark.parametrize(
    "waits",
    ["time.sleep(random.uniform(0.4, 0.8))", "time.sleep(0.4 * len(served))", "time.sleep(0.4 + time.time() % 0.3)"],
    ids=["at random", "longer each time", "by the clock"],
)
def test_what_waits_differently_each_time_is_proven_with_its_place(engine, waits):
    (finding,) = side_by_side(engine, f'{KEEPS}    {waits}\n    return kept["user"]\n').findings
    assert (finding.kind, finding.confidence, finding.carrier_confirmed) == ("answer-leak", "proven", True)


@pytest.mark.matrix
@pytest.mark.parametrize(
    "takes",
    [
        'taken = socket.create_server(("127.0.0.1", 8123)); time.sleep(0.5); taken.close()',
        'kept["file"] = take("/tmp/lock")',
        'kept["file"] = take("/dev/shm/lock"); time.sleep(0.5)',
    ],
    ids=["a port", "a file", "a file outside of tmp"],
)
def test_what_takes_a_port_or_a_file_while_it_runs_is_alone_with_it(engine, takes):
    result = side_by_side(engine, f"{KEEPS_NOTHING}    {takes}\n    return kept\n")
    assert (result.verdict, {each.outcome for each in result.invocations}) == ("clean", {"success"})


@pytest.mark.matrix
@pytest.mark.parametrize("init", [FORKS, FORKS + HOLDS], ids=["forks", "forks, with a port and a thread"])
def test_what_forks_when_it_loads_is_proven_with_its_place(engine, init):
    (finding,) = side_by_side(engine, init + KEEPS_THE_FIRST).findings
    assert (finding.kind, finding.confidence, finding.carrier_confirmed) == ("answer-leak", "proven", True)


@pytest.mark.matrix
def test_what_fills_the_memory_when_it_loads_has_nothing_proven_and_leaves_the_next_run_alone(engine):
    failed = played(engine, f"import time\n{FILLS}{KEEPS_THE_FIRST}")
    assert {each.outcome for each in failed.invocations} == {"out-of-memory"}
    assert not failed.findings
    assert "all-failed" in [said.code for said in failed.verdict_messages]
    (finding,) = played(engine, f"import time\n{KEEPS_THE_FIRST}").findings
    assert finding.confidence == "proven"
