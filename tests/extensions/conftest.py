"""Extensions are the same on every backend: all is played on one of them, the other sees a few."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dividing import is_on, leave_to_the_matrix


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(
        items, Path(__file__).parent, lambda item: is_on("docker", item) and not item.get_closest_marker("smoke")
    )
