"""A real supervisor as process 1 of fresh namespaces, without an engine."""

from __future__ import annotations

import pytest

from tests.contract.conversation import Conversation
from tests.contract.engines import SPEC, make_backend


@pytest.fixture
async def talk(request):
    """A conversation with a supervisor in namespaces."""
    backend = make_backend("namespace", request)
    sandbox = await backend.start(SPEC)
    yield Conversation(sandbox)
    await backend.close()
