"""Attacks of extensions are withstood by the supervisor inside: one backend plays them in every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dividing import is_on, leave_to_the_matrix


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(
        items,
        Path(__file__).parent,
        lambda item: is_on("docker", item) and item.path.name == "test_extension_attacks.py",
    )
