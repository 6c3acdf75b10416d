"""Results of both backends, several runs at a time, and what of them the matrix alone plays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dividing import is_on, leave_to_the_matrix
from tests.leaks.on_docker import CASES, DISTURBERS
from tests.side_by_side import SideBySide


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(items, Path(__file__).parent, lambda item: is_on("docker", item) and not _represents(item))


def _represents(item):
    of = item.callspec.params
    return of["case"].name in CASES if "case" in of else of["disturber"].id in DISTURBERS


@pytest.fixture(scope="module")
def played():
    """Plays each scenario once, with its proof."""
    with SideBySide() as played:
        yield played
