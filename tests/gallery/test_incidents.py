"""Every run of every incident comes to what the gallery says of it, on every real backend."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.gallery import incidents
from tests.gallery.comparison import differences
from tests.side_by_side import PATIENT, SideBySide, scenarios_to_come

ALL = [run for one in incidents() for run in one.runs]
# How long their requests take is expected too.
TIMED = [run for run in ALL if any(each.duration_ms for each in run.expected.requests)]


def named(runs):
    return [pytest.param(run, id=run.slug) for run in runs]


@pytest.fixture(scope="module")
def played():
    """Results of both backends, several runs at a time."""
    with SideBySide() as played:
        yield played


@pytest.mark.alone
@pytest.mark.parametrize("run", named(TIMED))
def test_a_run_takes_as_long_as_its_incident_expects(run, engine):
    assert differences(run.expected, engine.run(run.scenario, options=PATIENT)) == []


@pytest.mark.parametrize("run", named(run for run in ALL if run not in TIMED))
def test_a_run_comes_to_what_its_incident_expects(run, engine, played, request):
    result = played.result(engine, run.scenario, then=scenarios_to_come(request, "run"))
    assert differences(run.expected, result) == []


def test_every_run_is_played_once_and_the_rest_is_left_to_the_matrix(request):
    ours = [item for item in request.session.items if item.path.parent == Path(__file__).parent]
    played = [item for item in ours if "run" in getattr(getattr(item, "callspec", None), "params", ())]
    slugs = [item.callspec.params["run"].slug for item in played if not item.get_closest_marker("matrix")]
    assert sorted(slugs) == sorted(set(slugs))
