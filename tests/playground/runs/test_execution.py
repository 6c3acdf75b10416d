"""The worker half: from a queued run to its stored result, once and only once."""

import itertools
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from playground.experiments.models import Run, Status
from playground.infrastructure import redis_client
from playground.runs import execution, submission
from playground.runs.live_stream import read_live
from playground.runs.monitor import Watch
from playground.runs.recovery import STALE_S
from sandbox_runner.errors import BackendUnavailable, EngineAway, OurFailure
from sandbox_runner.messages import say
from sandbox_runner.run.engine import Engine
from tests.builders import idle, invoke, recycle
from tests.fakes.backend import FakeBackend, FakeFunction, SandboxVanishes
from tests.playground.stored import a_run

# A worker has connections of its own, so nothing may hide in a test's transaction.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def end_of(run):
    run.refresh_from_db()
    return run.status


def test_a_queued_run_is_played_and_its_result_stored(make_worker):
    run = a_run()

    execution.execute(run.id, make_worker())

    assert end_of(run) == Status.FINISHED
    assert [one.principal for one in run.result.invocations] == ["tenant-a", "tenant-b"]
    assert (run.verdict, run.backend, run.attempts, run.claimed_by) == (run.result.verdict, "fake", 1, "")


def test_its_stream_says_what_happened_and_that_it_is_over(make_worker):
    run = a_run()

    execution.execute(run.id, make_worker())

    live = read_live(redis_client.redis(), run.id)
    assert live.status == Status.FINISHED
    assert [event.record.type for event in live.events][:1] == ["run.started"]


def test_a_message_that_comes_twice_plays_once(make_worker):
    run, worker = a_run(), make_worker()

    execution.execute(run.id, worker)
    stored = run.result_blob, Run.objects.get(pk=run.pk).finished_at
    execution.execute(run.id, worker)

    run.refresh_from_db()
    assert (run.attempts, run.finished_at) == (1, stored[1])


