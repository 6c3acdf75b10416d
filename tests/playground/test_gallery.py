"""The gallery's incidents are complete, runnable and in step with their files."""

from __future__ import annotations

import json

import pytest

from playground.gallery import incident, incident_run, incidents, presets
from playground.gallery.catalogue import INCIDENTS
from sandbox_runner.scenario import IdleStep, InvokeStep, RecycleStep
from sandbox_runner.scenario_text import read_scenario

RUNS = [pytest.param(run, id=run.slug) for one in incidents() for run in one.runs]


def test_the_incidents_are_in_the_order_of_their_numbers():
    assert [one.number for one in incidents()] == [1, 2]


@pytest.mark.parametrize("one", incidents(), ids=lambda one: one.slug)
def test_an_incident_shows_itself_first_and_has_a_fix(one):
    assert one.runs[0].scenario == one.scenario
    assert not one.runs[0].fixed
    assert one.fixed_scenario != one.scenario


@pytest.mark.parametrize("one", incidents(), ids=lambda one: one.slug)
def test_an_incident_says_what_was_seen_why_where_to_look_and_the_fix(one):
    assert [section.heading for section in one.text] == ["What people saw", "Why", "What to look at here", "The fix"]
    assert all(section.paragraphs for section in one.text)


@pytest.mark.parametrize("run", RUNS)
def test_two_callers_share_one_environment(run):
    assert [principal for _, principal, _ in run.scenario.requests()] == ["tenant-a", "tenant-b"]


@pytest.mark.parametrize("run", RUNS)
def test_a_run_travels_through_a_form_unchanged(run):
    assert read_scenario(run.text) == run.scenario


def test_slugs_are_unique():
    slugs = [run.slug for one in incidents() for run in one.runs]
    assert len(slugs) == len(set(slugs))


def test_a_run_is_found_by_its_slug():
    found = incident_run("python-tmp-file")
    assert found is not None
    assert "/tmp/message.txt" in dict(found.files)["app.py"]


@pytest.mark.parametrize("slug", ["", "nothing", "../01-node-module-variable"])
def test_an_unknown_slug_finds_nothing(slug):
    assert incident(slug) is None
    assert incident_run(slug) is None


def test_every_scenario_file_belongs_to_a_run():
    files = [path for path in INCIDENTS.rglob("*.yaml") if path.name != "incident.yaml"]
    assert len(files) == len(RUNS)


def test_steps_are_told_in_words():
    step = incidents()[0].runs[0].steps[0]
    assert step.words == "request of tenant-a"
    assert json.loads(step.payload) == {"queryStringParameters": {"message": "hoge"}}


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.slug)
def test_a_shape_is_made_of_steps_a_scenario_knows(preset):
    names = {"invoke": InvokeStep, "idle": IdleStep, "recycle": RecycleStep}
    for step in preset.steps:
        assert step.kind in names
        if step.kind == "invoke":
            assert "queryStringParameters" in json.loads(step.payload)
