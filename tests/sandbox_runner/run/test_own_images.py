"""Runtimes with an image of their own: which sandboxes are asked for, what is missing, and how many wait."""

import asyncio

from sandbox_runner.backends import Pool
from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.namespace import NamespaceBackend
from sandbox_runner.backends.pool import KINDS_MAX, READY_DEFAULT
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.runtimes.registry import RUNTIMES, runtime_of
from tests.builders import invoke, scenario
from tests.fakes.backend import FakeBackend

OWN = [each.identifier for each in RUNTIMES if each.on_demand]


def specs_of(runtime):
    backend = FakeBackend()
    backend.runtimes[runtime_of(runtime).identifier] = {"python": "3"}
    asyncio.run(play(scenario(invoke(), runtime=runtime), backend, clock=backend.clock, options=RunOptions()))
    return {spec.runtime for spec in backend.specs}


def test_a_run_and_its_replays_are_played_in_sandboxes_of_the_runtimes_own_image():
    assert specs_of("python3.11") == {"python3.11"}


def test_what_another_runtime_plays_is_played_in_that_ones_image():
    assert specs_of("python3.10") == {"python3.11"}
    assert specs_of("python3.12") == {""}


def test_an_engine_says_which_images_are_missing():
    backend = FakeBackend()
    backend.not_built = {"python3.14"}
    with Engine(backend=backend) as engine:
        assert engine.missing(["python3.13", "python3.14"]) == ("python3.14",)


async def test_a_root_file_system_that_is_not_there_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("HOLDOVER_DATA", str(tmp_path))

    assert await NamespaceBackend().missing(["python3.13", *OWN]) == tuple(OWN)


async def test_the_pool_does_not_grow_with_the_number_of_runtimes():
    pool = Pool(backend := FakeBackend(), rest_s=0)
    for number in range(12):
        pool.prepare(SandboxSpec("worker", 128, 512, runtime=f"python3.{number}"))
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(backend.alive) == KINDS_MAX * READY_DEFAULT
    await pool.close()
    assert backend.alive == {}