def test_of_many_workers_one_gets_the_claim():
    run = a_run()

    def claim(number):
        try:
            return execution.claim_run(run.id, f"worker-{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        claims = list(threads.map(claim, range(8)))

    assert sum(one is not None for one in claims) == 1


def test_a_message_of_a_run_that_does_not_exist_is_ignored(make_worker):
    execution.execute("no-such-run", make_worker())


@pytest.mark.parametrize("status", list(Status)[1:])
def test_only_a_queued_run_is_claimed(status):
    run = a_run(status=status)

    assert execution.claim_run(run.id, "worker") is None


def test_what_a_function_does_wrong_is_a_result(make_worker):
    def handler(event, runtime):
        raise ValueError("oops")

    run = a_run()
    execution.execute(run.id, make_worker(FakeFunction(handler)))

    assert end_of(run) == Status.FINISHED
    assert run.result.invocations[0].outcome == "function-error"


def test_a_sentence_that_quotes_what_no_database_holds_is_stored_without_it(make_worker):
    def handler(event, runtime):
        seen = runtime.globals.get("seen", "")
        runtime.globals["seen"] = event["message"]
        return seen

    secret = "ab\x00cd-efgh-ijkl"
    run = a_run(invoke({"message": secret}, "one"), invoke({"message": "other-thing"}, "two"))
    execution.execute(run.id, make_worker(FakeFunction(handler)))

    assert end_of(run) == Status.FINISHED
    assert run.result.invocations[1].response == json.dumps(secret)
    assert "\x00" not in run.verdict_sentence


def vanishes(event, runtime):
    raise SandboxVanishes


def test_a_run_whose_sandbox_was_lost_under_way_is_queued_for_one_more_attempt(make_worker):
    run = a_run()
    redis_client.redis().flushdb()

    execution.execute(run.id, make_worker(FakeFunction(vanishes)))

    assert end_of(run) == Status.QUEUED
    assert (run.attempts, run.claimed_by, run.failure_sentence) == (1, "", "")
    assert redis_client.announced() == (run.id,)
    assert read_live(redis_client.redis(), run.id).status == Status.QUEUED


def test_the_attempt_after_a_lost_sandbox_is_a_whole_one(make_worker):
    run = a_run()
    execution.execute(run.id, make_worker(FakeFunction(vanishes)))
    execution.execute(run.id, make_worker())

    assert (end_of(run), run.attempts) == (Status.FINISHED, 2)
    assert [one.outcome for one in run.result.invocations] == ["success", "success"]


class Away(FakeBackend):
    """Its engine is away, from the start or from the given number of sandboxes on."""

    def __init__(self, after=0, problem=None):
        super().__init__()
        self.after = after
        self.problem = problem or EngineAway("no Docker engine answers: nothing listens at unix:///x")

    async def start(self, spec):
        if len(self.started) >= self.after:
            raise self.problem
        return await super().start(spec)


@pytest.fixture
def away_worker():
    """Makes workers over such a backend; with what each was told it met."""
    engines = []

    def make(backend):
        engines.append(Engine(pool=False, backend=backend))
        met = []
        return execution.Worker("away-worker", engines[-1], met_away=met.append), met

    yield make
    for engine in engines:
        engine.close()


def test_a_run_that_no_engine_began_is_queued_as_if_nobody_had_taken_it_however_often(away_worker):
    run = a_run()
    queued_at = run.queued_at
    worker, met = away_worker(Away())

    for _ in range(5):
        execution.execute(run.id, worker)

    assert end_of(run) == Status.QUEUED
    assert (run.attempts, run.queued_at, run.claimed_by, run.failure_sentence) == (0, queued_at, "", "")
    assert met == ["no Docker engine answers: nothing listens at unix:///x"] * 5


def test_another_worker_plays_it(away_worker, make_worker):
    run = a_run()
    execution.execute(run.id, away_worker(Away())[0])
    execution.execute(run.id, make_worker())

    assert (end_of(run), run.attempts) == (Status.FINISHED, 1)


def test_a_run_whose_engine_went_away_under_way_has_one_more_attempt(away_worker):
    run = a_run(invoke(1), recycle(), invoke(2))
    worker, met = away_worker(Away(after=1))

    execution.execute(run.id, worker)

    assert (end_of(run), run.attempts, len(met)) == (Status.QUEUED, 1, 1)


def test_what_no_engine_can_do_ends_a_run_after_two_attempts(away_worker):
    run = a_run()
    worker, met = away_worker(Away(problem=BackendUnavailable("the image is not built")))

    for _ in range(2):
        execution.execute(run.id, worker)

    assert (end_of(run), run.attempts, met) == (Status.FAILED, 2, [])
    assert run.failure_sentence == "No sandbox could be started: the image is not built"


def test_what_we_fail_at_is_ours_with_a_reference_and_what_was_seen(make_worker):
    run = a_run()
    for _ in range(2):
        execution.execute(run.id, make_worker(FakeFunction(vanishes)))

    assert end_of(run) == Status.FAILED
    assert len(run.failure_reference) == 8
    assert "sandbox" in run.failure_sentence
    assert run.observed_events[0].record.type == "run.started"


class Broken:
    """A player with a mistake in it."""

    def __init__(self, mistake):
        self.mistake = mistake

    def run(self, scenario, **_):
        raise self.mistake


def test_a_mistake_of_ours_does_not_leave_the_run_hanging_nor_tell_its_details():
    run = a_run()

    execution.execute(run.id, execution.Worker("test-worker", Broken(RuntimeError("a secret of ours"))))

    assert end_of(run) == Status.FAILED
    assert "secret" not in run.failure_sentence


def test_a_failure_that_quotes_a_sandbox_is_stored_bounded_and_clean():
    run = a_run()

    execution.execute(run.id, execution.Worker("test-worker", Broken(OurFailure("\x00\ud800" + "x" * 10_000))))

    assert end_of(run) == Status.FAILED
    assert run.failure_sentence == "Internal error: \ufffd?" + "x" * 1998 + "…"


def started(run, worker):
    """Plays ``run`` on a thread; returns once it is being played."""

    def work():
        try:
            execution.execute(run.id, worker)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    while not read_live(redis_client.redis(), run.id).events:
        thread.join(0.02)
    return thread


def test_a_cancelled_run_ends_within_seconds_and_keeps_what_was_seen(make_worker):
    run = a_run(invoke(1), idle(9), invoke(2))
    thread = started(run, make_worker())

    submission.cancel(run)
    thread.join(8)

    assert not thread.is_alive()
    assert end_of(run) == Status.CANCELLED
    assert run.observed_events
    assert read_live(redis_client.redis(), run.id).status == Status.CANCELLED


def test_a_worker_that_stops_gives_its_runs_back(make_worker):
    run, worker = a_run(invoke(1), idle(9), invoke(2)), make_worker()
    thread = started(run, worker)
    redis_client.redis().flushdb()
    other = a_run()

    execution.release_all(worker)
    thread.join(8)

    assert end_of(run) == Status.QUEUED
    assert (run.attempts, run.claimed_by) == (0, "")
    assert redis_client.announced() == (run.id, other.id)


def test_a_worker_that_lost_its_claim_stores_nothing(make_worker):
    run = a_run(invoke(1), idle(9), invoke(2))
    thread = started(run, make_worker())

    Run.objects.filter(pk=run.pk).update(claimed_by="somebody else")
    thread.join(8)

    assert end_of(run) == Status.RUNNING
    assert (run.claimed_by, run.events_blob) == ("somebody else", None)


def test_what_a_worker_plays_after_another_took_over_is_not_in_the_others_stream(make_worker):
    """It was stopped for a minute: its claim is gone before it can learn of that."""
    run = a_run(invoke(1), idle(2), invoke(2), idle(9))
    thread = started(run, make_worker())
    Run.objects.filter(pk=run.pk).update(status=Status.QUEUED, claimed_by="")
    other = Watch(execution.claim_run(run.id, "another/1"), redis_client.redis(), limit_s=60)

    with other:
        thread.join(12)
        live = read_live(redis_client.redis(), run.id)

    assert (thread.is_alive(), live.status, live.events) == (False, Status.RUNNING, ())
    assert end_of(run) == Status.RUNNING


def test_a_run_that_takes_too_long_is_ended():
    run = a_run()
    claim = execution.claim_run(run.id, "a-worker/1")
    ended = threading.Event()

    with Watch(claim, redis_client.redis(), limit_s=1) as watch, watch.cancellation.telling(ended.set):
        assert ended.wait(8)

    assert watch.end_reason == "overdue"


def test_a_wish_that_came_while_the_run_waited_holds_before_anything_is_played():
    run = a_run()
    submission.stop_proof(run)
    claim = execution.claim_run(run.id, "a-worker/1")
    with Watch(claim, redis_client.redis(), limit_s=60) as watch:
        assert watch.cancellation.proof.requested
    assert not watch.cancellation.requested


def test_whoever_watches_over_a_run_hears_that_its_proof_is_to_end():
    run = a_run()
    claim = execution.claim_run(run.id, "a-worker/1")
    stopped = threading.Event()

    with Watch(claim, redis_client.redis(), limit_s=60) as watch, watch.cancellation.proof.telling(stopped.set):
        submission.stop_proof(run)
        assert stopped.wait(8)

    assert not watch.cancellation.requested


def test_a_run_whose_proof_was_stopped_has_its_result(make_worker):
    run = a_run(invoke(1), idle(2), invoke(2))
    thread = started(run, make_worker())

    submission.stop_proof(run)
    thread.join(12)

    assert end_of(run) == Status.FINISHED
    assert run.result.proof.stopped == say("stopped-on-request")
    assert [each.outcome for each in run.result.invocations] == ["success", "success"]


def test_a_broker_that_hangs_costs_a_run_no_heartbeat(tmp_path):
    run = a_run()
    claim = execution.claim_run(run.id, "a-worker/1")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        redis = Redis(unix_socket_path=str(tmp_path / "s"), socket_timeout=60, retry=Retry(NoBackoff(), 0))
        # On a clock as quick as that each look finds a heartbeat due.
        with Watch(claim, redis, limit_s=60, clock=lambda: 6 * time.monotonic()):
            for _ in range(2):
                beat = Run.objects.get(pk=run.pk).heartbeat_at
                gives_up = time.monotonic() + STALE_S
                while Run.objects.get(pk=run.pk).heartbeat_at == beat:
                    assert time.monotonic() < gives_up
                    threading.Event().wait(0.05)
            # What waits for its answer is told that there is none.
            silent.close()


def test_the_time_for_which_a_worker_was_stopped_is_not_the_runs():
    run, clock = a_run(), itertools.chain([0.0] * 2, itertools.count(600.0, 3.0))
    claim = execution.claim_run(run.id, "a-worker/1")

    with Watch(claim, redis_client.redis(), limit_s=60, clock=clock.__next__) as watch:
        before = Run.objects.get(pk=run.pk).heartbeat_at
        while Run.objects.get(pk=run.pk).heartbeat_at == before:
            threading.Event().wait(0.05)

    assert watch.end_reason is None


def test_a_second_attempt_forgets_what_the_first_one_streamed(make_worker):
    run, worker = a_run(), make_worker()
    execution.execute(run.id, worker)
    events = len(read_live(redis_client.redis(), run.id).events)
    Run.objects.filter(pk=run.pk).update(status=Status.QUEUED)

    execution.execute(run.id, worker)

    assert len(read_live(redis_client.redis(), run.id).events) == events


def test_the_sandboxes_carry_the_workers_name(make_worker):
    worker = make_worker(name="holdover-1234/me")

    execution.execute(a_run().id, worker)

    assert {spec.owner for spec in make_worker.backend.specs} == {"holdover-1234/me"}
