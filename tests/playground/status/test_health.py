"""Whether the process is healthy and the installation ready: JSON that names what is away, in bounded time."""

import threading
import time

import pytest
from django.db import connection

from playground.runs import worker_registry
from playground.status.probes import OK, Probe, answers

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def worker():
    worker_registry.say_present("a-worker", "docker", "A hardened container.")


def test_an_installation_with_everything_is_ready(client, worker):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["ready"], answer.json()["away"]) == (200, True, [])
    assert set(answer.json()["checks"]) == {"database", "migrations", "broker", "worker"}


def test_without_a_worker_it_is_healthy_and_not_ready(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["away"]) == (503, ["worker"])
    assert client.get("/healthz").status_code == 200


def test_without_a_broker_both_that_and_the_worker_are_away(client, broker_away):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["away"]) == (503, ["broker", "worker"])
    assert "does not answer" in answer.json()["checks"]["broker"]


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_was_not_applied_is_named(client, worker):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, app, name, applied FROM django_migrations WHERE app = 'library' ORDER BY id")
        rows = cursor.fetchall()
        cursor.execute("DELETE FROM django_migrations WHERE app = 'library'")
    try:
        answer = client.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            for row in rows:
                cursor.execute("INSERT INTO django_migrations (id, app, name, applied) VALUES (%s, %s, %s, %s)", row)

    assert answer.json()["away"] == ["migrations"]
    assert "library.0001_initial" in answer.json()["checks"]["migrations"]


def test_what_hangs_is_away_in_time_and_holds_one_thread():
    asked, release = [], threading.Event()

    def hang():
        asked.append(1)
        release.wait(20)
        return OK

    hanging = Probe(hang)
    began = time.monotonic()
    said = [answers({"database": hanging}, 0.1) for _ in range(3)]
    took = time.monotonic() - began
    release.set()

    assert said == [{"database": "does not answer within 0.1 s"}] * 3
    assert (len(asked), took < 5) == (1, True)
    assert hanging.begin().result(5) == OK
