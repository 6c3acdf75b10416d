"""The gallery's incidents are complete, runnable and in step with their files."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import yaml

from playground.editor.presets import presets
from playground.editor.to_scenario import form_of, scenario_of
from playground.gallery import incident, incident_run, incidents
from playground.gallery.catalogue import INCIDENTS
from sandbox_runner.results.model import Outcome, Verdict
from sandbox_runner.scenario.reader import read_scenario

RUNS = [pytest.param(run, id=run.slug) for one in incidents() for run in one.runs]


def test_the_incidents_are_in_the_order_of_their_numbers():
    assert [one.number for one in incidents()] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15]


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
def test_every_request_of_a_run_has_its_expected_end(run):
    assert len(run.expected.requests) == len(list(run.scenario.requests()))


@pytest.mark.parametrize("run", [run for run in RUNS if run.values[0].fixed])
def test_a_fix_comes_out_clean_and_its_requests_succeed(run):
    assert run.expected.verdict == (Verdict.CLEAN,)
    assert {request.outcome for request in run.expected.requests} == {Outcome.SUCCESS}


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
    words = {"incident.yaml", "incident.ja.yaml", "expected.yaml"}
    files = [path for path in INCIDENTS.rglob("*.yaml") if path.name not in words]
    assert len(files) == len(RUNS)


def test_every_expectation_belongs_to_a_run():
    stated = [slug for path in INCIDENTS.rglob("expected.yaml") for slug in yaml.safe_load(path.read_text("utf-8"))]
    assert sorted(stated) == sorted(run.values[0].slug for run in RUNS)


def test_steps_are_told_in_words():
    step = incidents()[0].runs[0].steps[0]
    assert step.words == "request 1 of tenant-a"
    assert step.outcome == "success"
    assert json.loads(step.payload) == {"queryStringParameters": {"message": "hoge"}}


def test_a_request_on_nobody_s_behalf_is_told_by_its_number():
    assert incident_run("init-loop").steps[1].words == "request 2"


def test_requests_of_the_same_moment_say_so():
    steps = incident_run("provisioned-concurrency").steps
    assert [step.words for step in steps[:2]] == [
        "at the same moment: request 1 of tenant-a",
        "at the same moment: request 2 of tenant-b",
    ]


def test_settings_beside_the_code_are_shown():
    assert incident_run("init-loop").settings == (
        "runtime: python3.13",
        "handler: app.handler",
        "timeout_s: 1",
        "init_limit: 1.0",
    )


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.slug)
def test_a_shape_laid_over_an_incident_is_a_scenario(preset):
    assert scenario_of(replace(form_of(incidents()[0].scenario), steps=preset.steps)).steps
