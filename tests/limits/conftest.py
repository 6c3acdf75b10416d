"""A limit at its real value is waited for on one backend; the matrix waits for it on both."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dividing import is_on, leave_to_the_matrix


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(
        items, Path(__file__).parent, lambda item: is_on("docker", item) and item.get_closest_marker("slow")
    )
