"""Results of both backends, several runs at a time, and what of them the matrix alone plays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dividing import is_on, leave_to_the_matrix
from tests.leaks.cases import read_cases
from tests.leaks.on_docker import CASES, DISTURBERS
from tests.side_by_side import SideBySide

# What was made by somebody who did not know the oracles: for judging a change of them.
_HELD_OUT = {case.name for case in read_cases("held_out")}


def _twins(names):
    """Of handlers that do the same in Python and in Node one of the two, by turns."""
    languages = {}
    for name in sorted(names):
        language, _, does = name.partition("-")
        languages.setdefault(does, []).append(language)
    pairs = [does for does, of in languages.items() if {"python", "node"} <= set(of)]
    return {f"{('node', 'python')[at % 2]}-{does}" for at, does in enumerate(pairs)}


# The oracles do not know the language; what does, the probe, has tests of its own in both.
_TWINS = _twins(case.name for case in read_cases("corpus")) - CASES


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(items, Path(__file__).parent, _is_left)


def _is_left(item):
    if not hasattr(item, "callspec") or item.get_closest_marker("matrix"):
        return False
    of = item.callspec.params
    if "case" in of and of["case"].name in _HELD_OUT | _TWINS:
        return True
    if "fixed" in of:
        return is_on("docker", item)
    return is_on("docker", item) and not (
        of["case"].name in CASES if "case" in of else of["disturber"].id in DISTURBERS
    )


@pytest.fixture(scope="module")
def played():
    """Plays each scenario once, with its proof."""
    with SideBySide() as played:
        yield played
