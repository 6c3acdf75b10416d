"""The limits of initialisation: what is over them is repeated inside a request, and may swallow it."""

from __future__ import annotations

import re

import pytest

from sandbox_runner.limits import ON_DEMAND_INIT_S
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, invoke
from tests.playing import answers, lines, reports, starts

TIMED_OUT = r"INIT_REPORT Init Duration: ([\d.]+) ms\tPhase: (init|invoke)\tStatus: timeout"

# Module code that counts its runs in /tmp, where a reset leaves them, and waits as long as `waits` says for that run.
MODULE = """
import os, time
with open("/tmp/runs", "a") as runs:
    runs.write(".")
run = os.path.getsize("/tmp/runs")
time.sleep({waits})
def handler(event, context):
    if event == "die":
        os._exit(1)
    return [run, context.get_remaining_time_in_millis()]
"""


# What waits that long is ended by a limit.
NEVER_S = 60
# By so much a busy machine is late.
LATE_MS = 5000


def played(engine, waits, *payloads, init_limit=None, timeout_s=20):
    function = a_function(files={"app.py": MODULE.format(waits=waits)}, timeout_s=timeout_s)
    asked = {"function": function, "steps": list(map(invoke, payloads)), "init_limit": init_limit}
    return engine.run(Scenario.model_validate(asked), options=RunOptions(prove=False))


def timed_out_inits(result):
    found = [re.fullmatch(TIMED_OUT, line) for line in lines(result)]
    return [(each[2], float(each[1])) for each in found if each]


def test_an_init_over_its_limit_is_repeated_inside_the_first_request(engine):
    result = played(engine, f"{NEVER_S} if run == 1 else 0", 1, 1, init_limit=1)
    ((phase, length),) = timed_out_inits(result)
    assert phase == "init"
    assert 1000 <= length < 1000 + LATE_MS
    assert [each[0] for each in answers(result)] == [2, 2], "module code ran twice for one visible request"
    assert starts(result) == ["cold", "warm"]
    assert "Init Duration" not in reports(result)[0]


@pytest.mark.slow
def test_the_limit_of_an_init_on_demand_is_ten_seconds(engine):
    result = played(engine, f"{NEVER_S} if run == 1 else 0", 1)
    ((phase, length),) = timed_out_inits(result)
    assert phase == "init"
    assert ON_DEMAND_INIT_S * 1000 <= length < ON_DEMAND_INIT_S * 1000 + LATE_MS
    assert answers(result)[0][0] == 2


def test_an_init_that_never_fits_times_out_every_request(engine):
    """The loop that a short timeout makes of a slow init; the module code runs again for each request."""
    result = played(engine, NEVER_S, 1, 1, init_limit=1, timeout_s=1)
    assert [phase for phase, _ in timed_out_inits(result)] == ["init", "invoke", "invoke"]
    for each, answer in zip(result.invocations, answers(result), strict=True):
        assert answer == {
            "errorType": "Sandbox.Timedout",
            "errorMessage": f"RequestId: {each.request_id} Error: Task timed out after 1.00 seconds",
        }
    assert all(line.endswith("\tStatus: timeout") for line in reports(result))
    assert starts(result) == ["cold", "suppressed-init"]


def test_a_hidden_init_can_swallow_the_request_after_a_crash(engine):
    result = played(engine, f"{NEVER_S} if run == 2 else 0", "die", "lost", "served", timeout_s=5)
    assert [each.outcome for each in result.invocations] == ["runtime-exit", "timeout", "success"]
    assert [phase for phase, _ in timed_out_inits(result)] == ["invoke"]
    assert answers(result)[2][0] == 3


def test_a_hidden_init_eats_the_handlers_time(engine):
    result = played(engine, "3 if run == 2 else 0", "die", "late", "warm", timeout_s=20)
    (_, late), (_, warm) = answers(result)[1:]
    assert late <= 17_000
    assert 17_000 < warm <= 20_000
