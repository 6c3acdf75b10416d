"""An installation with packages on each real backend."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.engines import BACKENDS
from tests.dividing import is_on, leave_to_the_matrix
from tests.installing import Installation
from tests.package_index import package_index

# On Docker, what a volume might do otherwise than a bind mount.
ON_DOCKER = ("test_a_module_is_found_where_a_zip_would_have_it", "test_packages_cannot_be_written_to")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(
        items, Path(__file__).parent, lambda item: is_on("docker", item) and item.originalname not in ON_DOCKER
    )


@pytest.fixture
def index():
    """An index of packages that tests make."""
    with package_index() as running:
        yield running


@pytest.fixture(params=BACKENDS)
def installation(request, index, tmp_path, monkeypatch):
    """One on each backend."""
    made = Installation(request.param, request, index, tmp_path / "packages", monkeypatch)
    yield made
    made.close()


@pytest.fixture
def quick(request, index, tmp_path, monkeypatch):
    """One on the backend that starts soonest."""
    made = Installation("namespace", request, index, tmp_path / "packages", monkeypatch)
    yield made
    made.close()
