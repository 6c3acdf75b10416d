"""Sandboxes of every backend, each ended after its test.

What the guest does with a file of TypeScript, or with what a function left behind in one way or another, is the same on
every backend: the matrix alone plays it on both.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.conversation import Conversation
from tests.contract.engines import BACKENDS, SPEC, make_backend
from tests.dividing import is_on, leave_to_the_matrix
from tests.fakes.backend import FakeBackend

_CARRY_OVER = "test_nothing_is_carried_across_a_wipe"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(
        items,
        Path(__file__).parent,
        lambda item: is_on("docker", item) and (item.path.name == "test_typescript.py" or _CARRY_OVER in item.name),
    )


@pytest.fixture(params=["fake", *BACKENDS])
async def any_backend(request):
    """Each backend there is, the tests' own among them."""
    backend = FakeBackend() if request.param == "fake" else make_backend(request.param, request)
    yield backend
    await backend.close()


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
