"""Each run of the gallery once, on one backend after the other; the matrix plays each on both."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.engines import BACKENDS
from tests.dividing import is_on, leave_to_the_matrix


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    names = [backend.values[0] for backend in BACKENDS]
    leave_to_the_matrix(
        items,
        Path(__file__).parent,
        lambda item: _takes_long(item) or not is_on(names[_place(item) % len(names)], item),
    )


def _takes_long(item):
    """It waits for the ten seconds of an init again and again; tests/limits waits for them once."""
    return "timeout-and-hidden-init" in item.nodeid


def _place(item):
    """Where the run stands in the gallery; what plays no run stands nowhere."""
    return item.callspec.indices.get("run", 0) if hasattr(item, "callspec") else 0
