"""Every run of every incident comes to what the gallery says of it, on every real backend."""

from __future__ import annotations

import pytest

from playground.gallery import incidents
from sandbox_runner.runner import RunOptions, play
from tests.gallery.comparison import differences

RUNS = [pytest.param(run, id=run.slug) for one in incidents() for run in one.runs]
# Longer than a person's, so that a busy machine still compares what it has to.
OPTIONS = RunOptions(proof_s=20.0)


@pytest.mark.parametrize("run", RUNS)
async def test_a_run_comes_to_what_its_incident_expects(run, backend):
    result = await play(run.scenario, backend, options=OPTIONS)
    assert differences(run.expected, result) == []
