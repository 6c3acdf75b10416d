"""Clearing away goes on beside the run, and is over before it."""

import asyncio

import pytest

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.removals import Removals
from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.run.runner import RunOptions, play
from tests.builders import invoke, recycle, scenario
from tests.fakes.backend import FakeBackend, FakeSandbox

SPEC = SandboxSpec("o", 128, 512)


class Slow(FakeSandbox):
    """Is gone only some turns of the loop after it was destroyed, or never."""

    async def destroy(self):
        for _ in range(20):
            await asyncio.sleep(0)
        if self._backend.fails:
            raise BackendUnavailable("the engine is away")
        await super().destroy()


class SlowBackend(FakeBackend):
    """Makes such sandboxes."""

    fails = False

    async def start(self, spec):
        sandbox = Slow(f"slow-{len(self.started)}", self)
        self.started.append(sandbox)
        self.alive[sandbox.id] = sandbox
        return sandbox


async def test_a_sandbox_is_on_its_way_out_when_destroy_returns_and_gone_when_all_is_settled():
    backend = SlowBackend()
    removals = Removals(backend)
    sandbox = await removals.start(SPEC)

    await sandbox.destroy()
    await sandbox.destroy()
    assert len(backend.alive) == 1
    await removals.settled()
    assert backend.alive == {}


async def test_what_cannot_be_cleared_away_is_told_when_all_is_settled():
    backend = SlowBackend()
    backend.fails = True
    removals = Removals(backend)
    await (await removals.start(SPEC)).destroy()

    with pytest.raises(BackendUnavailable, match="away"):
        await removals.settled()


async def test_nothing_is_left_when_a_run_is_over():
    backend = SlowBackend()

    await play(scenario(invoke(1), recycle(), invoke(2)), backend, clock=backend.clock, options=RunOptions())

    assert len(backend.started) > 1
    assert backend.alive == {}
