"""The HTTP door for programs."""

import pytest
from django.urls import reverse

from playground.experiments import execution
from playground.experiments.models import Experiment, Run
from tests.builders import scenario
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db


def post(browser, body):
    return browser.post(reverse("api-runs"), body, content_type="application/json")


def test_a_scenario_is_accepted_and_both_addresses_are_given(browser):
    answer = post(browser, {"scenario": scenario().to_json()})

    sent = answer.json()
    assert answer.status_code == 202
    assert sent["url"] == f"http://testserver/r/{sent['id']}"
    assert sent["api_url"] == f"http://testserver/api/v1/runs/{sent['id']}"
    assert Run.objects.get().revision.scenario == scenario()


def test_a_scenario_may_be_sent_as_the_text_of_its_file(browser):
    text = "function: {runtime: python3.13, handler: app.handler, files: {app.py: x}}\nsteps: [{invoke: {payload: 1}}]"

    assert post(browser, {"scenario": text}).status_code == 202


@pytest.mark.django_db(transaction=True)
def test_the_result_is_there_once_the_run_is_finished(browser, make_worker):
    sent = post(browser, {"scenario": scenario().to_json()}).json()
    before = browser.get(sent["api_url"]).json()
    execution.execute(sent["id"], make_worker())
    after = browser.get(sent["api_url"]).json()

    assert (before["status"], before["result"]) == ("queued", None)
    assert (after["status"], after["result"]["version"]) == ("finished", 1)


def unknown_key():
    return {"scenario": scenario().to_json() | {"stepz": []}}


BAD = {
    "no JSON": ('{"scenario": ', 400, "The body is not valid JSON at line 1", {"line": 1, "column": 14}),
    "NaN": ('{"scenario": NaN}', 400, "NaN", {}),
    "not UTF-8": (b'{"scenario": "\xff"}', 400, "not UTF-8", {}),
    "nested without end": ("[" * 100_000, 400, "nested too deeply", {}),
    "no scenario": ({}, 422, "The scenario is missing", {"field": "scenario"}),
    "a list": ([1], 422, "The scenario is missing", {"field": "scenario"}),
    "a null": ({"scenario": None}, 422, "empty", {"field": "scenario"}),
    "an unknown key beside it": ({"scenario": {}, "x": 1}, 422, "unknown key 'x'", {"field": "scenario"}),
    "an unknown key in it": (unknown_key(), 422, "did you mean steps?", {"field": "scenario.stepz"}),
    "no steps": (
        {"scenario": scenario().to_json() | {"steps": []}},
        422,
        "add at least one",
        {"field": "scenario.steps"},
    ),
    "a text with a wrong line": ({"scenario": "function: {}\nsteps: ["}, 422, "", {"field": "scenario"}),
}


@pytest.mark.parametrize(("body", "status", "words", "where"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_a_problem_that_names_the_field_and_stores_nothing(browser, body, status, words, where):
    answer = post(browser, body)

    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert words in problem["detail"]
    assert where.items() <= problem.items()
    assert Experiment.objects.count() == 0


def test_an_unknown_run_is_a_problem_too(browser):
    answer = browser.get(reverse("api-run", args=["nothing"]))

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_get_where_a_post_belongs_says_so(browser):
    answer = browser.get(reverse("api-runs"))

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_too_many_at_once_are_told_when_to_come_back(browser, configure):
    configure(submissions_per_minute=1)
    post(browser, {"scenario": scenario().to_json()})

    answer = post(browser, {"scenario": scenario().to_json()})

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_failure_of_ours_is_told_with_its_reference(browser):
    run = a_run(status="failed", failure_reference="0123abcd", failure_sentence="the sandbox is gone")

    failure = browser.get(reverse("api-run", args=[run.id])).json()["failure"]

    assert failure == {"reference": "0123abcd", "sentence": "the sandbox is gone"}


@pytest.mark.parametrize("name", ["scenario", "result"])
def test_the_schemas_are_published(browser, name):
    assert browser.get(reverse("api-schema", args=[name])).json()["type"] == "object"
