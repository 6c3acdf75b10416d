"""What whoever waits is told while no sandbox can be made."""

import json

import pytest

from playground.experiments.models import Status
from playground.infrastructure import redis_client
from playground.run_page import live as progress
from playground.runs import waiting, worker_registry
from playground.runs.live_stream import LivePublisher, read_live
from playground.runs.worker_registry import Condition
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db

SENTENCE = "Waiting for the sandbox engine, which does not answer. The run starts when it is back."


@pytest.fixture
def engine_away():
    worker_registry.register(
        "a-worker", "docker", "", Condition("no Docker engine answers: nothing listens at unix:///x")
    )


def test_the_page_of_a_run_that_waits_says_that_it_waits_for_the_engine(client, engine_away):
    assert SENTENCE in client.get(f"/r/{a_run().id}").content.decode()


def test_it_does_not_where_an_engine_answers(client):
    worker_registry.register("a-worker", "docker", "", Condition())

    page = client.get(f"/r/{a_run().id}").content.decode()

    assert SENTENCE not in page
    assert "Waiting for a worker." in page


def test_a_run_that_plays_says_what_it_does(client, engine_away):
    run = a_run(status=Status.RUNNING, claimed_by="x", attempts=1)

    assert SENTENCE not in client.get(f"/r/{run.id}").content.decode()


@pytest.mark.parametrize(("status", "said"), [(Status.QUEUED, SENTENCE), (Status.RUNNING, None)])
def test_a_program_is_told_the_same(client, engine_away, status, said):
    run = a_run(status=status)

    assert json.loads(client.get(f"/api/v1/runs/{run.id}").content)["waiting"] == said


def test_without_a_broker_a_page_waits_for_a_worker(client, broker_away):
    assert progress.live_page(a_run()).now == "Waiting for a worker."


def test_who_watches_a_queued_run_is_made_to_look_again():
    run = a_run()
    before = read_live(redis_client.redis(), run.id).last_id

    waiting.tell_those_who_wait()

    live = read_live(redis_client.redis(), run.id)
    assert (live.status, live.last_id > before) == (Status.QUEUED, True)


def test_the_stream_of_a_run_that_was_taken_meanwhile_is_left_alone():
    run = a_run()
    publisher = LivePublisher(redis_client.redis(), run.id, "a-claim")
    publisher.begin()

    waiting.tell_those_who_wait()

    assert read_live(redis_client.redis(), run.id).status == Status.RUNNING
