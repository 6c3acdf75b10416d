"""A run of a language that was here when the run was kept, and is no longer."""

import pytest

from playground.experiments import stored_json
from playground.experiments.models import Revision, Run, Status
from playground.pages import reverifying
from playground.runs import execution
from sandbox_runner.runtimes import registry
from tests.builders import invoke
from tests.playground import run_results
from tests.playground.stored import a_run

# Stands for what went: nothing here ever played it.
GONE = "java21"


def of_old(scenario):
    """A scenario's JSON form with that runtime in place of its own."""
    return {**scenario, "function": {**scenario["function"], "runtime": GONE}}


@pytest.fixture
def kept(db):
    result = run_results.leak().to_json()
    result["scenario"] = of_old(result["scenario"])
    run = a_run(invoke(), status=Status.FINISHED, verdict="leak", result_blob=stored_json.pack(result))
    scenario = stored_json.pack(of_old(stored_json.unpack(run.revision.scenario_blob)))
    Revision.objects.filter(pk=run.revision_id).update(scenario_blob=scenario)
    return Run.objects.get(pk=run.pk)


@pytest.mark.parametrize(
    "address",
    [
        "/r/{run}",
        "/r/{run}/scenario.yaml",
        "/r/{run}/export/issue.md",
        "/r/{run}/export/page.html",
        "/r/{run}/export/trace.json",
        "/r/{run}/export/test.py",
        "/api/v1/runs/{run}",
    ],
)
def test_what_was_kept_of_it_still_opens_and_names_it(client, kept, address):
    answer = client.get(address.format(run=kept.pk, experiment=kept.revision.experiment_id))
    assert (answer.status_code, GONE in answer.content.decode()) == (200, True)


@pytest.mark.parametrize("address", ["/compare/{run}..{run}", "/x/{experiment}", "/?from={run}"])
def test_pages_about_it_open_too(client, kept, address):
    assert client.get(address.format(run=kept.pk, experiment=kept.revision.experiment_id)).status_code == 200


def test_it_is_offered_on_no_other_runtime(client, kept):
    assert f'action="/r/{kept.pk}/on"' not in client.get(f"/r/{kept.pk}").content.decode()


@pytest.mark.django_db(transaction=True)
def test_verifying_it_again_asks_for_the_image_that_cannot_be_made(make_worker, kept):
    asked = []
    made = make_worker()
    make_worker.backend.not_built = {GONE}
    worker = execution.Worker(
        made.name, made.player, runtimes=(registry.DEFAULT.identifier,), prepare=lambda *said: asked.append(said)
    )
    again = reverifying.reverify(kept).run
    execution.execute(again.id, worker)

    assert asked == [(GONE, again.id)]
    again.refresh_from_db()
    assert again.status == Status.QUEUED
