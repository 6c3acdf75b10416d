"""A new installation is used while some runtimes are still being prepared; pages say so and nothing fails."""

import json

import pytest

from playground.experiments.models import Status
from playground.experiments.viewer import Viewer
from playground.runs import execution, submission
from playground.runs.preparing import Preparing
from tests.builders import scenario
from tests.playground.stored import a_run


@pytest.fixture
def data(tmp_path, configure):
    """The installation's data folder, empty."""
    configure(data=tmp_path)
    return tmp_path


@pytest.fixture
def preparing(data):
    """Node is being prepared there: two of five parts are made."""
    (data / "image").mkdir()
    states = {"debian": "made", "python": "made", "nodejs22.x": "making", "nodejs24.x": "making", "image": "making"}
    (data / "image" / "progress.json").write_text(json.dumps(states))


def test_where_nothing_is_being_made_nothing_is_said(data):
    assert Preparing.now() is None


def test_a_file_that_is_no_progress_says_nothing(data):
    (data / "image").mkdir()
    (data / "image" / "progress.json").write_text("[1")

    assert Preparing.now() is None


@pytest.mark.django_db
def test_home_offers_what_can_be_played_now_and_says_what_is_coming(client, preparing):
    page = client.get("/").content.decode()

    assert "still preparing nodejs22.x, nodejs24.x (2 of 5 parts done)" in page
    assert '<option value="python3.13" selected>' in page


@pytest.mark.django_db
def test_a_run_that_waits_for_its_runtime_says_so(client, preparing):
    run = submission.submit(scenario(runtime="nodejs22.x"), by=Viewer(browser_key=""))

    assert "still preparing nodejs22.x" in client.get(run.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_a_run_whose_runtime_is_there_does_not(client, preparing):
    assert "still preparing" not in client.get(a_run().get_absolute_url()).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_worker_leaves_a_run_in_the_queue_whose_runtime_comes_with_the_image(make_worker):
    run, worker = a_run(), make_worker()
    begun = execution.Worker(worker.name, worker.player, runtimes=("nodejs24.x",), coming=("python3.13", "nodejs24.x"))

    execution.execute(run.id, begun)

    run.refresh_from_db()
    assert (run.status, run.attempts) == (Status.QUEUED, 0)

    execution.execute(run.id, execution.Worker(worker.name, worker.player, runtimes=("python3.13",)))

    run.refresh_from_db()
    assert run.status == Status.FINISHED
