"""What brings back the work of the dead."""

from datetime import timedelta

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.utils import timezone

from playground.experiments.live_session import LiveSession
from playground.experiments.models import Run, Status
from playground.infrastructure import redis_client
from playground.runs import execution, submission
from playground.runs.following import SWEEP_S
from playground.runs.live import relay
from playground.runs.live_stream import read_live
from playground.runs.recovery import FORGOTTEN_S, LOST, STALE_S, Sweeper
from playground.runs.worker import BEAT_S
from tests.playground.stored import a_run, ago

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Sweeping:
    """A worker's sweeps over a time that a test lets pass."""

    def __init__(self, own_claims=tuple):
        self.now_s = 0.0
        self.sweeper = Sweeper(own_claims, clock=lambda: self.now_s)

    def go_on(self, seconds, *, meanwhile=lambda: None):
        """Sweeps with each beat for that long."""
        for _ in range(int(seconds / BEAT_S)):
            self.now_s += BEAT_S
            self.sweeper.sweep()
            meanwhile()

    def stop_for(self, seconds):
        """Nothing of the process runs for that long."""
        self.now_s += seconds
        self.sweeper.sweep()


@pytest.fixture
def sweeping():
    """A worker that has swept once already."""
    made = Sweeping()
    made.sweeper.sweep()
    return made


def swept(run):
    """``run`` after a worker has seen it for long enough."""
    Sweeping().go_on(STALE_S + 2 * BEAT_S)
    run.refresh_from_db()
    return run


def dead(status=Status.RUNNING, **fields):
    """A run whose worker was killed a minute ago."""
    return a_run(**{"status": status, "claimed_by": "gone/1", "heartbeat_at": ago(60), "attempts": 1, **fields})


def taken():
    """Takes the next message, as a worker does; returns the id of its run."""
    before = redis_client.announced()
    with current_app.connection_for_read() as connection:
        assert connection.default_channel.basic_get(settings.CELERY_TASK_DEFAULT_QUEUE, no_ack=True)
    after = list(redis_client.announced())
    return next(one for one in before if one not in after or after.remove(one))


def beat(*runs):
    """The workers of these runs are alive."""
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(heartbeat_at=timezone.now())


@pytest.mark.parametrize("status", [Status.RUNNING, Status.PROVING])
def test_a_run_without_a_heartbeat_is_queued_again(status):
    run = swept(dead(status))

    assert (run.status, run.claimed_by) == (Status.QUEUED, "")
    assert redis_client.announced() == (run.id,)


def test_after_two_attempts_it_ends_as_interrupted_by_us():
    run = swept(dead(attempts=2))

    assert run.status == Status.FAILED
    assert "We interrupted the run" in run.failure_sentence
    assert read_live(redis_client.redis(), run.id).is_final


def test_a_run_somebody_wanted_to_cancel_ends_as_cancelled():
    assert swept(dead(cancel_requested_at=ago(30))).status == Status.CANCELLED


def test_a_run_that_beats_is_left_alone(sweeping):
    run = dead()

    sweeping.go_on(60, meanwhile=lambda: beat(run))

    assert Run.objects.get(pk=run.pk).claimed_by == "gone/1"


@pytest.mark.django_db(transaction=True)
def test_what_came_back_is_played_by_another_worker_to_its_end(make_worker):
    run = swept(dead())

    execution.execute(run.id, make_worker())

    run.refresh_from_db()
    assert (run.status, run.attempts) == (Status.FINISHED, 2)


@pytest.mark.parametrize("status", [Status.FINISHED, Status.FAILED, Status.CANCELLED])
def test_what_is_over_stays_over(status):
    assert swept(dead(status)).status == status


# --- claims that are alive although no heartbeat is seen -------------------------------------------------------------


def test_a_worker_that_was_stopped_takes_no_claim_away_before_it_could_see_a_heartbeat(sweeping):
    """Stopped for a minute, by a signal or as its machine slept: the runs' heartbeats are late as well."""
    run = dead()
    sweeping.go_on(BEAT_S)

    sweeping.stop_for(60)
    sweeping.go_on(2 * BEAT_S)
    assert Run.objects.get(pk=run.pk).status == Status.RUNNING

    sweeping.go_on(STALE_S)
    assert Run.objects.get(pk=run.pk).status == Status.QUEUED


def test_a_worker_never_takes_away_what_it_plays_itself():
    run = dead(claimed_by="this-worker/1")
    own = Sweeping(own_claims=lambda: ["this-worker/1"])

    own.go_on(120)

    assert Run.objects.get(pk=run.pk).status == Status.RUNNING
    assert swept(run).status == Status.QUEUED


@pytest.mark.parametrize("jump_s", [60, -60])
def test_a_clock_that_jumps_takes_no_claim_away(sweeping, jump_s):
    run = dead(heartbeat_at=timezone.now())
    sweeping.go_on(BEAT_S)

    with time_machine.travel(timezone.now() + timedelta(seconds=jump_s)):
        sweeping.go_on(BEAT_S)
        beat(run)
        sweeping.go_on(BEAT_S)

    assert Run.objects.get(pk=run.pk).status == Status.RUNNING


