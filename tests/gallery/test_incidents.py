"""Every run of every incident comes to what the gallery says of it, on every real backend."""

from __future__ import annotations

import pytest

from playground.gallery import incidents
from tests.gallery.comparison import differences
from tests.side_by_side import SideBySide, scenarios_to_come

RUNS = [pytest.param(run, id=run.slug) for one in incidents() for run in one.runs]


@pytest.fixture(scope="module")
def played():
    """Results of both backends, several runs at a time."""
    with SideBySide() as played:
        yield played


@pytest.mark.parametrize("run", RUNS)
def test_a_run_comes_to_what_its_incident_expects(run, engine, played, request):
    result = played.result(engine, run.scenario, then=scenarios_to_come(request, "run"))
    assert differences(run.expected, result) == []
