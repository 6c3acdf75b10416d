"""Whoever starts a sandbox ends it, even by dying."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import docker
import pytest

from sandbox_runner.backends import abandoned
from sandbox_runner.backends.docker import DockerBackend
from sandbox_runner.backends.docker_command import OWNER_LABEL
from sandbox_runner.errors import SandboxLost
from tests.contract.conversation import Conversation
from tests.contract.engines import NOTHING, OWNER, SPEC, EveryoneBut, make_backend, traces

PROJECT = Path(__file__).parents[2]
HOST = """
import asyncio, sys
from pathlib import Path
from sandbox_runner.backends import DockerBackend, NamespaceBackend, Pool
from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.guest.wire import Invoke, Started
from tests.contract.conversation import Conversation

async def main(name, place, owner):
    backend = Pool(DockerBackend(place) if name == "docker" else NamespaceBackend(Path(place)), size=1)
    spec = SandboxSpec(owner, 128, 512)
    talk = Conversation(await backend.start(spec))
    await talk.load("import os\\ndef handler(e, c):\\n    os.fork()\\n    while True: pass")
    await talk.sandbox.send(Invoke("r", 60_000_000, {"Lambda-Runtime-Aws-Request-Id": "r"}, b"{}"))
    await talk.hear(Started)
    async with asyncio.timeout(20):
        while not backend.ready(spec):
            backend.prepare(spec)
            await asyncio.sleep(0.01)
    print("busy", flush=True)
    await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""
GONE_WITHIN_S = 10


@pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param("namespace", "rootfs", marks=pytest.mark.namespace),
        pytest.param("docker", "docker_image", marks=pytest.mark.docker),
    ],
)
def test_a_host_that_is_killed_leaves_nothing_that_the_next_one_does_not_sweep(name, place, request):
    """Nothing that runs or holds memory; on Docker the names of two empty volumes, until somebody sweeps."""
    owner = f"killed-host-{os.getpid()}"
    command = [sys.executable, "-c", HOST, name, str(request.getfixturevalue(place)), owner]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout.readline() == "busy\n"
        alive = traces(owner)
        host.send_signal(signal.SIGKILL)
        host.wait()

    assert len(alive["containers"] + alive["processes"]) == 2
    left = gone(owner)
    assert left == NOTHING | {"volumes": left["volumes"]}
    assert asyncio.run(swept(name, request, owner)) == NOTHING


async def swept(name, request, owner):
    """What is left when somebody who is alive has swept."""
    backend = make_backend(name, request)
    assert await backend.sweep(EveryoneBut(owner)) == 0
    await backend.close()
    return traces(owner)


def gone(owner):
    """What is left of an owner's sandboxes when the kernel and the engine have had their time."""
    deadline = time.monotonic() + GONE_WITHIN_S
    while (left := traces(owner)) != NOTHING | {"volumes": left["volumes"]} and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


@pytest.mark.docker
async def test_a_container_that_was_never_started_and_a_volume_that_none_has_are_unused(docker_image):
    """Whoever swept for a minute would remove them; here they are only found, because others use this engine."""
    backend = DockerBackend(docker_image)
    sandbox = await backend.start(SPEC)
    with contextlib.closing(docker.from_env()) as engine:
        labels = {OWNER_LABEL: OWNER}
        volume = engine.volumes.create(f"{OWNER}-volume", labels=labels)
        container = engine.containers.create(docker_image, name=f"{OWNER}-container", labels=labels)
        found = abandoned.unused(engine.api)
    await backend.sweep(EveryoneBut(OWNER))
    await backend.close()

    assert {volume.name, container.name} <= found
    assert sandbox.id not in found
    assert traces() == NOTHING


@pytest.mark.docker
async def test_a_paused_container_is_removed_too(docker_image):
    backend = DockerBackend(docker_image)
    sandbox = await backend.start(SPEC)
    with contextlib.closing(docker.from_env()) as engine:
        engine.containers.get(sandbox.id).pause()
    await sandbox.destroy()
    await backend.close()

    assert traces() == NOTHING


@pytest.mark.docker
async def test_a_container_that_somebody_else_removes_is_lost(docker_image):
    backend = DockerBackend(docker_image)
    sandbox = await backend.start(SPEC)
    with contextlib.closing(docker.from_env()) as engine:
        engine.containers.get(sandbox.id).remove(force=True)

    async with asyncio.timeout(10):
        with pytest.raises(SandboxLost):
            await sandbox.receive()
    await backend.close()


async def test_a_supervisor_that_dies_takes_everything_along(backend):
    sandbox = await backend.start(SPEC)
    talk = Conversation(sandbox)
    await talk.load("def handler(e, c): pass")
    pid = supervisor(sandbox.id)
    os.kill(pid, signal.SIGKILL)

    async with asyncio.timeout(10):
        with pytest.raises(SandboxLost):
            await sandbox.receive()


def supervisor(sandbox_id):
    """The process number outside of the sandbox's process 1."""
    if docker_pid := container_pid(sandbox_id):
        return docker_pid
    wanted = sandbox_id.removeprefix("holdover-")
    for folder in Path("/proc").glob("[0-9]*"):
        # Other processes end meanwhile.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if f'"sandbox": "{wanted}"' in (folder / "cmdline").read_text():
                return int((folder / "task" / folder.name / "children").read_text().split()[0])
    raise AssertionError(f"{sandbox_id} has no process")


def container_pid(sandbox_id):
    try:
        with contextlib.closing(docker.from_env()) as engine:
            return engine.containers.get(sandbox_id).attrs["State"]["Pid"]
    except docker.errors.DockerException:
        return 0
