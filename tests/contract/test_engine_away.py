"""A Docker engine that goes away and comes back: what it left is cleared away, and what is said is for people."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.docker import DEFAULT_HOST, DockerBackend
from sandbox_runner.backends.pool import Pool
from sandbox_runner.errors import BackendUnavailable, EngineAway
from sandbox_runner.messages import say
from tests.contract.engines import NOTHING, EveryoneBut, traces
from tests.fakes.engine_proxy import EngineProxy

pytestmark = pytest.mark.docker

OWNER = f"engine-away-{os.getpid()}"
SPEC = SandboxSpec(OWNER, memory_mb=128, tmp_mb=512)
PROJECT = Path(__file__).parents[2]
ATTACHES = """
import asyncio, gc, sys
from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.docker import DockerBackend

async def main(image, owner):
    backend = DockerBackend(image)
    sandbox = await backend.start(SandboxSpec(owner, 128, 512))
    await sandbox.destroy()
    await backend.close()

asyncio.run(main(*sys.argv[1:]))
gc.collect()
"""


@pytest.fixture
def proxy(docker_image, tmp_path, monkeypatch):
    engine = os.environ.get("DOCKER_HOST", DEFAULT_HOST).removeprefix("unix://")
    proxy = EngineProxy(tmp_path / "engine.sock", engine)
    # Who looks for traces asks the engine itself.
    with monkeypatch.context() as patched:
        patched.setenv("DOCKER_HOST", proxy.host)
        yield proxy
    proxy.cut()


@pytest.fixture
async def cuttable(proxy, docker_image):
    backend = DockerBackend(docker_image)
    yield backend
    await backend.close()


def left(monkeypatch):
    """What the engine itself has of us, however the way to it is."""
    with monkeypatch.context() as straight:
        straight.delenv("DOCKER_HOST")
        return traces(OWNER)


async def test_what_could_not_be_removed_is_swept_while_its_owner_lives(proxy, cuttable, monkeypatch):
    kept, lost = await cuttable.start(SPEC), await cuttable.start(SPEC)
    proxy.cut()
    with pytest.raises(EngineAway, match="nothing listens at unix:"):
        await lost.destroy()
    proxy.mend()

    await cuttable.sweep(EveryoneBut("nobody"))

    assert left(monkeypatch)["volumes"] == [kept.id]
    await kept.destroy()
    assert left(monkeypatch) == NOTHING


async def test_an_engine_that_is_back_is_used_again_and_what_waited_is_replaced(proxy, docker_image, monkeypatch):
    pool = Pool(DockerBackend(docker_image), size=1, rest_s=0)
    first = await pool.start(SPEC)
    proxy.cut()
    with pytest.raises(EngineAway):
        await pool.describe()
    proxy.mend()

    await pool.sweep(EveryoneBut("nobody"))
    second = await pool.start(SPEC)
    await second.destroy()
    await first.destroy()
    await pool.close()

    assert left(monkeypatch) == NOTHING


async def test_a_runtime_that_the_engine_does_not_know_is_named(docker_image):
    backend = DockerBackend(docker_image, runtime="runnobody")
    with pytest.raises(BackendUnavailable, match=r"does not know the runtime runnobody .* it knows .*runc"):
        await backend.describe()
    await backend.close()


async def test_a_runtime_that_the_engine_knows_is_described(docker_image):
    backend = DockerBackend(docker_image, runtime="runc")
    assert (await backend.describe()).isolation == say("isolated-in-container", runtime="runc")
    await backend.close()


def test_nothing_complains_when_the_attached_connections_response_is_collected(docker_image):
    """In Python's development mode, as Python 3.13 always does, what a finaliser met is written to stderr."""
    command = [sys.executable, "-X", "dev", "-W", "ignore", "-c", ATTACHES, docker_image, OWNER]

    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120)

    assert (done.returncode, done.stderr) == (0, "")
