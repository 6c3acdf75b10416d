"""The real backends, one at a time."""

from __future__ import annotations

import pytest

from tests.contract.engines import (
    docker_image,  # noqa: F401 - a fixture
    make_backend,
    rootfs,  # noqa: F401 - a fixture
)


@pytest.fixture(
    params=[pytest.param("namespace", marks=pytest.mark.namespace), pytest.param("docker", marks=pytest.mark.docker)]
)
async def backend(request):
    """Each real backend; its sandboxes are gone after the test."""
    made = make_backend(request.param, request)
    yield made
    await made.close()
