"""Starts of sandboxes are counted, with the time they took, for whoever wants to know."""

import pytest

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.instrumented import InstrumentedBackend
from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.run.engine import Engine
from tests.builders import scenario
from tests.fakes.backend import FakeBackend


class Exhausted(FakeBackend):
    async def start(self, spec):
        raise BackendUnavailable("no room")


async def test_a_start_is_noted_with_backend_and_seconds():
    noted = []
    backend = InstrumentedBackend(FakeBackend(), lambda *start: noted.append(start))

    sandbox = await backend.start(SandboxSpec("somebody", 128, 512))
    await sandbox.destroy()

    [(name, started, seconds)] = noted
    assert (name, started) == (backend.name, True)
    assert seconds >= 0


async def test_a_start_that_fails_is_noted_as_failed():
    noted = []

    with pytest.raises(BackendUnavailable):
        await InstrumentedBackend(Exhausted(), lambda *start: noted.append(start)).start(
            SandboxSpec("somebody", 128, 512)
        )

    assert [started for _, started, _ in noted] == [False]


def test_an_engine_notes_what_its_runs_start():
    noted = []

    with Engine(pool=False, backend=FakeBackend(), on_start=lambda *start: noted.append(start)) as engine:
        engine.run(scenario())

    assert noted
