"""What Prometheus reads: counted in every process, added up for all, and shown to nobody who may not know."""

import threading
import time

import pytest
import redis
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from playground.experiments.models import Status
from playground.infrastructure import metrics, redis_client
from playground.infrastructure.metrics import HTTP, KEY, QUEUE_WAIT, RUNS, TALLY, Tally, counted, field
from playground.runs import execution, worker_registry
from playground.runs.worker_registry import Condition
from tests.builders import invoke
from tests.playground.stored import a_run, ago

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted(empty_broker):
    TALLY.flush()
    redis_client.redis().delete(KEY)


def scraped(client, **headers):
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, *(value for name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_a_page_is_timed_by_the_name_of_its_route(client):
    run = a_run()
    client.get(run.get_absolute_url())
    client.get("/nowhere-at-all")

    text = client.get("/metrics").content.decode()
    assert 'holdover_http_seconds_count{method="GET",route="run",status="200"} 1.0' in text
    assert 'holdover_http_seconds_count{method="GET",route="none",status="404"} 1.0' in text
    assert run.id not in text
    assert "nowhere" not in text


def test_what_is_asked_with_an_unknown_method_makes_no_new_label(client):
    client.generic("PURGE", "/")

    assert ("holdover_http_seconds_count", "other", "home", "405") in scraped(client)


def test_a_run_is_counted_with_its_wait_its_length_and_its_verdict(client, make_worker):
    run = a_run(invoke({"message": "hello"}, "somebody"), queued_at=ago(3))
    execution.execute(run.id, make_worker())

    seen = scraped(client)
    run.refresh_from_db()
    assert run.status == Status.FINISHED
    assert seen["holdover_runs_total", "finished", run.verdict] == 1
    assert seen["holdover_queue_wait_seconds_sum",] >= 3
    assert seen["holdover_run_seconds_count", "finished"] == 1
    assert seen["holdover_queue_length",] == 0


def test_a_refused_submission_is_counted(client, configure):
    configure(queue_max=1)
    client.post(f"/r/{a_run().id}/again")

    assert scraped(client)["holdover_throttled_total", "queue"] == 1


def test_workers_are_counted_by_their_sandboxes(client):
    worker_registry.register("one", "docker", "")
    worker_registry.register("two", "docker", "")

    assert scraped(client)["holdover_workers", "docker"] == 2
    assert scraped(client)["holdover_workers_engine_away",] == 0


def test_workers_whose_engine_is_away_are_counted(client):
    worker_registry.register("one", "docker", "", Condition("nothing listens"))
    worker_registry.register("two", "docker", "", Condition())

    assert scraped(client)["holdover_workers_engine_away",] == 1


def test_several_processes_add_up(client):
    web, worker = Tally(), Tally()
    web.count(RUNS, "finished", "leak")
    worker.count(RUNS, "finished", "leak", by=2)
    web.flush()
    worker.flush()

    assert scraped(client)["holdover_runs_total", "finished", "leak"] == 3


def test_a_histogram_has_its_value_in_every_bucket_above_it(client):
    TALLY.observe(QUEUE_WAIT, 0.3)
    TALLY.observe(QUEUE_WAIT, 1000.0)

    seen = scraped(client)
    at_most = {key[1]: value for key, value in seen.items() if key[0] == "holdover_queue_wait_seconds_bucket"}
    assert (at_most["0.25"], at_most["0.5"], at_most["300"], at_most["+Inf"]) == (0, 1, 1, 2)
    assert seen["holdover_queue_wait_seconds_count",] == 2


def test_what_could_not_be_added_is_added_later(configure, broker_away):
    tally = Tally()
    tally.count(RUNS, "finished", "clean")
    with pytest.raises(metrics.RedisError):
        tally.flush()
    assert tally._pending == {field(RUNS, ("finished", "clean"), "total"): 1}
    # Its own thread would add that to what the next test counts.
    tally._pending.clear()


def test_a_flush_on_its_way_is_waited_for(settings):
    """What was counted is there when a flush returns, also where another thread took it up and has not added it yet."""
    tally = Tally()
    tally.count(RUNS, "finished", "clean")
    broker_itself = redis.Redis.from_url(settings.HOLDOVER.redis_url)
    broker_itself.client_pause(
        timeout=500, all=False
    )  # what writes waits in the server for that long: a flush on its way
    first = threading.Thread(target=tally.flush)
    first.start()
    while tally._pending:
        time.sleep(0)

    tally.flush()

    assert float(broker_itself.hget(KEY, field(RUNS, ("finished", "clean"), "total"))) == 1
    first.join()


def test_metrics_without_a_broker_are_unavailable_and_not_an_error_of_ours(client, broker_away):
    answer = client.get("/metrics")

    assert answer.status_code == 503
    assert "broker" in answer.content.decode()


@pytest.mark.parametrize(
    ("configured", "address", "sent", "status"),
    [
        ({"production": False}, "127.0.0.1", "", 200),
        ({"production": False}, "192.0.2.7", "", 404),
        ({"production": True}, "127.0.0.1", "", 404),
        ({"production": True, "metrics_token": "a-long-token"}, "192.0.2.7", "Bearer a-long-token", 200),
        ({"production": True, "metrics_token": "a-long-token"}, "192.0.2.7", "Bearer another", 404),
        ({"production": True, "metrics_token": "a-long-token"}, "127.0.0.1", "", 404),
        ({"production": False, "metrics_token": "a-long-token"}, "127.0.0.1", "Bearer \u30c8", 404),
    ],
)
def test_who_may_read_them(configure, configured, address, sent, status):
    configure(**configured)

    answer = Client().get("/metrics", REMOTE_ADDR=address, headers={"Authorization": sent})

    assert answer.status_code == status


def test_every_metric_counts_only_names_of_ours():
    assert {label for metric in metrics.METRICS for label in metric.labels} <= {
        "route", "method", "status", "verdict", "limit", "backend", "started", "became", "why",
    }  # fmt: skip


def test_counters_outlive_the_process_that_counted():
    tally = Tally()
    tally.observe(HTTP, 0.01, "home", "GET", "200")
    tally.flush()
    del tally

    assert counted()[field(HTTP, ("home", "GET", "200"), "0.01")] == 1
