"""Every run of every incident comes to what the gallery says of it, on every real backend."""

from __future__ import annotations

import pytest

from playground.gallery import incidents
from sandbox_runner.runner import play
from tests.gallery.comparison import differences

# What the emulator cannot play yet. Strict: whoever makes one work takes it out of here.
PENDING = {
    "late-work": "late work is not attributed yet",
    "late-work-thread": "late work is not attributed yet",
}


def marks(run):
    reason = PENDING.get(run.slug)
    return [pytest.mark.xfail(strict=True, reason=reason)] if reason else []


RUNS = [pytest.param(run, id=run.slug, marks=marks(run)) for one in incidents() for run in one.runs]


@pytest.mark.parametrize("run", RUNS)
async def test_a_run_comes_to_what_its_incident_expects(run, backend):
    """Played as a person's run is, with the default budgets."""
    result = await play(run.scenario, backend)
    assert differences(run.expected, result) == []
