"""A limit at its real value is waited for on one backend; the matrix waits for it on both.

So are those that the supervisor keeps, which is the same on both: of an init, of an answer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dividing import is_on, leave_to_the_matrix

KEPT_INSIDE = {"test_init.py", "test_answer_limits.py"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(
        items,
        Path(__file__).parent,
        lambda item: is_on("docker", item) and (item.get_closest_marker("slow") or item.path.name in KEPT_INSIDE),
    )
