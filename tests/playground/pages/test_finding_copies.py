"""The editor filled for one finding, or for code that did not load."""

from __future__ import annotations

import json

import pytest

from playground.experiments import stored_json
from playground.experiments.models import Experiment, Status, Visibility
from playground.text.display_text import plain
from sandbox_runner.messages import say
from sandbox_runner.results.model import Location, Verdict
from sandbox_runner.scenario.model import Scenario
from tests import builders
from tests.playground.run_results import finding, leak, scenario
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db

FOUND = finding(location=Location(root="node-module", path="app.someGlobalValue"), confidence="proven")


def stored(result=None):
    """A finished run of that result."""
    result = result or leak(findings=(FOUND,))
    return a_run(status=Status.FINISHED, result_blob=stored_json.pack(result.to_json()))


def opened(browser, run, **query):
    answer = browser.get("/", {"from": run.id, "finding": 1, **query})
    return answer.context["form_state"], answer.context["notice"], answer.text


def test_only_the_needed_requests_are_kept(browser):
    state, notice, _ = opened(browser, stored(), only="needed")
    assert [(step.kind, step.principal) for step in state.steps] == [("invoke", "tenant-a"), ("invoke", "tenant-b")]
    assert notice.said == "Only requests 1, 2 are left: they suffice to see finding 1 again."


def test_the_copy_is_of_the_runs_revision(browser):
    run = stored()
    assert opened(browser, run, only="needed")[0].parent == run.revision_id


def test_a_fix_that_is_certain_is_made_and_said(browser):
    state, notice, text = opened(browser, stored(), fix="1")
    assert "export const handler = async (event) => {\n  let someGlobalValue = null;\n" in state.files[0].text
    assert notice.said.startswith("someGlobalValue is now created inside the handler (app.mjs line 4).")
    assert "Declare it with let or const inside the handler" in text


def test_without_a_certain_fix_the_code_stays_and_its_lines_are_shown_with_the_advice(browser):
    found = finding(location=Location(root="tmp-file", path="/tmp/x"))
    state, notice, text = opened(browser, stored(leak(findings=(found,))), fix="1")
    assert state.files[0].text == scenario().function.files["app.mjs"]
    assert notice.said.startswith("There is no automatic fix")
    assert [(line.number, line.role) for line in notice.lines if line.role] == [(6, "read"), (8, "written")]
    assert plain(notice.lines[-2].text).strip() == "someGlobalValue = event.queryStringParameters.message;"
    assert "fs.mkdtemp" in text


def test_advice_is_in_the_language_of_the_page(browser):
    answer = browser.get("/", {"from": stored().id, "finding": 1, "fix": 1}, headers={"accept-language": "ja"})
    assert "ハンドラーの中で let か const で宣言する" in answer.text


@pytest.mark.parametrize("number", ["0", "2", "99999999999", "x", "-1", "²"])
def test_a_finding_that_does_not_exist_is_not_found(browser, number):
    assert browser.get("/", {"from": stored().id, "finding": number}).status_code == 404


def test_a_run_without_a_result_has_no_findings(browser):
    assert browser.get("/", {"from": a_run().id, "finding": 1}).status_code == 404


def test_nothing_is_reduced_that_is_small_already(browser):
    pair = Scenario.model_validate(
        {**scenario().to_json(), "steps": [s for s in scenario().to_json()["steps"] if "invoke" in s]}
    )
    run = stored(leak(findings=(FOUND,), scenario=pair))
    assert browser.get("/", {"from": run.id, "finding": 1, "only": "needed"}).status_code == 404
    assert "Keep only these" not in browser.get(f"/r/{run.id}").text


def test_what_may_not_be_opened_is_not_copied(browser):
    run = stored()
    Experiment.objects.update(visibility=Visibility.PRIVATE, browser_key="somebody")
    assert browser.get("/", {"from": run.id, "finding": 1}).status_code == 404


def test_the_page_of_the_run_offers_both_and_the_advice(browser):
    run = stored()
    text = browser.get(f"/r/{run.id}").text
    assert f'href="/?from={run.id}&amp;finding=1&amp;only=needed">Keep only these two requests</a>' in text
    assert f'href="/?from={run.id}&amp;finding=1&amp;fix=1">Apply suggested fix</a>' in text
    assert "moves someGlobalValue into the handler" in text
    assert "A variable outside the handler lives as long as" in text


def test_where_no_fix_is_certain_the_page_says_so(browser):
    text = browser.get(f"/r/{stored(leak(findings=(finding(location=None),))).id}").text
    assert "Fix it yourself</a>" in text
    assert "No automatic fix" in text


