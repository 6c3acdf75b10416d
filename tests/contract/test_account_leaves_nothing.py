"""A hundred runs with an account leave what a few left: no process, container, socket, file or memory more."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from pathlib import Path

import pytest

from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, invoke
from tests.contract.engines import BACKENDS, containers, make_backend, processes, volumes
from tests.playing import answers

RUNS = 100
# Looks, a tenth of a second apart, that see the same.
CALM = 20
# Memory has settled after so many; of each run after that, 100 KB may stay with the allocator.
WARM = 20
GROWTH_KB = 8_000
CODE = """
import urllib.request

def handler(event, context):
    return urllib.request.urlopen("https://letters.s3.us-east-1.amazonaws.com/k").read().decode()
"""
LETTER = {"s3.put_object": {"Bucket": "letters", "Key": "k", "Body": "hoge", "ACL": "public-read"}}


def descendants():
    """How many processes this one has, and all of theirs."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, waiting = set(), [os.getpid()]
    while waiting:
        own = waiting.pop()
        children = [process for process, parent in parents.items() if parent == own and process not in found]
        found.update(children)
        waiting += children
    return len(found)


def sockets():
    """How many sockets this process has."""
    count = 0
    for each in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            count += str(each.readlink()).startswith("socket:")
    return count


def left(owner):
    """What there is of everything that a run makes."""
    return {
        "processes": descendants(),
        "sandboxes": len(processes(owner)) + len(containers(owner)),
        "volumes": len(volumes(owner)),
        "mounts": sum("holdover" in line for line in Path("/proc/self/mountinfo").read_text().splitlines()),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "sockets": sockets(),
    }


def resident_kb():
    """The memory of this process."""
    gc.collect()
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def settled(owner):
    """The same, when it has not changed for a while: a process that was killed is gone a moment later."""
    seen = []
    while len(seen) < CALM or len({str(each) for each in seen[-CALM:]}) > 1:
        time.sleep(0.1)
        seen.append(left(owner))
    return seen[-1]


def more_than(before, owner):
    """What there is more of than before; less is what another process has taken away meanwhile."""
    return {what: (before[what], count) for what, count in settled(owner).items() if count > before[what]}


def runs(engine, asked):
    """What there was after a few and after a hundred more, and by how many KB the memory grew."""
    for number in range(RUNS + 3):
        assert answers(engine.run(asked, options=RunOptions(prove=False))) == ["hoge"]
        if number == 2:
            few = settled(engine.owner)
        if number == WARM:
            warm_kb = resident_kb()
    return few, resident_kb() - warm_kb


@pytest.mark.matrix
@pytest.mark.parametrize("name", BACKENDS)
def test_a_hundred_runs_leave_what_a_few_left(name, request):
    function = a_function(files={"app.py": CODE}, timeout_s=30)
    account = {"resources": [{"s3.create_bucket": {"Bucket": "letters"}}, LETTER]}
    asked = Scenario.model_validate({"version": 2, "function": function, "account": account, "steps": [invoke(1)]})

    before = settled("")
    with Engine(backend=make_backend(name, request), pool=False) as engine:
        few, grown_kb = runs(engine, asked)
        assert grown_kb < GROWTH_KB
        assert more_than(few, engine.owner) == {}
    assert more_than(before, engine.owner) == {}
