"""A database that goes away comes back: no thread of a worker stays behind, and no result is lost."""

import threading
import time

import pytest
from django.db import connection

from playground.experiments.models import Run, Status
from playground.infrastructure import redis_client
from playground.runs import execution, monitor, submission
from playground.runs.live_stream import read_live
from playground.runs.worker import Rounds
from sandbox_runner.errors import RunCancelled
from sandbox_runner.events.records import Event, ReplayStarted, StepStarted
from sandbox_runner.messages import say
from tests.playground.run_results import leak
from tests.playground.runs.outage import cut_connections, database_away, database_read_only, on_a_server
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, on_a_server]
WITHIN_S = 20


def until(holds):
    """Waits until it holds; a test that waits too long fails."""
    gives_up = time.monotonic() + WITHIN_S
    while not (found := holds()):
        assert time.monotonic() < gives_up, f"{holds} did not come to hold within {WITHIN_S} s"
        threading.Event().wait(0.02)
    return found


class HeldPlayer:
    """Plays a run until it is told to end, or somebody asks for its end."""

    def __init__(self):
        self.played = 0
        self.sink = None
        self.ending = threading.Event()

    def run(self, scenario, *, sink, cancellation, options):
        self.played += 1
        self.sink = sink
        with cancellation.telling(self.ending.set):
            self.ending.wait(60)
        if cancellation.requested:
            raise RunCancelled
        return leak()


@pytest.fixture
def player():
    return HeldPlayer()


@pytest.fixture
def worker(player):
    return execution.Worker("test-worker", player)


@pytest.fixture
def play(worker, player):
    """Plays a run on a thread, as Celery does; returns the thread once the run is being played."""
    threads = []

    def work(run_id):
        try:
            execution.execute(run_id, worker)
        finally:
            connection.close()

    def started(run, *, waits=True):
        threads.append(threading.Thread(target=work, args=[run.id]))
        threads[-1].start()
        if waits:
            until(lambda: player.sink)
        return threads[-1]

    yield started
    execution.release_all(worker)
    player.ending.set()
    for thread in threads:
        thread.join(WITHIN_S)


def stored(run):
    return Run.objects.get(pk=run.pk)


def step(seq):
    return Event(
        seq=seq, at_us=seq, service_at_us=seq, record=StepStarted(index=seq, what=say("step-recycle-all", function=""))
    )


def replay_started(seq):
    return step(seq).model_copy(update={"record": ReplayStarted(purpose="history", indexes=(1,), round=1)})


def test_a_thread_that_goes_its_rounds_goes_on_after_its_connection_broke():
    counted = []
    rounds = Rounds("test", 0.05, lambda: counted.append(Run.objects.count()))
    rounds.start()
    until(lambda: len(counted) > 1)

    cut_connections()
    before = len(counted)
    try:
        until(lambda: len(counted) > before + 1)
    finally:
        rounds.stop()


def test_a_run_has_a_heartbeat_again_after_the_database_was_away(play):
    run = a_run()
    play(run)

    with database_away():
        threading.Event().wait(2 * monitor.LOOK_S)
    before = stored(run).heartbeat_at

    again = until(lambda: stored(run).heartbeat_at > before and stored(run).heartbeat_at)
    until(lambda: stored(run).heartbeat_at > again)
    assert stored(run).status == Status.RUNNING


def test_it_can_be_cancelled_again_after_the_database_was_away(play):
    run = a_run()
    thread = play(run)
    cut_connections()

    submission.cancel(run)
    thread.join(WITHIN_S)

    assert stored(run).status == Status.CANCELLED


def test_its_events_are_passed_on_while_the_database_is_away(play, player):
    run = a_run()
    play(run)

    with database_away():
        player.sink(step(1))
        until(lambda: read_live(redis_client.redis(), run.id).events)


def test_a_proof_that_began_while_the_database_was_away_is_said_when_it_is_back(play, player):
    run = a_run()
    play(run)

    with database_away():
        player.sink(replay_started(1))
        threading.Event().wait(2 * monitor.LOOK_S)

    until(lambda: stored(run).status == Status.PROVING)
    until(lambda: read_live(redis_client.redis(), run.id).status == Status.PROVING)


def test_a_result_is_kept_in_hand_while_the_database_is_away_and_stored_when_it_is_back(play, player):
    run = a_run()
    thread = play(run)

    with database_away():
        player.ending.set()
        threading.Event().wait(1)
    thread.join(WITHIN_S)

    assert (stored(run).status, stored(run).attempts, player.played) == (Status.FINISHED, 1, 1)
    assert read_live(redis_client.redis(), run.id).status == Status.FINISHED


def test_a_result_that_ends_on_a_broken_connection_is_stored_on_a_fresh_one(play, player):
    run = a_run()
    thread = play(run)
    cut_connections()

    player.ending.set()
    thread.join(WITHIN_S)

    assert (stored(run).status, stored(run).attempts, player.played) == (Status.FINISHED, 1, 1)


def test_a_result_is_kept_while_the_database_is_back_and_takes_no_writes(play, player):
    run = a_run()
    thread = play(run)

    with database_read_only():
        player.ending.set()
        thread.join(1)
        assert stored(run).status == Status.RUNNING
    thread.join(WITHIN_S)

    assert (stored(run).status, stored(run).attempts, player.played) == (Status.FINISHED, 1, 1)


def test_a_run_can_be_cancelled_once_the_database_takes_writes_again(play):
    run = a_run()
    thread = play(run)
    with database_read_only():
        threading.Event().wait(2 * monitor.LOOK_S)

    submission.cancel(run)
    thread.join(WITHIN_S)

    assert stored(run).status == Status.CANCELLED


def test_a_message_that_comes_while_the_database_is_away_is_played_when_it_is_back(play, player):
    run = a_run()
    player.ending.set()

    with database_away():
        thread = play(run, waits=False)
        threading.Event().wait(1)
    thread.join(WITHIN_S)

    assert (stored(run).status, stored(run).attempts, player.played) == (Status.FINISHED, 1, 1)


def test_a_worker_that_stops_while_the_database_is_away_for_a_moment_gives_its_run_back(play, worker):
    run = a_run()
    thread = play(run)

    with database_away():
        execution.release_all(worker)
        threading.Event().wait(0.5)
    thread.join(WITHIN_S)

    assert (stored(run).status, stored(run).attempts) == (Status.QUEUED, 0)
