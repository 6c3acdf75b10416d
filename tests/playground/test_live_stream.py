"""What a run's stream holds while it runs."""

import pytest

from playground.experiments import broker
from playground.experiments.live_stream import (
    EXPIRY_S,
    STREAM_BYTES_MAX,
    LivePublisher,
    LiveState,
    lightened,
    read_live,
    stream_key,
)
from playground.experiments.models import Status
from sandbox_runner.events import (
    Event,
    LogWritten,
    RequestAnswered,
    RequestArrived,
    RunStarted,
    StateCaptured,
    StateLeaf,
    StepStarted,
)


def event(record, seq=1):
    return Event(seq=seq, at_us=seq, service_at_us=seq, record=record)


def step(seq):
    return event(StepStarted(index=seq, what=f"step {seq}"), seq)


@pytest.fixture
def publisher():
    made = LivePublisher(broker.redis(), "a-run")
    made.begin()
    return made


def live():
    return read_live(broker.redis(), "a-run")


def test_what_is_written_is_read_in_its_order(publisher):
    for seq in range(1, 6):
        publisher.add(step(seq))
    publisher.flush()

    assert [one.seq for one in live().events] == [1, 2, 3, 4, 5]
    assert live().status == Status.RUNNING


def test_saying_how_it_ended_writes_first_what_waits(publisher):
    for seq in range(1, 1001):
        publisher.add(step(seq))

    publisher.mark(Status.FINISHED)

    assert len(live().events) == 1000
    assert live().is_final


def test_a_new_attempt_forgets_the_one_before(publisher):
    publisher.add(step(1))
    publisher.flush()

    LivePublisher(broker.redis(), "a-run").begin()

    assert live().events == ()


def test_a_stream_nobody_wrote_says_that_the_run_is_queued():
    assert live() == LiveState("0-0", Status.QUEUED, ())


def test_the_stream_expires(publisher):
    assert 0 < broker.redis().ttl(stream_key("a-run")) <= EXPIRY_S


def test_reading_on_gives_the_same_as_reading_all(publisher):
    publisher.add(step(1))
    publisher.flush()
    first = live()
    publisher.add(step(2))
    publisher.mark(Status.PROVING)

    rest = broker.redis().xrange(stream_key("a-run"), min=f"({first.last_id}")

    assert first.after(rest) == live()


def test_output_without_end_is_left_out_but_what_happens_is_not(publisher):
    for seq in range(1, 4001):
        publisher.add(event(LogWritten(stream="stdout", text="x" * 10_000), seq))
    publisher.add(event(RunStarted(at_epoch_ms=0, backend="fake", steps=1), 4001))
    publisher.mark(Status.FINISHED)

    assert live().events[-1].seq == 4001
    assert broker.redis().memory_usage(stream_key("a-run"), samples=0) < 2 * STREAM_BYTES_MAX


def test_a_broker_that_is_away_does_not_end_a_run(broker_away):
    publisher = LivePublisher(broker.redis(), "a-run")
    publisher.begin()
    publisher.add(step(1))

    publisher.mark(Status.FINISHED)


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


def test_what_is_light_stays_as_it_is():
    assert lightened(step(1)) == step(1)
