"""Each run of the gallery once, on one backend after the other; the matrix plays each on both."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.gallery import incidents
from tests.contract.engines import BACKENDS
from tests.dividing import is_on, leave_to_the_matrix

# By their order in the gallery: where pytest has them depends on what else they are multiplied with.
PLACES = {run.slug: at for at, run in enumerate(run for one in incidents() for run in one.runs)}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(items, Path(__file__).parent, is_left)


def is_left(item):
    """Whether only the matrix plays that test: what plays no run and no template is played always."""
    if hasattr(item, "callspec") and "template" in item.callspec.params:
        return not is_on("namespace", item)
    run = item.callspec.params.get("run") if hasattr(item, "callspec") else None
    if run is None:
        return False
    names = [backend.values[0] for backend in BACKENDS]
    return _takes_long(run) or not is_on(names[PLACES[run.slug] % len(names)], item)


def _takes_long(run):
    """It waits again and again, for ten seconds of an init, for a queue or for a workflow's functions.

    tests/limits waits for an init once, tests/sandbox_runner/service/event_sources on a fake clock, and tests/service
    plays a longer workflow.
    """
    long = ("timeout-and-hidden-init", "hidden-long-enough", "shown-again-too-early", "pushed-once-by-a-workflow")
    return run.slug.startswith(long)
