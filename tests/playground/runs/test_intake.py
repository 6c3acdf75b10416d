"""Whether a worker takes runs: not while its sandbox engine is away."""

import threading
import time

import pytest
from celery.exceptions import Reject

from playground.runs import tasks, worker
from playground.runs.intake import Intake
from sandbox_runner.errors import BackendUnavailable, EngineAway, OurFailure
from tests.playground.stored import a_run

LIMIT_S = 10


class AnEngine:
    """``problem`` is what it meets, None where it makes sandboxes."""

    def __init__(self, problem=None):
        self.problem = problem
        self.sweep_problem = None
        self.asked = []
        self.is_asked = threading.Condition()

    def describe(self):
        self._answer("describe")

    def try_out(self):
        self._answer("try_out")

    def sweep(self, live_owners):
        self.asked.append("sweep")
        if self.sweep_problem:
            raise self.sweep_problem

    def _answer(self, question):
        with self.is_asked:
            self.asked.append(question)
            self.is_asked.notify_all()
        if self.problem:
            raise self.problem

    def wait_asked(self, question, times):
        with self.is_asked:
            assert self.is_asked.wait_for(lambda: self.asked.count(question) >= times, LIMIT_S)


class ATap:
    """Remembers how it was turned."""

    def __init__(self):
        self.is_open = True

    def close(self):
        self.is_open = False

    def open(self):
        self.is_open = True


class AnIntake:
    """An intake over an engine of the test's, with what it did."""

    def __init__(self, problem=None):
        self.engine, self.tap, self.turns = AnEngine(problem), ATap(), []
        self.intake = Intake(self.engine, [], self.tap, turned=lambda: self.turns.append(self.intake.is_open))

    def __enter__(self):
        self.intake.start()
        return self

    def __exit__(self, *_):
        self.intake.stop()


def wait_for(what):
    deadline = time.monotonic() + LIMIT_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_engine_that_answers_is_described_and_swept_and_runs_are_taken():
    with AnIntake() as here:
        wait_for(lambda: "sweep" in here.engine.asked)

        assert (here.intake.is_open, here.tap.is_open, here.turns) == (True, True, [])
        assert here.intake.report().problem == ""


@pytest.mark.parametrize("problem", [EngineAway("nothing listens"), BackendUnavailable("the image is not built")])
def test_an_engine_that_makes_no_sandboxes_closes_it_before_a_run_is_taken(problem):
    with AnIntake(problem) as here:
        wait_for(lambda: here.turns == [False])

        assert (here.intake.is_open, here.tap.is_open) == (False, False)
        assert here.intake.report().problem == str(problem)


def test_what_a_run_met_closes_it_at_once():
    here = AnIntake()
    here.intake.report_away("nothing listens")

    assert (here.intake.is_open, here.tap.is_open, here.turns) == (False, False, [False])


def test_it_opens_when_a_sandbox_was_made_and_not_before():
    with AnIntake(EngineAway("nothing listens")) as here:
        here.engine.wait_asked("try_out", 2)
        assert not here.intake.is_open
        here.engine.problem = None

        assert here.intake.wait_open(LIMIT_S)
        wait_for(lambda: here.turns == [False, True])
        assert (here.tap.is_open, here.intake.report().problem) == (True, "")


def test_what_could_not_be_swept_is_not_the_engine_away():
    with AnIntake() as here:
        here.engine.sweep_problem = OurFailure("a volume is busy")
        wait_for(lambda: "sweep" in here.engine.asked)

        assert here.intake.is_open


def test_the_age_of_the_news_is_since_the_engine_was_asked():
    now = [100.0]
    intake = Intake(AnEngine(), [], ATap(), clock=lambda: now[0])
    now[0] = 130.0

    assert intake.report().age_s == 30.0
    intake.report_away("nothing listens")
    assert intake.report().age_s == 0.0


@pytest.fixture
def closed(monkeypatch):
    """This process's intake, closed."""
    intake = Intake(AnEngine(), [], ATap())
    intake.report_away("nothing listens")
    monkeypatch.setattr(tasks, "intake", lambda: intake)
    monkeypatch.setattr(tasks, "HELD_S", 0.01)


@pytest.mark.django_db
def test_a_message_that_reaches_a_closed_worker_goes_back_and_its_run_is_not_claimed(closed):
    run = a_run()

    with pytest.raises(Reject) as rejected:
        tasks.run_experiment(run.id)

    run.refresh_from_db()
    assert rejected.value.requeue
    assert (run.status, run.attempts) == ("queued", 0)


class AConsumer:
    """As Celery's: does on its own thread what it is called for."""

    def __init__(self, task_consumer):
        self.task_consumer = task_consumer
        self.done = []

    def call_soon(self, work, *args):
        work(*args)

    def cancel_task_queue(self, queue):
        self.done.append(("cancel", queue))
        self.task_consumer.queues.remove(queue)

    def add_task_queue(self, queue):
        self.done.append(("add", queue))
        self.task_consumer.queues.append(queue)


class ATaskConsumer:
    """Kombu's, as far as it is asked."""

    def __init__(self):
        self.queues = ["holdover"]

    def consuming_from(self, queue):
        return queue in self.queues


def test_the_queue_is_cancelled_and_consumed_once_however_often_it_is_said():
    tap = worker.QueueTap()
    tap.consumer = AConsumer(ATaskConsumer())

    tap.close()
    tap.close()
    tap.open()
    tap.open()

    assert tap.consumer.done == [("cancel", "holdover"), ("add", "holdover")]


def test_a_consumer_between_two_connections_ends_nothing():
    tap = worker.QueueTap()
    tap.close()
    tap.consumer = AConsumer(None)
    tap.close()
