"""A finished run that is played and proven once more."""

from __future__ import annotations

import itertools

import pytest

from playground.experiments import selectors, stored_json
from playground.experiments.models import Experiment, Reverification, Run, Status, Visibility
from playground.experiments.viewer import STRANGER, Viewer
from playground.pages import reverifying
from playground.run_page.reverification import claims_of, compared
from playground.runs import execution, recovery, submission
from playground.text.display_text import plain
from sandbox_runner.messages import say
from tests.builders import scenario
from tests.fakes.backend import FakeFunction
from tests.playground.people import at_browser
from tests.playground.run_results import finding, leak, pair
from tests.playground.stored import a_run, ago
from tests.told import said, stored

# A worker has connections of its own, so nothing may hide in a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def first_come(event, runtime):
    """Answers what the first request sent."""
    return runtime.globals.setdefault("first", event)


def echo(event, runtime):
    return event


@pytest.fixture
def leaky(make_worker):
    """A finished run with a leak, and what plays a run as its function or as another one."""
    run = a_run()
    execution.execute(run.id, make_worker(FakeFunction(first_come)))
    run.refresh_from_db()
    assert run.verdict == "leak"
    return run


def verified(run, make_worker, handler=first_come):
    """What the page says once ``run`` was verified with that function."""
    again = reverifying.reverify(run).run
    execution.execute(again.id, make_worker(FakeFunction(handler)))
    return reverifying.shown(run)[0]


@pytest.mark.database
def test_it_is_another_run_of_the_same_revision_and_the_original_stays(leaky):
    before = Run.objects.filter(pk=leaky.pk).values().get()
    again = reverifying.reverify(leaky, by=Viewer(browser_key="me"))
    assert (again.run.revision, again.run.status, again.run.browser_key) == (leaky.revision, Status.QUEUED, "me")
    assert Run.objects.filter(pk=leaky.pk).values().get() == before


@pytest.mark.database
def test_pressed_twice_it_is_asked_for_once(leaky, make_worker):
    first = reverifying.reverify(leaky)
    assert reverifying.reverify(leaky) == first
    execution.execute(first.run.id, make_worker(FakeFunction(first_come)))
    assert reverifying.reverify(leaky) != first


@pytest.mark.parametrize("status", [status for status in Status if status != Status.FINISHED])
def test_only_a_verdict_can_be_verified(status):
    with pytest.raises(reverifying.NothingToVerifyError):
        reverifying.reverify(a_run(status=status))


def test_the_same_function_comes_to_the_same_claims(leaky, make_worker):
    view = verified(leaky, make_worker)
    assert (view.comparison, view.word, view.confidence) == ("same", "LEAK", "proven")
    assert [claim.kind for claim in view.claims] == ["same"]
    assert plain(view.claims[0].sentence).startswith("tenant-b received tenant-a's ")
    assert (view.image, view.ran_at) == ("the image of the original", Run.objects.get(pk=view.run_id).finished_at)


def test_a_claim_that_does_not_come_out_again_is_said_to_be_gone(leaky, make_worker):
    view = verified(leaky, make_worker, echo)
    assert (view.comparison, view.word) == ("changed", "CLEAN")
    assert [claim.kind for claim in view.claims] == ["gone"]


def test_a_claim_that_was_not_there_before_is_new():
    old, new = finding(fingerprint="a"), finding(fingerprint="b", messages=said("Something else."))
    comparison, claims = compared(*(claims_of(leak(findings=found).to_json()) for found in ((old,), (old, new))))
    assert (comparison, [claim.kind for claim in claims]) == ("changed", ["same", "new"])


def test_a_leak_that_came_out_less_often_than_before_is_a_change():
    twice = leak(findings=(finding(fingerprint="a"), finding(fingerprint="a", messages=said("And in request 3."))))
    once = leak(findings=(finding(fingerprint="a"),))
    comparison, claims = compared(claims_of(twice.to_json()), claims_of(once.to_json()))
    assert (comparison, [claim.kind for claim in claims]) == ("changed", ["same", "gone"])
    comparison, claims = compared(claims_of(once.to_json()), claims_of(twice.to_json()))
    assert (comparison, [claim.kind for claim in claims]) == ("changed", ["same", "new"])
    assert plain(claims[1].sentence) == "And in request 3."
    assert compared(claims_of(twice.to_json()), claims_of(twice.to_json()))[0] == "same"


