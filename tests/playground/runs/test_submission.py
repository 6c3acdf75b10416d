"""The web half: from a scenario to a stored run that a worker will hear of."""

import pytest
from django.db import DatabaseError, connection

from playground.experiments.dependency_locks import locked_scenario, locks_of
from playground.experiments.models import Experiment, Revision, Run, Status
from playground.experiments.viewer import Viewer
from playground.infrastructure import redis_client
from playground.runs import submission
from playground.runs.live_stream import read_live
from tests.builders import invoke, scenario
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ME = Viewer(browser_key="me")


def test_experiment_revision_and_run_are_stored_together():
    run = submission.submit(scenario(), by=ME)

    assert (run.status, run.browser_key, run.revision.number) == (Status.QUEUED, "me", 1)
    assert run.revision.scenario == scenario()


def test_a_worker_hears_of_it_only_once_it_is_stored(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        submission.submit(scenario())
    assert redis_client.announced() == ()

    callbacks[0]()

    assert len(redis_client.announced()) == 1


def test_an_edited_copy_of_ones_own_is_the_next_revision():
    first = submission.submit(scenario(), by=ME)
    second = submission.submit(scenario(invoke(1)), by=ME, parent=first.revision)

    assert second.revision.experiment == first.revision.experiment
    assert (second.revision.number, second.revision.parent) == (2, first.revision)


@pytest.mark.parametrize("key", ["somebody else", ""])
def test_an_edited_copy_of_somebody_elses_is_an_experiment_of_its_own(key):
    first = submission.submit(scenario(), by=ME)
    copy = submission.submit(scenario(invoke(1)), by=Viewer(browser_key=key), parent=first.revision)

    assert copy.revision.experiment != first.revision.experiment
    assert copy.revision.parent == first.revision


def test_the_same_content_in_one_experiment_is_one_revision():
    first = submission.submit(scenario(), by=ME)
    second = submission.submit(scenario(), by=ME, parent=first.revision)

    assert second.revision == first.revision
    assert second != first


def test_a_copy_may_be_called_back_to_an_earlier_content():
    first = submission.submit(scenario(), by=ME)
    second = submission.submit(scenario(invoke(1)), by=ME, parent=first.revision)
    third = submission.submit(scenario(), by=ME, parent=second.revision)

    assert third.revision == first.revision


@pytest.mark.django_db(transaction=True)
def test_a_failure_leaves_nothing_half_stored():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE experiments_run RENAME TO experiments_run_away")
    try:
        with pytest.raises(DatabaseError):
            submission.submit(scenario())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE experiments_run_away RENAME TO experiments_run")

    assert (Experiment.objects.count(), Revision.objects.count()) == (0, 0)


def test_a_queued_run_is_cancelled_at_once():
    run = a_run()

    submission.cancel(run)

    run.refresh_from_db()
    assert (run.status, run.finished_at is not None) == (Status.CANCELLED, True)
    assert read_live(redis_client.redis(), run.id).is_final


def test_a_running_run_is_asked_to_end():
    run = a_run(status=Status.RUNNING)

    submission.cancel(run)

    run.refresh_from_db()
    assert (run.status, run.cancel_requested_at is not None) == (Status.RUNNING, True)


@pytest.mark.parametrize("status", Status)
def test_only_a_run_that_goes_on_has_a_proof_that_can_be_stopped(status):
    run = a_run(status=status)

    submission.stop_proof(run)

    run.refresh_from_db()
    assert (run.proof_stop_requested_at is None) == run.is_final
    assert run.status == status


def test_a_finished_run_cannot_be_cancelled_any_more():
    run = a_run(status=Status.FINISHED)

    submission.cancel(run)

    run.refresh_from_db()
    assert (run.status, run.cancel_requested_at) == (Status.FINISHED, None)


def test_a_broker_that_is_away_does_not_lose_the_run(django_capture_on_commit_callbacks, broker_away):
    with django_capture_on_commit_callbacks(execute=True):
        run = submission.submit(scenario())

    assert Run.objects.get(pk=run.pk).status == Status.QUEUED


# --- packages -----------------------------------------------------------------------------------------------------


LOCK = "greeting==1.0 --hash=sha256:" + "a" * 64 + "\n"


def with_packages(*steps, text="greeting\n", **function):
    return scenario(*steps, files={"app.py": "x", "requirements.txt": text}, dependencies="auto", **function)


def locked(run):
    run.revision.locks.create(function="holdover", text=LOCK)
    return run.revision


def test_a_copy_that_asks_for_the_same_has_the_same_packages():
    first = locked(submission.submit(with_packages(), by=ME))
    for by in (ME, Viewer(browser_key="somebody else")):
        copy = submission.submit(with_packages(invoke(1)), by=by, parent=first).revision
        assert locks_of(copy) == {"holdover": LOCK}


@pytest.mark.parametrize("changed", [{"text": "greeting>1\n"}, {"dependencies": "none"}])
def test_a_copy_that_asks_for_something_else_has_none(changed):
    first = locked(submission.submit(with_packages(), by=ME))
    text = changed.get("text", "greeting\n")
    asked = scenario(files={"app.py": "x", "requirements.txt": text}, dependencies=changed.get("dependencies", "auto"))
    assert locks_of(submission.submit(asked, by=ME, parent=first).revision) == {}


def test_updated_dependencies_are_a_new_revision_of_the_same_content_without_a_lock():
    first = locked(submission.submit(with_packages(), by=ME))
    run = submission.renew_dependencies(first, by=ME)
    assert (run.revision.number, run.revision.parent) == (2, first)
    assert run.revision.scenario == first.scenario
    assert locks_of(run.revision) == {}
    assert locks_of(first) == {"holdover": LOCK}


def test_a_downloaded_scenario_has_the_lock_among_its_files():
    first = locked(submission.submit(with_packages(), by=ME))
    assert locked_scenario(first).function.files["requirements.lock"] == LOCK