@pytest.mark.parametrize("jump_s", [60, -60])
def test_a_worker_that_died_before_the_clock_jumped_is_noticed(sweeping, jump_s):
    run = dead(heartbeat_at=timezone.now())

    with time_machine.travel(timezone.now() + timedelta(seconds=jump_s)):
        sweeping.go_on(STALE_S + 2 * BEAT_S)

    assert Run.objects.get(pk=run.pk).status == Status.QUEUED


def test_a_heartbeat_between_the_look_and_the_taking_away_keeps_the_claim(sweeping, monkeypatch):
    run = dead()
    sweeping.go_on(STALE_S)
    looked = sweeping.sweeper._heartbeats.look
    monkeypatch.setattr(sweeping.sweeper._heartbeats, "look", lambda seen: (beat(run), looked(seen))[1])

    sweeping.go_on(BEAT_S)

    assert Run.objects.get(pk=run.pk).claimed_by == "gone/1"


# --- the order of the queue ------------------------------------------------------------------------------------------


def queued(**fields):
    """A queued run that workers were told of."""
    run = a_run(**fields)
    redis_client.announce(run.id)
    return run


def test_what_is_brought_back_goes_before_what_waits_and_keeps_its_first_time_of_queueing():
    queued_at = ago(300)
    run = dead(queued_at=queued_at)
    waiting = [queued(), queued()]

    swept(run)

    assert run.queued_at == queued_at
    assert [taken() for _ in range(3)] == [run.id, *(one.id for one in waiting)]


def test_of_several_that_are_brought_back_the_oldest_goes_first():
    younger, older = dead(queued_at=ago(100)), dead(queued_at=ago(200))

    swept(younger)

    assert redis_client.announced() == (older.id, younger.id)


# --- lost announcements ----------------------------------------------------------------------------------------------


def lost():
    """A queued run whose message is gone: that of a test's own transaction is never sent."""
    return a_run()


def test_a_run_whose_message_was_lost_is_told_of_again_within_ten_seconds(sweeping):
    run = lost()

    sweeping.go_on(FORGOTTEN_S + BEAT_S)

    assert sweeping.now_s <= 10
    assert redis_client.announced() == (run.id,)


def test_it_is_noticed_while_messages_of_others_wait_and_goes_before_them(sweeping):
    run = lost()
    others = [queued() for _ in range(3)]

    sweeping.go_on(10)

    assert [taken() for _ in range(4)] == [run.id, *(one.id for one in others)]


def test_nothing_is_told_of_again_and_again(sweeping):
    lost()
    for _ in range(3):
        queued()

    sweeping.go_on(120)

    assert len(redis_client.announced()) == 4


def test_of_many_workers_one_tells_of_it_again(sweeping):
    run = lost()
    another = Sweeping()

    for _ in range(8):
        sweeping.go_on(BEAT_S)
        another.go_on(BEAT_S)

    assert redis_client.announced() == (run.id,)


def test_after_a_broker_forgot_everything_all_are_told_of_once_in_their_order(sweeping):
    runs = [queued(queued_at=ago(100 - number)) for number in range(20)]
    redis_client.redis().flushdb()

    sweeping.go_on(30)

    assert redis_client.announced() == tuple(run.id for run in runs)


def test_a_message_of_an_older_version_counts_as_well(sweeping):
    """That version announces without a priority."""
    run = lost()
    current_app.send_task(redis_client.RUN_TASK, [run.id])

    sweeping.go_on(60)

    assert redis_client.announced() == (run.id,)


def test_a_clock_that_jumps_announces_nothing(sweeping):
    queued()
    sweeping.go_on(BEAT_S)

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        sweeping.go_on(BEAT_S)

    assert len(redis_client.announced()) == 1


def test_what_is_over_is_not_told_of_again(sweeping):
    submission.cancel(lost())

    sweeping.go_on(60)

    assert redis_client.announced() == ()


def test_other_messages_of_celery_are_no_announcements():
    current_app.send_task("playground.experiments.tasks.sweep", [])

    assert redis_client.announced() == ()


class Watching(Sweeping):
    """Somebody who watches one session."""

    def __init__(self, run):
        super().__init__()
        self.session = LiveSession.objects.create(run=run, client="")

    def go_on(self, seconds):
        """Looks after it for that long; returns the run."""
        for _ in range(int(seconds / SWEEP_S)):
            self.now_s += SWEEP_S
            self.sweeper.sweep_session(self.session)
        return Run.objects.get(pk=self.session.run_id)


def test_a_session_that_nobody_holds_is_lost_to_whoever_watches_once_its_heartbeat_stands_still():
    watching = Watching(dead())
    assert watching.go_on(STALE_S - SWEEP_S).status == Status.RUNNING
    lost = watching.go_on(2 * SWEEP_S)
    assert (lost.status, lost.failure_messages) == (Status.FAILED, LOST)


def test_a_session_that_is_held_is_not_lost_however_late_its_heartbeats_are():
    watching = Watching(dead())
    relay.hold(redis_client.redis(), watching.session.address, "gone/1")
    assert watching.go_on(2 * STALE_S).status == Status.RUNNING

    relay.release(redis_client.redis(), watching.session.address, "gone/1")
    assert watching.go_on(SWEEP_S).status == Status.FAILED


def test_a_session_that_is_proven_is_left_to_the_workers():
    assert Watching(dead(Status.PROVING)).go_on(2 * STALE_S).status == Status.PROVING
