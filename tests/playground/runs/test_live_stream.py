"""What a run's stream holds while it runs."""

import json

import pytest
from redis import Redis
from redis.exceptions import TimeoutError as RedisTimeout

from playground.experiments.models import Status
from playground.infrastructure import redis_client
from playground.runs.live_stream import (
    BATCH_MAX,
    EXPIRY_S,
    STREAM_BYTES_MAX,
    LivePublisher,
    LiveState,
    lightened,
    mark_ended,
    read_live,
    stream_key,
    writer_key,
)
from sandbox_runner.events.records import (
    AccountCalled,
    Event,
    LogWritten,
    RequestAnswered,
    RequestArrived,
    RunStarted,
    StateCaptured,
    StateLeaf,
    StepStarted,
)
from sandbox_runner.messages import say


def event(record, seq=1):
    return Event(seq=seq, at_us=seq, service_at_us=seq, record=record)


def step(seq):
    return event(StepStarted(index=seq, what=say("step-recycle-all", function="")), seq)


@pytest.fixture
def publisher():
    made = LivePublisher(redis_client.redis(), "a-run", "a-claim")
    made.begin()
    return made


def live():
    return read_live(redis_client.redis(), "a-run")


def test_what_is_written_is_read_in_its_order(publisher):
    for seq in range(1, 6):
        publisher.add(step(seq))
    publisher.flush()

    assert [one.seq for one in live().events] == [1, 2, 3, 4, 5]
    assert live().status == Status.RUNNING


def test_all_that_is_known_is_passed_on_at_once_however_much_it_is(publisher):
    for seq in range(1, 5 * BATCH_MAX):
        publisher.add(step(seq))
    publisher.catch_up()

    assert [one.seq for one in live().events] == list(range(1, 5 * BATCH_MAX))


def test_saying_how_it_ended_writes_first_what_waits(publisher):
    for seq in range(1, 1001):
        publisher.add(step(seq))

    publisher.close(Status.FINISHED)

    assert len(live().events) == 1000
    assert live().is_final


def test_a_new_attempt_forgets_the_one_before(publisher):
    publisher.add(step(1))
    publisher.flush()

    LivePublisher(redis_client.redis(), "a-run", "a-claim").begin()

    assert live().events == ()


def test_a_stream_nobody_wrote_says_that_the_run_is_queued():
    assert live() == LiveState("0-0", Status.QUEUED, ())


def test_the_stream_expires(publisher):
    assert 0 < redis_client.redis().ttl(stream_key("a-run")) <= EXPIRY_S


def test_reading_on_gives_the_same_as_reading_all(publisher):
    publisher.add(step(1))
    publisher.flush()
    first = live()
    publisher.add(step(2))
    publisher.close(Status.PROVING)

    rest = redis_client.redis().xrange(stream_key("a-run"), min=f"({first.last_id}")

    assert first.after(rest) == live()


def test_output_without_end_is_left_out_but_what_happens_is_not(publisher):
    for seq in range(1, 4001):
        publisher.add(event(LogWritten(stream="stdout", text="x" * 10_000), seq))
    publisher.add(event(RunStarted(at_epoch_ms=0, backend="fake", steps=1), 4001))
    publisher.close(Status.FINISHED)

    assert live().events[-1].seq == 4001
    assert redis_client.redis().memory_usage(stream_key("a-run"), samples=0) < 2 * STREAM_BYTES_MAX


def another_attempt():
    made = LivePublisher(redis_client.redis(), "a-run", "another claim")
    made.begin()
    return made


def test_an_attempt_that_was_replaced_writes_nothing_any_more(publisher):
    """Its worker was stopped for a minute and knows nothing of the one that took over."""
    publisher.add(step(1))
    publisher.flush()
    another_attempt().add(step(7))
    before = redis_client.redis().xrange(stream_key("a-run"))

    publisher.add(step(2))
    publisher.note(Status.PROVING)
    publisher.flush()

    assert publisher.is_taken
    assert redis_client.redis().xrange(stream_key("a-run")) == before


def test_an_attempt_that_was_given_up_writes_nothing_either(publisher):
    mark_ended(redis_client.redis(), "a-run", Status.QUEUED, claim="a-claim")

    publisher.add(step(1))
    publisher.flush()

    assert (live().status, live().events) == (Status.QUEUED, ())


def test_that_an_attempt_was_given_up_is_not_said_once_another_has_begun(publisher):
    another_attempt()

    mark_ended(redis_client.redis(), "a-run", Status.QUEUED, claim="a-claim")

    assert live().status == Status.RUNNING


def test_a_claim_that_stands_takes_its_stream_back_from_one_that_began_late(publisher):
    publisher.add(step(1))
    publisher.flush()
    late = another_attempt()
    publisher.add(step(2))
    publisher.flush()

    publisher.take_back()
    publisher.close(Status.FINISHED)
    late.add(step(9))
    late.flush()

    assert [one.seq for one in live().events] == [1, 2]
    assert live().is_final


