"""The real backends of this machine, and proof that a test has left nothing of them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection
from pathlib import Path

import docker
import pytest

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.docker import DockerBackend
from sandbox_runner.backends.namespace import NamespaceBackend, sandbox_processes
from sandbox_runner.backends.user_namespaces import identity
from sandbox_runner.errors import OurFailure
from sandbox_runner.image import ensure_docker_image, ensure_rootfs

BACKENDS = [
    pytest.param("namespace", marks=pytest.mark.namespace),
    pytest.param("docker", marks=pytest.mark.docker),
]
OWNER = f"contract-tests-{os.getpid()}"
SPEC = SandboxSpec(OWNER, memory_mb=128, tmp_mb=512)


class EveryoneBut(Collection):
    """All owners there are, but one: other people's sandboxes on this machine are none of a test's business."""

    def __init__(self, owner):
        self.owner = owner

    def __contains__(self, owner):
        return owner != self.owner

    def __iter__(self):
        raise NotImplementedError

    def __len__(self):
        raise NotImplementedError


def missing(problem):
    """What a test needs is not there: where everything was promised that is a failure, else a reason to skip."""
    if os.environ.get("CI"):
        pytest.fail(f"under CI every backend must be there: {problem}")
    pytest.skip(str(problem))


@pytest.fixture(scope="session")
def docker_image():
    """The tag of the sandbox image, built from the sources as they are."""
    try:
        return ensure_docker_image().tag
    except OurFailure as problem:
        missing(problem)


@pytest.fixture(scope="session")
def rootfs():
    """The sandbox's root file system, built from the sources as they are."""
    try:
        return ensure_rootfs().rootfs_path
    except OurFailure as problem:
        missing(problem)


def make_backend(name, request):
    """A real backend by name, or the end of the test."""
    if name == "docker":
        return DockerBackend(request.getfixturevalue("docker_image"))
    try:
        identity()
    except OurFailure as problem:
        missing(problem)
    return NamespaceBackend(request.getfixturevalue("rootfs"))


def containers(owner=OWNER):
    """The engine's containers of an owner, in whatever state; none where there is no engine."""
    try:
        with contextlib.closing(docker.from_env(timeout=10)) as engine:
            found = engine.api.containers(all=True, filters={"label": f"holdover.owner={owner}"})
            return [each["Id"] for each in found]
    except (docker.errors.DockerException, OSError):
        return []


def volumes(owner=OWNER):
    """The engine's volumes of an owner; none where there is no engine."""
    try:
        with contextlib.closing(docker.from_env(timeout=10)) as engine:
            found = engine.api.volumes(filters={"label": f"holdover.owner={owner}"})["Volumes"]
            return [each["Name"] for each in found or []]
    except (docker.errors.DockerException, OSError):
        return []


def processes(owner=OWNER):
    """The namespace sandboxes of an owner, by process number."""
    return [pid for pid, of in sandbox_processes() if of == owner]


def traces(owner=OWNER):
    """Everything that an owner's sandboxes could leave on this machine."""
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if "/rootfs-" in line]
    return {
        "containers": containers(owner),
        "volumes": volumes(owner),
        "processes": processes(owner),
        "mounts": mounts,
    }


NOTHING = {"containers": [], "volumes": [], "processes": [], "mounts": []}


def left_in_the_end(owner=OWNER, within_s=10):
    """What is left once removing has had its time: an engine gives a result before the run's sandboxes are removed."""
    deadline = time.monotonic() + within_s
    while (left := traces(owner)) != NOTHING and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
