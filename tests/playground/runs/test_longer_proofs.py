"""A finished run whose proof was cut short is proven further; its verdict is replaced once that is done."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from playground.experiments import selectors
from playground.experiments.longer_proof import LongerProof
from playground.experiments.models import Run, Status
from playground.experiments.viewer import Viewer
from playground.runs import execution, longer_proofs, submission
from playground.runs.longer_proofs import Budget, NothingToProveError
from sandbox_runner.messages import say
from tests.fakes.backend import FakeFunction
from tests.playground.stored import a_run

# A worker has connections of its own, so nothing may hide in a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)
BUDGET = Budget(seconds=60, replays=200)


def keeps_the_first(event, runtime):
    return runtime.globals.setdefault("first", event)


@pytest.fixture
def cut_short(make_worker):
    """A finished run whose proof was stopped before it began."""
    run = a_run(by=Viewer(browser_key="me"))
    submission.stop_proof(run)
    Run.objects.filter(pk=run.pk).update(status=Status.QUEUED)
    execution.execute(run.id, make_worker(FakeFunction(keeps_the_first)))
    run.refresh_from_db()
    assert run.result.proof.stopped == say("stopped-on-request")
    return run


def confidence(run):
    run.refresh_from_db()
    return run.result.findings[0].confidence


def test_the_verdict_stays_until_the_longer_proof_is_done(cut_short, make_worker):
    before = Run.objects.filter(pk=cut_short.pk).values().get()
    proof = longer_proofs.prove_further(cut_short, BUDGET)
    assert Run.objects.filter(pk=cut_short.pk).values().get() == before
    assert confidence(cut_short) == "suspected"

    execution.execute(proof.run.id, make_worker(FakeFunction(keeps_the_first)))

    assert confidence(cut_short) == "proven"
    assert (cut_short.verdict, cut_short.result.proof.stopped) == ("leak", None)
    assert cut_short.finished_at == before["finished_at"]


def test_the_answers_are_those_of_the_run(cut_short, make_worker):
    before = cut_short.result
    proof = longer_proofs.prove_further(cut_short, BUDGET)
    execution.execute(proof.run.id, make_worker(FakeFunction(lambda *_: "another")))
    cut_short.refresh_from_db()
    assert cut_short.result.invocations == before.invocations


def test_pressed_twice_it_is_asked_for_once(cut_short):
    assert longer_proofs.prove_further(cut_short, BUDGET) == longer_proofs.prove_further(cut_short, BUDGET)
    assert LongerProof.objects.count() == 1


def test_a_longer_proof_that_is_cancelled_leaves_the_verdict_and_another_may_be_asked_for(cut_short):
    first = longer_proofs.prove_further(cut_short, BUDGET)
    before = Run.objects.filter(pk=cut_short.pk).values().get()
    submission.cancel(first.run)
    assert Run.objects.filter(pk=cut_short.pk).values().get() == before
    assert longer_proofs.prove_further(cut_short, BUDGET) != first


def test_it_is_in_no_list(cut_short):
    longer_proofs.prove_further(cut_short, BUDGET, by=Viewer(browser_key="me"))
    assert selectors.runs_of(Viewer(browser_key="me")) == [cut_short]
    assert [each.run_count for each in selectors.revisions_of(cut_short.revision.experiment, below=None, most=5)] == [1]


@pytest.mark.parametrize("status", [Status.QUEUED, Status.PROVING, Status.FAILED])
def test_only_a_verdict_is_proven_further(status):
    with pytest.raises(NothingToProveError):
        longer_proofs.prove_further(a_run(status=status), BUDGET)


def test_a_proof_that_came_to_its_own_end_is_not_proven_further(make_worker, client):
    run = a_run()
    execution.execute(run.id, make_worker(FakeFunction(keeps_the_first)))
    run.refresh_from_db()
    with pytest.raises(NothingToProveError):
        longer_proofs.prove_further(run, BUDGET)
    assert client.post(reverse("run-prove", args=[run.id])).status_code == 409


def test_the_one_who_started_the_run_is_offered_to_prove_it_further_and_to_stop_that(cut_short, client):
    Run.objects.update(browser_key="")
    assert reverse("run-prove", args=[cut_short.id]) in client.get(reverse("run", args=[cut_short.id])).text

    answer = client.post(reverse("run-prove", args=[cut_short.id]))

    assert answer.headers["Location"] == f"{cut_short.get_absolute_url()}#longer-proof"
    proof = LongerProof.objects.get()
    assert (proof.seconds, proof.replays) == (120, 1_000)
    assert reverse("run-stop-proof", args=[proof.run_id]) in client.get(reverse("run", args=[cut_short.id])).text


def test_a_program_says_how_long_and_is_told_what_there_is_to_prove(cut_short, client):
    Run.objects.update(browser_key="")
    state = client.get(reverse("api-run", args=[cut_short.id])).json()["longer_proof"]
    assert [each["code"] for each in state["messages"]][-1] == "longer-would-take"
    assert state["run"] is None

    asked = sent(client, cut_short, {"seconds": 30, "replays": 90})

    proof = LongerProof.objects.get()
    assert (asked.status_code, asked.json()["id"]) == (202, proof.run_id)
    assert (proof.seconds, proof.replays) == (30, 90)
    assert client.get(reverse("api-run", args=[cut_short.id])).json()["longer_proof"]["run"] == proof.run_id


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"seconds": 0}, "seconds"),
        ({"seconds": 3_600}, "seconds"),
        ({"replays": 1_000_000}, "replays"),
        ({"replays": -1}, "replays"),
    ],
    ids=["no second", "an hour", "a million replays", "less than none"],
)
def test_a_budget_out_of_range_is_refused_with_its_bounds(cut_short, client, body, field):
    Run.objects.update(browser_key="")
    answer = sent(client, cut_short, body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not LongerProof.objects.exists()


def test_a_stranger_s_program_proves_nothing_further(cut_short, client):
    assert sent(client, cut_short, {}).status_code == 403


def sent(client, run, body):
    return client.post(reverse("api-run-prove", args=[run.id]), body, content_type="application/json")


def test_the_page_offers_it_to_who_may_and_says_how_far_it_is(cut_short, client, make_worker):
    address, page = reverse("run-prove", args=[cut_short.id]), reverse("run", args=[cut_short.id])
    assert "One finding is not proven yet." in client.get(page).text
    assert address not in client.get(page).text
    assert client.post(address).status_code == 403
    proof = longer_proofs.prove_further(cut_short, BUDGET)
    fragment = client.get(reverse("run-longer-proof", args=[cut_short.id]))
    assert "Waiting for a worker." in fragment.text
    assert client.get(reverse("run", args=[proof.run_id])).headers["Location"] == page

    execution.execute(proof.run_id, make_worker(FakeFunction(keeps_the_first)))

    assert client.get(reverse("run-longer-proof", args=[cut_short.id])).headers["HX-Refresh"] == "true"
    assert 'id="longer-proof"' not in client.get(page).text


def test_whoever_watches_a_longer_proof_reads_no_result_each_second(cut_short, client):
    longer_proofs.prove_further(cut_short, BUDGET)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("run-longer-proof", args=[cut_short.id])).status_code == 200
    assert not [each["sql"] for each in asked if "result_blob" in each["sql"] or "scenario_blob" in each["sql"]]


def test_a_run_from_before_it_was_stored_what_a_longer_proof_would_add_is_offered_one_all_the_same(cut_short):
    would = longer_proofs.would_add(cut_short)
    Run.objects.update(longer_messages="")
    cut_short.refresh_from_db()
    assert longer_proofs.would_add(cut_short) == would

    longer_proofs.prove_further(cut_short, BUDGET)

    assert Run.objects.get(pk=cut_short.pk).longer_messages


def beside(client, run):
    return client.get(reverse("run-longer-proof", args=[run.id]), {"beside": ""})


def test_beside_its_code_a_proof_is_begun_followed_and_its_end_told_to_the_script(cut_short, client, make_worker):
    Run.objects.update(browser_key="")
    address = f"{reverse('run-prove', args=[cut_short.id])}?beside"
    assert address in client.get(reverse("run-result", args=[cut_short.id])).text

    begun = client.post(address)

    proof = LongerProof.objects.get()
    for part in (begun.text, beside(client, cut_short).text):
        assert f"{reverse('run-longer-proof', args=[cut_short.id])}?beside" in part
        assert f'hx-post="{reverse("run-stop-proof", args=[proof.run_id])}"' in part

    execution.execute(proof.run_id, make_worker(FakeFunction(keeps_the_first)))

    told = beside(client, cut_short)
    assert (told.status_code, json.loads(told.headers["HX-Trigger"])) == (
        204,
        {"holdover:proven": {"run": cut_short.id}},
    )


def test_beside_its_code_it_is_said_why_none_is_begun_now(cut_short, client, configure):
    Run.objects.update(browser_key="")
    configure(queue_max=1)
    a_run()
    answer = client.post(f"{reverse('run-prove', args=[cut_short.id])}?beside")
    assert "1 runs are waiting already" in answer.text
    assert not LongerProof.objects.exists()
