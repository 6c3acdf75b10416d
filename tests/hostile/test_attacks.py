"""Whatever a handler does, its request ends clearly, this process stays small, nothing is left, the next run works."""

from __future__ import annotations

import contextlib
import functools
import json
from pathlib import Path

import pytest

from sandbox_runner.limits import MB, RUN_LOG_BYTES_MAX
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from tests.builders import invoke, scenario
from tests.contract.engines import NOTHING, OWNER, left_in_the_end, make_backend
from tests.hostile.attacks import ATTACKS

GROWTH_MAX = 64 * MB
OPTIONS = RunOptions(prove=False, owner=OWNER)

CASES = [
    *(pytest.param("docker", attack, id=f"docker-{attack.id}", marks=pytest.mark.docker) for attack in ATTACKS),
    *(
        pytest.param(
            "namespace",
            attack,
            id=f"namespace-{attack.id}",
            marks=[pytest.mark.namespace, *([pytest.mark.matrix] if attack.supervised else [])],
        )
        for attack in ATTACKS
        if attack.everywhere
    ),
]


@pytest.fixture(scope="module")
def without_a_pool(request):
    """An engine of each backend that starts each sandbox when it is asked for, so that none is left in between."""
    with contextlib.ExitStack() as open_engines:

        @functools.cache
        def engine(name):
            return open_engines.enter_context(Engine(pool=False, backend=make_backend(name, request)))

        yield engine


@pytest.mark.parametrize(("name", "attack"), CASES)
def test_an_attack_comes_to_a_clear_end(name, attack, without_a_pool):
    engine = without_a_pool(name)
    before = start_measuring()

    result = engine.run(script(attack), options=OPTIONS)

    assert most_memory() - before <= GROWTH_MAX
    assert left_in_the_end() == NOTHING
    assert {invocation.outcome for invocation in result.invocations} <= attack.ends, told(result)
    assert_says(attack, result)
    assert sum(invocation.truncated.log_bytes for invocation in result.invocations) >= attack.cuts
    assert sum(len(entry.line.encode()) for entry in result.log) <= 2 * RUN_LOG_BYTES_MAX
    assert_the_next_run_works(engine)


def script(attack):
    file = "app.py" if attack.runtime.startswith("python") else "app.mjs"
    return scenario(
        *[invoke({"number": number}, f"tenant-{number}") for number in range(attack.requests)],
        runtime=attack.runtime,
        files={file: attack.code},
        timeout_s=attack.timeout_s,
        memory_mb=attack.memory_mb,
        environment=attack.environment,
    ).model_copy(update={"init_limit": attack.init_limit})


def assert_says(attack, result):
    last = result.invocations[-1]
    if attack.error:
        assert attack.error in last.response, told(result)
    elif last.outcome is Outcome.SUCCESS:
        assert attack.says(answer(last.response)), told(result)


def answer(response):
    try:
        return json.loads(response)
    except ValueError:
        return response


def assert_the_next_run_works(engine):
    result = engine.run(scenario(invoke(1)), options=OPTIONS)

    assert [invocation.outcome for invocation in result.invocations] == [Outcome.SUCCESS], told(result)


def told(result):
    """What a person would see of it."""
    return [
        (
            invocation.outcome,
            invocation.error_type,
            invocation.response[:300],
            [line[:200] for line in invocation.log[:20]],
        )
        for invocation in result.invocations
    ]


def start_measuring():
    """Forget the high-water mark, see proc_pid_clear_refs(5); returns what is used now, in bytes."""
    Path("/proc/self/clear_refs").write_text("5")
    return most_memory()


def most_memory():
    """The most memory that this process has used since the measuring began, in bytes."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