def test_a_finding_that_came_again_is_told_once_and_a_pair_that_did_not_by_itself():
    story = finding(fingerprint="a", pairs=(pair(1, 3), pair(1, 4, messages=said("And in request 4."))))
    fewer = finding(fingerprint="a", pairs=(pair(1, 3),))
    before, after = claims_of(leak(findings=(story,)).to_json()), claims_of(leak(findings=(fewer,)).to_json())
    assert [claim.kind for claim in compared(before, before)[1]] == ["same"]
    comparison, claims = compared(before, after)
    assert (comparison, [claim.kind for claim in claims]) == ("changed", ["same", "gone"])
    assert plain(claims[1].sentence) == "And in request 4."
    assert [claim.kind for claim in compared(after, before)[1]] == ["same", "new"]


def test_findings_that_were_stored_one_by_one_are_the_same_as_one_with_pairs():
    apart = (finding(fingerprint="a"), finding(fingerprint="b"))
    together = finding(fingerprint="a", pairs=(pair(1, 3),))
    claims = [claims_of(leak(findings=found).to_json()) for found in (apart, (together,))]
    assert compared(*claims)[0] == compared(*reversed(claims))[0] == "same"


def test_another_verdict_is_a_change_although_no_finding_is():
    one, other = leak(findings=()), leak(findings=(), verdict="undetermined")
    assert compared(claims_of(one.to_json()), claims_of(other.to_json()))[0] == "changed"


def test_another_image_is_said(leaky, make_worker):
    view = verified(leaky, make_worker)
    result = leaky.result.model_copy(
        update={"backend": leaky.result.backend.model_copy(update={"image_digest": "sha256:older"})}
    )
    Run.objects.filter(pk=leaky.pk).update(result_blob=stored_json.pack(result.to_json()))
    again = reverifying.shown(Run.objects.get(pk=leaky.pk))[0]
    assert (again.comparison, again.image) == ("same", "another image than the original's")
    assert plain(again.image_digest) == plain(view.image_digest)


def played_on(run, **stand_ins):
    """The result of ``run`` again, as that of a day when these runtimes had a stand-in."""
    result = Run.objects.get(pk=run.pk).result
    backend = result.backend.model_copy(update={"played_on": stand_ins})
    Run.objects.filter(pk=run.pk).update(
        result_blob=stored_json.pack(result.model_copy(update={"backend": backend}).to_json())
    )


def test_a_runtime_that_is_no_longer_here_is_said_with_what_plays_it_now(leaky, make_worker):
    view = verified(leaky, make_worker)
    assert view.runtimes == ()

    played_on(Run.objects.get(pk=view.run_id), **{"python3.11": "python3.13"})
    again = reverifying.shown(Run.objects.get(pk=leaky.pk))[0]
    assert again.runtimes == ("python3.11 was played on Python 3.11, and is now played on Python 3.13.",)


def test_it_has_more_time_for_its_proof_than_the_original(leaky, make_worker):
    view = verified(leaky, make_worker)
    assert (leaky.result.proof.seconds_max, Run.objects.get(pk=view.run_id).result.proof.seconds_max) == (10, 30)


def test_a_proof_that_ended_early_is_said_beside_the_comparison(leaky, make_worker):
    used = leaky.result.proof.model_copy(update={"stopped": say("seconds-used-up", seconds=10.0)})
    result = leaky.result.model_copy(update={"proof": used})
    Run.objects.filter(pk=leaky.pk).update(result_blob=stored_json.pack(result.to_json()))
    view = verified(Run.objects.get(pk=leaky.pk), make_worker)
    assert view.cuts == ("The original proof ended early. The time limit for replays, 10 s, was reached.",)


def test_a_result_from_before_budgets_were_recorded_is_compared_all_the_same():
    older = {name: value for name, value in leak().to_json().items() if name != "proof"}
    assert claims_of(older).stopped == ""


