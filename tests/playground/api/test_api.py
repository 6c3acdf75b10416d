"""The HTTP door for programs."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from playground.accounts.models import User
from playground.experiments.models import Experiment, Run
from playground.runs import execution, submission
from tests.builders import invoke, scenario
from tests.playground.people import token_of
from tests.playground.stored import a_run
from tests.told import stored as stored_messages

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return User.objects.create_user("ann")


def post(browser, body, secret=""):
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return browser.post(reverse("api-runs"), body, content_type="application/json", headers=headers)


def test_a_scenario_is_accepted_and_both_addresses_are_given(browser):
    answer = post(browser, {"scenario": scenario().to_json()})

    sent = answer.json()
    assert answer.status_code == 202
    assert sent["url"] == f"http://testserver/r/{sent['id']}"
    assert sent["api_url"] == f"http://testserver/api/v1/runs/{sent['id']}"
    assert Run.objects.get().revision.scenario == scenario()


def test_callers_that_send_the_same_are_pointed_out_and_run_all_the_same(browser, person):
    secret = token_of(person, "ci")[1]
    sent = scenario(invoke({"who": "same-7Qx"}, "a"), invoke({"who": "same-7Qx"}, "b")).to_json()
    first = post(browser, {"scenario": sent}, secret)
    again = browser.post(
        reverse("api-revision-runs", args=[Run.objects.get().revision.id]),
        {},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Accept-Language": "ja"},
    )

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["advice"]["messages"] == [
        {
            "code": "same-value-ahead",
            "params": {"requests": [1, 2], "leaf": "who", "value": "same-7Qx", "more": 0},
        }
    ]
    assert first.json()["advice"]["sentence"].startswith("Requests 1, 2 send the same `who` (same-7Qx): ")
    assert again.json()["advice"]["sentence"].startswith("リクエスト 1、2 は ")
    assert "advice" not in post(browser, {"scenario": scenario().to_json()}, secret).json()


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
    assert (after["status"], after["result"]["version"]) == ("finished", 2)


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
    "an unknown key beside it": ({"scenario": {}, "x": 1}, 422, "unknown key 'x'", {"field": "x"}),
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


def test_a_method_that_an_address_does_not_take_is_refused_with_those_it_does(browser):
    answer = browser.delete(reverse("api-runs"))

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.usefixtures("within_a_minute")
def test_too_many_at_once_are_told_when_to_come_back(browser, configure):
    configure(submissions_per_minute=1)
    post(browser, {"scenario": scenario().to_json()})

    answer = post(browser, {"scenario": scenario().to_json()})

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_failure_of_ours_is_told_with_its_reference(browser):
    run = a_run(status="failed", failure_reference="0123abcd", failure_messages=stored_messages("the sandbox is gone"))

    failure = browser.get(reverse("api-run", args=[run.id])).json()["failure"]

    assert (failure["reference"], failure["sentence"]) == ("0123abcd", "the sandbox is gone")
    assert failure["messages"] == [{"code": "legacy", "params": {"text": "the sandbox is gone"}}]


@pytest.mark.parametrize("name", ["scenario", "result"])
def test_the_schemas_are_published(browser, name):
    assert browser.get(reverse("api-schema", args=[name])).json()["type"] == "object"


# --- the door -----------------------------------------------------------------------------------------------------


def test_an_address_that_is_none_is_a_problem_too(browser):
    answer = browser.get("/api/v1/experimentz")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_body_over_the_bound_is_not_read(browser, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    answer = post(browser, {"scenario": "x" * 2000})

    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


def test_a_token_that_does_not_work_is_refused_even_where_none_is_needed(browser):
    for written in ("Bearer hld_never", "Basic YTpi", "hld_bare", "Bearer"):
        answer = browser.get(reverse("api-schema", args=["result"]), headers={"Authorization": written})

        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_cookie_speaks_for_nobody(person):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)

    assert post(browser, {"scenario": scenario().to_json()}).status_code == 202
    assert not Experiment.objects.exclude(owner=None).exists()


@pytest.mark.usefixtures("within_a_minute")
def test_submissions_are_counted_for_each_token(browser, person, configure):
    configure(submissions_per_minute=1)
    _, one = token_of(person, "one")
    _, two = token_of(person, "two")

    statuses = [post(browser, {"scenario": scenario().to_json()}, secret).status_code for secret in (one, one, two, "")]

    assert statuses == [202, 429, 202, 202]


def test_what_fails_on_our_side_is_said_as_ours_with_a_reference(browser, monkeypatch, caplog):
    def broken(*_, **__):
        raise RuntimeError("something of ours")

    monkeypatch.setattr(submission, "submit", broken)

    answer = post(browser, {"scenario": scenario().to_json()})

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert "something of ours" not in answer.content.decode()
    assert answer.json()["reference"] in caplog.text


def test_head_is_get_without_its_body(browser):
    assert browser.head(reverse("api-schema", args=["result"])).status_code == 200


def test_the_page_has_every_call_of_the_document_and_no_script_of_anybody_else(browser):
    document = browser.get(reverse("api-openapi")).json()
    page = browser.get(reverse("api-docs")).content.decode()

    calls = [call for path in document["paths"].values() for call in path.values()]
    assert calls
    assert all(f'id="{call["operationId"]}"' in page for call in calls)
    assert all(f'id="shape-{name}"' in page for name in document["components"]["schemas"])
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_every_refusal_in_the_document_is_a_problem(browser):
    document = browser.get(reverse("api-openapi")).json()

    told = [call["responses"] for path in document["paths"].values() for call in path.values()]
    kinds = {
        kind for each in told for status, answer in each.items() if int(status) >= 400 for kind in answer["content"]
    }
    assert kinds == {"application/problem+json"}