def test_a_stream_of_an_older_version_is_read_and_ended():
    """That version's worker writes marks and batches alone, and nothing of whose they are."""
    key = stream_key("a-run")
    redis_client.redis().xadd(key, {"mark": "running"})
    redis_client.redis().xadd(key, {"batch": json.dumps([step(1).to_json()])})
    assert [one.seq for one in live().events] == [1]

    mark_ended(redis_client.redis(), "a-run", Status.FAILED, claim="a-claim")

    assert live().status == Status.FAILED


def test_what_a_broker_forgot_is_written_anew(publisher):
    publisher.add(step(1))
    publisher.flush()
    redis_client.redis().flushdb()

    publisher.add(step(2))
    publisher.close(Status.FINISHED)

    assert [one.seq for one in live().events] == [1, 2]
    assert live().is_final


def test_the_last_second_that_a_broker_forgot_is_written_again(publisher):
    """Its append-only file is written once a second."""
    publisher.add(step(1))
    publisher.flush()
    stream, writer = (redis_client.redis().dump(key) for key in (stream_key("a-run"), writer_key("a-run")))
    publisher.add(step(2))
    publisher.flush()
    redis_client.redis().restore(stream_key("a-run"), EXPIRY_S * 1000, stream, replace=True)
    redis_client.redis().restore(writer_key("a-run"), EXPIRY_S * 1000, writer, replace=True)

    publisher.add(step(3))
    publisher.close(Status.FINISHED)

    assert [one.seq for one in live().events] == [1, 2, 3]


def test_what_a_broker_could_not_take_is_written_when_it_is_back(publisher, monkeypatch):
    publisher.add(step(1))
    publisher.flush()
    away = LivePublisher(Redis.from_url("unix:///nowhere"), "a-run", "a-claim")
    with monkeypatch.context() as outage:
        outage.setattr(publisher, "_redis", away._redis)
        publisher.add(step(2))
        publisher.note(Status.PROVING)
        publisher.flush()
    assert [one.seq for one in live().events] == [1]

    publisher.flush()

    assert [one.seq for one in live().events] == [1, 2]
    assert live().status == Status.PROVING


def test_an_answer_that_was_lost_on_its_way_makes_no_event_come_twice(publisher):
    publisher.add(step(1))
    publisher.flush()

    publisher._written = 0
    publisher.flush()
    publisher.close(Status.FINISHED)

    assert [one.seq for one in live().events] == [1]


def test_what_a_broker_did_not_take_has_no_end_in_the_stream(publisher, monkeypatch):
    """Its followers would take it for the whole; without an end they read what was stored."""
    publisher.add(step(1))
    publisher.flush()
    publisher.add(step(2))
    write = publisher._write_entry
    monkeypatch.setattr(publisher, "_write_entry", lambda *entry: refuse() if entry[0] == "batch" else write(*entry))

    publisher.close(Status.FINISHED)

    assert (live().status, live().events) == (Status.RUNNING, (step(1),))


def refuse():
    """What a client says of a broker that stood still for longer than it waits."""
    raise RedisTimeout("Timeout reading from socket")


def test_a_broker_that_is_away_does_not_end_a_run(broker_away):
    publisher = LivePublisher(redis_client.redis(), "a-run", "a-claim")
    publisher.begin()
    publisher.add(step(1))

    publisher.close(Status.FINISHED)


LONG = "x" * 100_000
LEAF = StateLeaf(root="python-module", carrier="app.a", path="app.a", kind="str", value=LONG)
HEAVY = {
    "a payload": RequestArrived(index=1, principal="a", payload=LONG, payload_bytes=100_000),
    "an answer": RequestAnswered(
        index=1, attempt=1, status_code=200, response=LONG, response_bytes=100_000, outcome="success"
    ),
    "a line": LogWritten(stream="stdout", text=LONG),
    "a state": StateCaptured(after_index=1, leaves=(LEAF,), nodes=1, truncated=False),
}


@pytest.mark.parametrize("record", HEAVY.values(), ids=HEAVY.keys())
def test_what_is_heavy_is_lightened_for_watching(record):
    light = lightened(event(record))

    assert len(light.model_dump_json()) < 3000
    assert light.record.type == record.type


def test_the_value_of_a_secret_is_not_sent_to_whoever_watches():
    call = AccountCalled(
        service="secretsmanager",
        operation="GetSecretValue",
        parameters='{"SecretId": "token"}',
        answer='{"SecretString": "hush"}',
        status_code=200,
        request_bytes=21,
        answer_bytes=24,
        took_us=1,
    )

    assert "hush" not in lightened(event(call)).model_dump_json()


def test_what_is_light_stays_as_it_is():
    assert lightened(step(1)) == step(1)
