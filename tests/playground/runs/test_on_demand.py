"""A run whose runtime has an image of its own that is not made yet: it waits, and is played or failed afterwards."""

import dataclasses
import json
import threading

import pytest

from playground.experiments.models import Status
from playground.experiments.viewer import Viewer
from playground.infrastructure import redis_client
from playground.runs import execution, submission
from playground.runs.on_demand import BuilderProcess, OnDemand
from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.image import progress
from tests.builders import invoke, scenario
from tests.playground.stored import a_run

# No worker of Celery takes the messages here.
ONCE_SUBMITTED = 1
pytestmark = pytest.mark.django_db(transaction=True)


class FakeBuild:
    """A build that ends when the test says so."""

    def __init__(self):
        self.over = threading.Event()
        self.status = 0
        self.ended = False

    def finish(self, status=0):
        self.status = status
        self.over.set()

    def wait(self, seconds):
        return self.status if self.over.wait(min(seconds, 0.02)) else None

    def said(self):
        return "mmdebstrap missing"

    def end(self):
        self.ended = True
        self.finish(15)


@pytest.fixture
def builds():
    return {}


@pytest.fixture
def on_demand(builds, tmp_path, configure):
    configure(data=tmp_path)

    def begin(runtime):
        assert runtime not in builds
        builds[runtime] = FakeBuild()
        return builds[runtime]

    made = OnDemand(begin)
    yield made
    made.close()


def settled(on_demand):
    for thread in on_demand._threads:
        thread.join(10)


@pytest.fixture
def worker(make_worker, on_demand):
    """A worker that lacks the image of Python 3.14."""
    made = make_worker()
    make_worker.backend.not_built = {"python3.14"}
    make_worker.backend.runtimes["python3.14"] = {"python": "3.14.0"}
    return execution.Worker(made.name, made.player, runtimes=("python3.13",), prepare=on_demand.need)


def waiting_run():
    return submission.submit(scenario(invoke(), runtime="python3.14"), by=Viewer(browser_key=""))


def after(run):
    run.refresh_from_db()
    return run.status


def test_a_run_waits_unclaimed_while_its_image_is_made_and_others_are_played(worker, builds):
    run, other = waiting_run(), a_run()

    execution.execute(run.id, worker)
    execution.execute(other.id, worker)

    assert (after(run), run.attempts, after(other)) == (Status.QUEUED, 0, Status.FINISHED)
    assert list(builds) == ["python3.14"]


def test_it_is_announced_when_the_image_is_there_and_then_played(make_worker, worker, builds, on_demand):
    run = waiting_run()
    execution.execute(run.id, worker)

    make_worker.backend.not_built = set()
    builds["python3.14"].finish()
    settled(on_demand)

    assert redis_client.announced().count(run.id) == ONCE_SUBMITTED + 1
    execution.execute(run.id, worker)
    assert after(run) == Status.FINISHED


def test_it_stays_in_the_queue_where_the_engine_does_not_say_whether_the_image_is_there(
    make_worker, worker, monkeypatch
):
    """An engine that is busy for a while lost the run: it was played, and failed for want of its image."""

    async def no_answer(runtimes):
        raise BackendUnavailable("takes too long")

    run, met = waiting_run(), []
    monkeypatch.setattr(make_worker.backend, "missing", no_answer)

    execution.execute(run.id, dataclasses.replace(worker, met_away=met.append))

    assert (after(run), run.attempts, met) == (Status.QUEUED, 0, ["takes too long"])


def test_what_the_installation_leaves_out_is_made_as_any_other(make_worker, worker, builds):
    make_worker.backend.not_built = {"nodejs22.x"}
    run = submission.submit(scenario(invoke(), runtime="nodejs22.x"), by=Viewer(browser_key=""))

    execution.execute(run.id, worker)

    assert (after(run), list(builds)) == (Status.QUEUED, ["nodejs22.x"])


def test_two_runs_wait_for_one_build(worker, builds, on_demand):
    runs = [waiting_run(), waiting_run()]
    for run in runs:
        execution.execute(run.id, worker)

    builds["python3.14"].finish()
    settled(on_demand)

    assert [redis_client.announced().count(run.id) for run in runs] == [ONCE_SUBMITTED + 1] * 2


def test_an_image_that_cannot_be_made_fails_the_run_with_what_the_builder_said(worker, builds, on_demand, client):
    run = waiting_run()
    execution.execute(run.id, worker)

    builds["python3.14"].finish(2)
    settled(on_demand)

    assert (after(run), bool(run.failure_reference)) == (Status.FAILED, True)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "The image of python3.14 could not be made on this machine" in page
    assert "mmdebstrap missing" in page


def test_the_next_run_tries_again(worker, builds, on_demand):
    execution.execute(waiting_run().id, worker)
    builds.pop("python3.14").finish(2)
    settled(on_demand)

    execution.execute(waiting_run().id, worker)
    assert list(builds) == ["python3.14"]


def test_a_worker_that_stops_ends_the_build_and_leaves_the_run(worker, builds, on_demand):
    run = waiting_run()
    execution.execute(run.id, worker)

    on_demand.close()

    assert builds["python3.14"].ended
    assert after(run) == Status.QUEUED


def test_the_runs_page_says_what_is_being_made_and_how_far_it_is(worker, client, tmp_path):
    run = waiting_run()
    (tmp_path / "image").mkdir()
    states = {"debian": progress.MADE, "python3.14": progress.MAKING, "python3.14-sdk": progress.MADE}
    (tmp_path / "image" / "progress.json").write_text(json.dumps(states))

    execution.execute(run.id, worker)

    assert "still preparing python3.14 (2 of 3 parts done)" in client.get(run.get_absolute_url()).content.decode()


def test_a_builder_is_a_process_that_says_why_it_failed(tmp_path, configure):
    configure(data=tmp_path)
    build = BuilderProcess("cobol85.x")

    assert build.wait(60) == 2
    assert "there is no runtime 'cobol85.x'" in build.said()
