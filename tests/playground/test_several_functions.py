"""A run of several functions on the pages that show one: nothing is lost, and nothing is taken for another's."""

import asyncio
import json

import pytest
import yaml
from django.urls import reverse

from playground.editor.to_scenario import form_of, scenario_of
from playground.experiments import stored_json
from playground.experiments.models import Run, Status
from playground.experiments.scenario_changes import changes
from playground.experiments.scenario_lines import scenario_lines
from playground.experiments.viewer import Viewer
from playground.exports.issue import issue_markdown
from playground.exports.origin import Origin
from playground.exports.views import FORMATS
from playground.run_page.fidelity_rows import fidelity_rows
from playground.run_page.presenter import function_figures, run_page
from playground.run_page.repairs.fixes import Fix
from playground.runs import submission
from playground.text.diffs import Room
from playground.text.display_text import plain
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function
from tests.fakes.backend import FakeBackend, FakeFunction

ORIGIN = Origin("an-id", "https://holdover.example/r/an-id", "2026-07-01 00:00 UTC", "0.1.0")


def to(function, payload=None):
    return {"invoke": {"payload": payload, "function": function}}


def several(**worker):
    functions = {"front": a_function(), "worker": a_function(runtime="nodejs22.x", **worker)}
    steps = [to("worker"), to("front"), {"recycle": "all"}, to("worker"), to("front")]
    return Scenario.model_validate({"version": 2, "functions": functions, "steps": steps})


@pytest.fixture(scope="module")
def result():
    backend = FakeBackend(FakeFunction())
    return asyncio.run(play(several(), backend, clock=backend.clock, options=RunOptions(prove=False)))


def test_the_timeline_groups_environments_by_function(result):
    lanes = run_page(result).timeline.lanes
    assert [(each.id, each.note) for each in lanes] == [
        ("env-1", "worker"),
        ("env-3", "worker"),
        ("env-2", "front"),
        ("env-4", "front"),
    ]


def test_a_long_name_is_cut_where_the_lane_has_no_room_for_it():
    data = {"version": 2, "functions": {"a" * 64: a_function()}, "steps": [to("a" * 64)]}
    backend = FakeBackend(FakeFunction())
    played = asyncio.run(play(Scenario.model_validate(data), backend, clock=backend.clock))
    assert [each.note for each in run_page(played).timeline.lanes] == ["a" * 13 + "…"]


def test_the_page_shows_the_files_of_every_function(result):
    assert [plain(each.name) for each in run_page(result).files] == ["front/app.py", "worker/app.py"]


def test_the_figures_of_a_function_are_named_by_it():
    figures = dict(function_figures(several(reserved_concurrency=3)))
    assert (figures["front: runtime"], figures["worker: runtime"]) == ("python3.13", "nodejs22.x")
    assert figures["worker: reserved concurrency"] == "3"
    assert "front: reserved concurrency" not in figures


def test_the_form_carries_several_functions_through_as_text():
    scenario = several()
    form = form_of(scenario)
    assert json.loads(form.scenario_text) == scenario.to_json()
    assert scenario_of(form) == scenario


def test_a_difference_between_two_scenarios_says_in_which_function_it_is():
    before, after = several(), several(reserved_concurrency=3)
    assert set(scenario_lines(after)) - set(scenario_lines(before)) == {"worker.reserved_concurrency: 3"}
    changed = changes(before, after.with_files("worker", {"app.py": "new"}), Room())
    assert len(changed.files) == 1


def test_an_issue_names_every_function(result):
    text = issue_markdown(result, ORIGIN)
    assert "front: runtime" in text
    assert "worker: runtime" in text


def test_the_run_names_the_row_of_the_ledger_about_several_functions(result):
    assert "several-functions" in fidelity_rows(result)


def test_a_fix_changes_the_function_that_it_is_for():
    fix = Fix({"app.py": "fixed"}, "app.py", "count", 1)
    repaired = several().with_files("worker", fix.files)
    assert (repaired.code["worker/app.py"], repaired.code["front/app.py"]) == ("fixed", several().code["front/app.py"])


# --- from the outside -----------------------------------------------------------------------------------------------


def keeps(event, runtime):
    """Answers what it was asked before."""
    before, runtime.globals["last"] = runtime.globals.get("last"), event
    return before


@pytest.fixture
def leaking(db):
    """A stored run in which one of two functions leaks."""
    told = [(name, f"{name}-secret-of-{who}", who) for who in ("alice", "bob") for name in ("front", "worker")]
    steps = [{"invoke": {"function": name, "payload": value, "as": who}} for name, value, who in told]
    functions = {"front": a_function(), "worker": a_function()}
    scenario = parse_scenario({"version": 2, "functions": functions, "steps": steps})
    backend = FakeBackend(FakeFunction(lambda e, r: keeps(e, r) if "front" in e else e))
    result = asyncio.run(play(scenario, backend, clock=backend.clock))
    assert {each.function for each in result.findings} == {"front"}
    run = submission.submit(scenario, by=Viewer(browser_key=""))
    packed = stored_json.pack(result.to_json())
    Run.objects.filter(pk=run.pk).update(status=Status.FINISHED, result_blob=packed)
    return run


@pytest.mark.parametrize("path", ["", ".json", "/scenario.yaml", *(f"/export/{kind}" for kind in FORMATS)])
def test_every_form_of_its_run_can_be_had(browser, leaking, path):
    assert browser.get(f"/r/{leaking.id}{path}").status_code == 200


def test_its_code_is_shown_by_function_with_lines_that_can_be_linked_to(browser, leaking):
    text = browser.get(f"/r/{leaking.id}").text
    assert "front/app.py" in text
    assert "worker/app.py" in text


def test_an_edited_copy_of_it_is_the_scenario_as_text(browser, leaking):
    state = browser.get("/", {"from": leaking.id}).context["form_state"]
    assert json.loads(state.scenario_text) == leaking.revision.scenario.to_json()


def test_a_copy_for_a_finding_keeps_the_requests_of_its_function(browser, leaking):
    state = browser.get("/", {"from": leaking.id, "finding": 1, "only": "needed"}).context["form_state"]
    steps = json.loads(state.scenario_text)["steps"]
    assert {each["invoke"]["function"] for each in steps} == {"front"}


def test_the_page_of_its_revision_and_experiment_open(browser, leaking):
    experiment = leaking.revision.experiment
    assert browser.get(experiment.get_absolute_url()).status_code == 200
    answer = browser.get(reverse("revision", args=[experiment.id, 1]))
    assert [plain(each.name) for each in answer.context["files"]] == ["front/app.py", "worker/app.py"]


@pytest.mark.django_db
def test_the_api_takes_it_as_json_and_as_yaml_and_says_what_is_unclear(browser):
    def post(sent):
        return browser.post("/api/v1/runs", json.dumps({"scenario": sent}), content_type="application/json")

    data = several().to_json()
    assert post(data).status_code == 202
    assert post(yaml.safe_dump(data)).status_code == 202
    refused = post({**data, "steps": [to("frnt")]})
    assert (refused.status_code, refused.json()["field"]) == (422, "scenario.steps[0].invoke.function")
    assert "did you mean front?" in refused.json()["detail"]
