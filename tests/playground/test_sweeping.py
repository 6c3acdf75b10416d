"""What brings back the work of the dead."""

import pytest

from playground.experiments import broker, execution, sweeping
from playground.experiments.live_stream import read_live
from playground.experiments.models import Status
from tests.playground.stored import a_run, ago

pytestmark = pytest.mark.django_db


def swept(run):
    sweeping.sweep_runs()
    run.refresh_from_db()
    return run


def dead(status=Status.RUNNING, **fields):
    """A run whose worker was killed a minute ago."""
    return a_run(**{"status": status, "claimed_by": "gone/1", "heartbeat_at": ago(60), "attempts": 1, **fields})


@pytest.mark.parametrize("status", [Status.RUNNING, Status.PROVING])
def test_a_run_without_a_heartbeat_is_queued_again(status):
    run = swept(dead(status))

    assert (run.status, run.claimed_by) == (Status.QUEUED, "")
    assert broker.messages_waiting() == 1


def test_after_two_attempts_it_ends_as_interrupted_by_us():
    run = swept(dead(attempts=2))

    assert run.status == Status.FAILED
    assert "interrupted by us" in run.failure_sentence
    assert read_live(broker.redis(), run.id).is_final


def test_a_run_somebody_wanted_to_cancel_ends_as_cancelled():
    assert swept(dead(cancel_requested_at=ago(30))).status == Status.CANCELLED


def test_a_run_that_beats_is_left_alone():
    run = swept(dead(heartbeat_at=ago(2)))

    assert (run.status, run.claimed_by) == (Status.RUNNING, "gone/1")


@pytest.mark.django_db(transaction=True)
def test_what_came_back_is_played_by_another_worker_to_its_end(make_worker):
    run = swept(dead())

    execution.execute(run.id, make_worker())

    run.refresh_from_db()
    assert (run.status, run.attempts) == (Status.FINISHED, 2)


def test_a_queued_run_whose_message_was_lost_is_announced_again():
    run = a_run(queued_at=ago(60))

    swept(run)
    assert broker.messages_waiting() == 1

    swept(run)
    assert broker.messages_waiting() == 1


def test_nothing_is_announced_again_while_messages_wait():
    a_run(queued_at=ago(60))
    broker.announce("another run")

    sweeping.sweep_runs()

    assert broker.messages_waiting() == 1


@pytest.mark.parametrize("status", [Status.FINISHED, Status.FAILED, Status.CANCELLED])
def test_what_is_over_stays_over(status):
    assert swept(dead(status)).status == status