def test_one_that_failed_on_our_side_says_so_and_claims_nothing(leaky):
    again = reverifying.reverify(leaky).run
    Run.objects.filter(pk=again.pk).update(
        status=Status.FAILED, failure_messages=stored("no engine"), finished_at=ago(1)
    )
    view = reverifying.shown(leaky)[0]
    assert (view.heading, view.now, view.comparison, view.going_on) == ("Not verified", "no engine", "", False)


@pytest.mark.database
def test_one_whose_worker_died_is_queued_again(leaky):
    again = reverifying.reverify(leaky).run
    Run.objects.filter(pk=again.pk).update(status=Status.RUNNING, claimed_by="gone", heartbeat_at=ago(60), attempts=1)
    sweeper = recovery.Sweeper(clock=itertools.count().__next__)
    for _ in range(12):
        sweeper.sweep()
    assert reverifying.shown(leaky)[0].now == "Waiting for a worker."


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_button_leads_back_to_the_original_where_the_result_appears(browser, leaky, make_worker):
    answer = browser.post(f"/r/{leaky.id}/reverify")
    assert answer.headers["Location"] == f"/r/{leaky.id}#reverifications"
    going_on = browser.get(f"/r/{leaky.id}").text
    assert 'hx-trigger="every 1s"' in going_on
    assert "Waiting for a worker." in going_on

    execution.execute(Reverification.objects.get().run_id, make_worker(FakeFunction(first_come)))
    part = browser.get(f"/r/{leaky.id}/reverifications").text
    assert "The same claims" in part
    assert "hx-trigger" not in part
    assert part.strip() in browser.get(f"/r/{leaky.id}").text


def test_the_run_that_verifies_names_the_original(browser, leaky, make_worker):
    view = verified(leaky, make_worker)
    page = browser.get(f"/r/{view.run_id}")
    assert f'This run verifies <a href="/r/{leaky.id}">' in page.text


@pytest.mark.database
def test_no_list_has_it_beside_what_was_run_for_its_own_sake(leaky, make_worker):
    view = verified(leaky, make_worker)
    Run.objects.update(browser_key="me")
    me = at_browser("me")

    for address in (
        "/mine",
        leaky.revision.experiment.get_absolute_url(),
        f"/api/v1/revisions/{leaky.revision_id}/runs",
    ):
        assert leaky.id in (text := me.get(address).text)
        assert view.run_id not in text


@pytest.mark.database
def test_what_is_forked_from_a_run_is_compared_with_that_run_and_not_with_its_verification(leaky, make_worker):
    verified(leaky, make_worker, echo)
    edited = submission.submit(scenario({"invoke": {"payload": 4711}}), parent=leaky.revision)

    assert selectors.original_of(edited, STRANGER) == leaky


def test_a_run_without_a_verdict_is_refused_with_a_sentence(browser):
    answer = browser.post(f"/r/{a_run().id}/reverify")
    assert (answer.status_code, Reverification.objects.count()) == (409, 0)
    assert "no verdict that could be verified" in answer.text


def test_what_may_not_be_opened_is_not_verified(browser, leaky):
    Experiment.objects.update(visibility=Visibility.PRIVATE, browser_key="somebody")
    assert browser.post(f"/r/{leaky.id}/reverify").status_code == 404
    assert browser.get(f"/r/{leaky.id}/reverifications").status_code == 404


@pytest.mark.usefixtures("within_a_minute")
def test_verifying_counts_as_a_submission(browser, leaky, configure):
    configure(submissions_per_minute=1)
    browser.post(f"/r/{leaky.id}/reverify")
    assert browser.post(f"/r/{leaky.id}/reverify").status_code == 429


@pytest.mark.database
def test_only_the_newest_are_compared(leaky):
    for _ in range(reverifying.SHOWN_MAX + 2):
        again = reverifying.reverify(leaky).run
        Run.objects.filter(pk=again.pk).update(status=Status.CANCELLED)
    assert len(reverifying.shown(leaky)) == reverifying.SHOWN_MAX
