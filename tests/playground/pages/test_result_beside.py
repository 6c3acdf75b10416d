"""The fragment of a run's result for the page that holds its code."""

from __future__ import annotations

import pytest
from django.urls import reverse

from playground.experiments import stored_json
from playground.experiments.models import Run, Status
from sandbox_runner.errors import ArchiveMissing, IndexAway, SandboxLost
from tests.playground.run_results import leak
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db

FORM = {
    "runtime": "python3.13",
    "handler": "app.handler",
    "memory_mb": "128",
    "timeout_s": "3",
    "file_name": "app.py",
    "file_text": "def handler(event, context): return event",
    "step_kind": "invoke",
    "step_principal": "a",
    "step_payload": "{}",
}


def test_a_form_that_is_sent_by_the_script_answers_with_the_result_of_its_run(browser):
    answer = browser.post(reverse("home"), FORM, headers={"HX-Request": "true"})
    run = Run.objects.get()
    assert answer.status_code == 200
    assert answer.headers["Holdover-Run"] == run.pk
    assert "data-live" in answer.content.decode()


@pytest.mark.parametrize("name", ["run-cancel", "run-stop-proof"])
def test_the_browser_that_sent_it_may_end_it_also_in_its_first_answer(browser, name):
    first = browser.post(reverse("home"), FORM, headers={"HX-Request": "true"})
    run = Run.objects.get()
    again = browser.get(reverse("run-result", args=[run.pk]))
    assert [reverse(name, args=[run.pk]) in each.text for each in (first, again)] == [True, True]


def test_a_form_that_is_not_played_names_no_run(browser):
    answer = browser.post(reverse("home"), FORM | {"step_payload": "{"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Holdover-Run" not in answer.headers


def test_the_lines_that_a_result_names_are_told_with_why(browser):
    run = a_run(status=Status.FINISHED, result_blob=stored_json.pack(leak().to_json()))
    page = browser.get(reverse("run-result", args=[run.pk])).content.decode()
    assert 'data-role="written"' in page
    assert "kept here" in page
    assert "Re-verify" not in page


@pytest.mark.parametrize(("status", "word"), [(Status.CANCELLED, "CANCELLED"), (Status.FAILED, "INTERNAL ERROR")])
def test_a_run_without_a_result_says_so(browser, status, word):
    run = a_run(status=status)
    assert word in browser.get(reverse("run-result", args=[run.pk])).content.decode()


@pytest.mark.parametrize(
    ("why", "heading", "has_more"),
    [
        (IndexAway("refused", ["requests 2.34.2"]).message, "NOT PLAYED", False),
        (ArchiveMissing("code.zip", "a" * 64, 9).message, "NOT PLAYED", False),
        (SandboxLost("gone").message, "INTERNAL ERROR", True),
    ],
)
def test_what_a_run_needs_and_is_not_here_is_no_internal_error(browser, why, heading, has_more):
    run = a_run(status=Status.FAILED, failure_messages=stored_json.pack_messages([why]), failure_reference="0a1b2c3d")
    page = browser.get(reverse("run-result", args=[run.pk])).content.decode()

    assert heading in page
    assert ("Run it again; what was observed until then is below." in page) is has_more
    assert "0a1b2c3d" in page


def test_what_a_run_does_now_stands_above_the_place_of_its_verdict(browser):
    run = a_run(status=Status.RUNNING)
    page = browser.get(reverse("run", args=[run.pk])).content.decode()

    assert 0 < page.index('class="now"') < page.index('class="to-come"') < page.index('class="live-timeline')
