"""What a file asks for is played through the same command on every backend: one in every run, both in the matrix."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dividing import is_on, leave_to_the_matrix


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(items, Path(__file__).parent, lambda item: is_on("namespace", item))
