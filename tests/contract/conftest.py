"""Sandboxes of every backend, each ended after its test, and a look round that nothing is left."""

from __future__ import annotations

import pytest

from tests.contract.conversation import Conversation
from tests.contract.engines import (
    NOTHING,
    SPEC,
    docker_image,  # noqa: F401 - a fixture
    make_backend,
    rootfs,  # noqa: F401 - a fixture
    traces,
)
from tests.fakes.backend import FakeBackend

DOCKER = pytest.param("docker", marks=pytest.mark.docker)
NAMESPACE = pytest.param("namespace", marks=pytest.mark.namespace)


def pytest_generate_tests(metafunc):
    """``any_backend`` is each there is; ``backend`` is each real one."""
    if "any_backend" in metafunc.fixturenames:
        metafunc.parametrize("any_backend", ["fake", NAMESPACE, DOCKER], indirect=True)
    elif "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", [NAMESPACE, DOCKER], indirect=True)


@pytest.fixture
async def any_backend(request):
    backend = FakeBackend() if request.param == "fake" else make_backend(request.param, request)
    yield backend
    await backend.close()


@pytest.fixture
async def backend(request):
    backend = make_backend(request.param, request)
    yield backend
    await backend.close()
    assert traces() == NOTHING


@pytest.fixture
async def any_sandbox(any_backend):
    sandbox = await any_backend.start(SPEC)
    yield sandbox
    await sandbox.destroy()


@pytest.fixture
async def talk(any_sandbox):
    """A conversation with a sandbox of any backend."""
    return Conversation(any_sandbox)


@pytest.fixture
async def real(backend):
    """A conversation with a sandbox of a real backend."""
    sandbox = await backend.start(SPEC)
    yield Conversation(sandbox)
    await sandbox.destroy()
