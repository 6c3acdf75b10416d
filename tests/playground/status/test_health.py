"""Whether the process is healthy and the installation ready: JSON that names what is away, in bounded time."""

import re
import threading
import time

import pytest
from django.db import connection

from playground.infrastructure import redis_client
from playground.runs import worker_registry
from playground.runs.worker_registry import Condition
from playground.status.probes import OK, Probe, ProbeResult, answers

# A probe has a connection and a thread of its own, so nothing may hide in a test's transaction.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def worker():
    a_worker()


def a_worker(name="a-worker", engine="", engine_age_s=1.0, sweep_age_s=2.0):
    """Says that a worker is there."""
    worker_registry.register(name, "docker", "A hardened container.", Condition(engine, engine_age_s, sweep_age_s))


def test_an_installation_with_everything_is_ready(client, worker):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["ready"], answer.json()["away"]) == (200, True, [])
    assert set(answer.json()["checks"]) == {
        "database",
        "migrations",
        "broker",
        "worker",
        "engine",
        "sweep",
        "disk",
    }


def test_each_check_has_its_age(client, worker):
    ages = client.get("/readyz").json()["ages_s"]

    assert (ages["database"], ages["disk"]) == (0.0, 0.0)
    assert (1 <= ages["engine"] < 20, 2 <= ages["sweep"] < 20) == (True, True)


def test_without_a_worker_it_is_healthy_and_not_ready(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["away"]) == (503, ["worker", "engine", "sweep"])
    assert client.get("/healthz").status_code == 200


def test_without_a_broker_both_that_and_the_worker_are_away(client, broker_away):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["away"]) == (503, ["broker", "worker", "engine", "sweep"])
    assert "does not answer" in answer.json()["checks"]["broker"]


def test_a_worker_whose_engine_is_away_makes_it_not_ready(client):
    a_worker(engine="no Docker engine answers: nothing listens at unix:///secret")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["away"]) == (503, ["engine"])
    assert answer.json()["checks"]["engine"] == "does not make sandboxes; its worker asks it again"
    assert client.get("/healthz").status_code == 200


def test_one_worker_whose_engine_answers_is_enough(client, worker):
    a_worker("another", engine="nothing listens")

    assert client.get("/readyz").status_code == 200


def test_an_engine_that_hangs_is_away_before_anybody_was_told_so(client):
    a_worker(engine_age_s=25.0)

    answer = client.get("/readyz").json()

    assert answer["away"] == ["engine"]
    assert re.fullmatch(r"has not answered for \d+ s", answer["checks"]["engine"])


@pytest.mark.parametrize(
    ("sweep_age_s", "sentence"), [(None, "no worker has swept yet"), (118.0, r"no worker has swept for \d+ s")]
)
def test_a_sweep_that_is_dead_makes_it_not_ready(client, sweep_age_s, sentence):
    a_worker(sweep_age_s=sweep_age_s)

    answer = client.get("/readyz").json()

    assert answer["away"] == ["sweep"]
    assert re.fullmatch(sentence, answer["checks"]["sweep"])


def test_a_disk_without_room_makes_it_not_ready(client, worker, configure):
    configure(disk_free_mb=10**12)

    answer = client.get("/readyz").json()

    assert answer["away"] == ["disk"]
    assert "MB are free where the data is; 1,000,000,000,000 MB must be" in answer["checks"]["disk"]


def test_a_database_that_answers_and_takes_no_write_is_away(client, worker):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE experiments_pulse RENAME TO elsewhere")
    try:
        answer = client.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO experiments_pulse")

    assert answer.json()["away"] == ["database"]
    assert answer.json()["checks"]["database"].startswith("answers but takes no write (")
    assert client.get("/healthz").status_code == 200


def test_a_broker_that_answers_and_takes_no_write_is_away(client, worker):
    redis_client.redis().config_set("maxmemory", "1")
    redis_client.redis().config_set("maxmemory-policy", "noeviction")
    try:
        answer = client.get("/readyz")
    finally:
        redis_client.redis().config_set("maxmemory", "0")

    assert answer.json()["away"] == ["broker"]
    assert answer.json()["checks"]["broker"].startswith("answers but takes no write (")


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
        return ProbeResult(OK)

    hanging = Probe(hang)
    began = time.monotonic()
    said = [answers({"database": hanging}, 0.1) for _ in range(3)]
    took = time.monotonic() - began
    release.set()

    assert said == [{"database": ProbeResult("does not answer within 0.1 s", None)}] * 3
    assert (len(asked), took < 5) == (1, True)
    assert hanging.begin().result(5) == ProbeResult(OK)


def test_what_was_answered_once_and_hangs_now_is_as_old_as_that_answer():
    release = threading.Event()
    turns = iter([lambda: True, lambda: release.wait(20)])

    def answer_once():
        next(turns)()
        return ProbeResult(OK)

    probe = Probe(answer_once)
    answers({"database": probe}, 5)
    (late,) = answers({"database": probe}, 0.1).values()
    release.set()

    assert 0.1 <= late.age_s < 5