def test_findings_with_one_remedy_share_it_and_keep_their_own_requests(browser):
    both = (FOUND, FOUND.model_copy(update={"reproduces_with": (2, 1)}))
    text = browser.get(f"/r/{stored(leak(findings=both)).id}").text
    assert text.count("A variable outside the handler lives as long as") == 1
    assert text.count("Apply suggested fix</a>") == 1
    assert text.count("Keep only these two requests</a>") == 2


def test_a_line_of_several_findings_has_one_mark_for_each_role(browser):
    text = browser.get(f"/r/{stored(leak(findings=(FOUND, FOUND))).id}").text
    assert (text.count("kept here</a>"), text.count("taken from here</a>")) == (1, 1)


def unloaded():
    """A finished run whose code did not load at line 4."""
    failed = say("load-failed", problem="Boom", file="app.mjs", line=4, column=1, source="export const handler")
    messages = (failed, say("module-code-failed"))
    return stored(leak(findings=(), verdict=Verdict.UNDETERMINED, verdict_messages=messages))


def test_a_run_that_did_not_load_says_so_and_marks_the_line(browser):
    run = unloaded()
    text = browser.get(f"/r/{run.id}").text
    assert "DID NOT LOAD" in text
    assert "Your code failed to load: Boom (app.mjs, line 4, column 1: " in text
    assert "UNDETERMINED" not in text
    assert '<a class="place" href="#code-app-mjs-4"' in text
    assert "← fails here" in text


def test_the_copy_of_a_run_that_did_not_load_opens_at_the_line(browser):
    state, notice, text = opened(browser, unloaded(), finding="")
    assert state.files[0].text == scenario().function.files["app.mjs"]
    assert (notice.file, notice.line, notice.finding) == ("app.mjs", 4, 0)
    assert notice.said == "Your code failed to load: Boom (app.mjs, line 4, column 1: export const handler)."
    assert [(line.number, line.role) for line in notice.lines if line.role] == [(4, "failed")]
    assert 'data-mark-file="app.mjs" data-mark-line="4"' in text


def test_a_copy_of_a_run_that_loaded_has_no_notice(browser):
    assert opened(browser, stored(), finding="")[1] is None


def lacking(*names):
    """A finished run whose code did not load for want of these environment variables."""
    failed = say("load-failed", problem="Boom", file="app.mjs", line=4, column=1, source="export const handler")
    messages = (failed, *(say("variable-missing", name=name) for name in names))
    return stored(leak(findings=(), verdict=Verdict.UNDETERMINED, verdict_messages=messages))


def test_a_missing_variable_is_set_by_a_button(browser):
    run = lacking("API_URL")
    assert (
        f'<a class="button" href="/?from={run.id}&amp;set=API_URL">Set API_URL</a>' in browser.get(f"/r/{run.id}").text
    )

    state, notice, text = opened(browser, run, finding="", set="API_URL")

    assert state.environment == "API_URL=https://example.com"
    assert notice.advice.startswith("API_URL has an example value now")
    assert "API_URL=https://example.com" in text


def test_a_variable_that_the_handler_misses_is_set_by_the_same_button(browser):
    messages = (say("answers-match", answers=1), say("variable-missing", name="TABLE_NAME"))
    run = stored(leak(findings=(), verdict=Verdict.CLEAN, verdict_messages=messages))
    assert f'href="/?from={run.id}&amp;set=TABLE_NAME"' in browser.get(f"/r/{run.id}").text

    state, notice, _ = opened(browser, run, finding="", set="TABLE_NAME")

    assert state.environment == "TABLE_NAME=table-name"
    assert notice.said.startswith("The environment variable TABLE_NAME is not set")


def test_events_that_the_code_reads_are_filled_in_by_a_button(browser):
    messages = (say("answers-match", answers=1), say("event-not-sent", field="httpMethod", template="apigateway-v1"))
    code = "def handler(event, context):\n    return event['httpMethod']\n"
    played = builders.scenario(files={"app.py": code})
    run = stored(leak(findings=(), verdict=Verdict.CLEAN, verdict_messages=messages, scenario=played))
    said = f'href="/?from={run.id}&amp;events=yes">Fill in events of API Gateway, REST API (1.0)</a>'
    assert said in browser.get(f"/r/{run.id}").text

    state, notice, _ = opened(browser, run, finding="", events="yes")

    assert {json.loads(row.payload)["httpMethod"] for row in state.steps} == {"POST"}
    assert notice.advice == "The requests have events of API Gateway, REST API (1.0) now."


def test_an_address_sets_only_variables_that_are_missing(browser):
    state, notice, _ = opened(browser, lacking("API_URL"), finding="", set=["LD_PRELOAD", "x\ny=1"])

    assert state.environment == ""
    assert notice.advice.startswith("The environment variable API_URL is not set")
