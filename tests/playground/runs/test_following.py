"""Following a run for everybody who watches it."""

import asyncio
import contextlib
import time

import pytest
from asgiref.sync import sync_to_async

from playground.experiments.live_session import LiveSession
from playground.experiments.models import Run, Status
from playground.experiments.stored_json import pack_events
from playground.infrastructure import redis_client
from playground.infrastructure.redis_timeouts import ANSWER_S
from playground.runs import following as module
from playground.runs import recovery
from playground.runs.following import Broken, Followed, following
from playground.runs.live_stream import LivePublisher, read_live
from sandbox_runner.events.records import Event, SessionOpened, StepStarted
from sandbox_runner.messages import say
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_connection_is_left")]


@pytest.fixture
async def follow(run):
    """Follows the run with a heartbeat of that many seconds."""
    started = []

    def start(heartbeat_s, run_id=run.id):
        started.append(Followed(run_id, heartbeat_s))
        return started[-1]

    yield start
    for followed in started:
        await followed.stop()


def an_event(seq):
    return Event(
        seq=seq, at_us=seq, service_at_us=seq, record=StepStarted(index=seq, what=say("step-recycle-all", function=""))
    )


def step(publisher, seq):
    publisher.add(an_event(seq))
    publisher.flush()


def an_open_session():
    """One whose worker is gone."""
    run = a_run(status=Status.RUNNING, claimed_by="gone/1", attempts=1)
    LiveSession.objects.create(run=run, client="")
    publisher = LivePublisher(redis_client.redis(), run.id, "gone/1")
    publisher.begin()
    publisher.add(Event(seq=1, at_us=1, service_at_us=1, record=SessionOpened(idle_s=900, total_s=3600)))
    publisher.flush()
    return run


async def test_a_wait_that_is_longer_than_an_answer_may_take_is_no_failure(follow, publisher):
    followed = follow(ANSWER_S + 0.5)
    await followed.begun()
    began_s = time.monotonic()

    assert not await followed.moved()
    assert not await followed.moved()
    assert time.monotonic() - began_s > 2 * ANSWER_S
    step(publisher, 1)
    assert await followed.moved()
    assert [event.seq for event in followed.state.events] == [1]


async def test_what_was_there_before_is_read_to_its_end_before_anything_is_said(follow, publisher):
    for seq in range(1, 2001):
        step(publisher, seq)

    followed = follow(10)
    await followed.begun()

    assert len(followed.state.events) == 2000


async def test_a_new_attempt_makes_void_what_was_said_before(run, follow, publisher):
    step(publisher, 1)
    followed = follow(10)
    await followed.begun()

    LivePublisher(redis_client.redis(), run.id, "another-claim").begin()
    while followed.attempt < 2:
        await followed.moved()

    assert len(followed.entries()) == 1
    assert followed.state.events == ()


async def test_the_end_is_noticed_where_the_stream_was_lost(run, follow):
    followed = follow(0.3)
    await followed.begun()
    await sync_to_async(Run.objects.filter(pk=run.pk).update)(status=Status.FINISHED, verdict="leak")

    while not followed.is_over:
        await followed.moved()

    assert followed.run.verdict == "leak"


async def test_a_session_without_a_worker_is_ended_by_whoever_watches_it(follow, monkeypatch):
    monkeypatch.setattr(recovery, "STALE_S", 0.0)
    monkeypatch.setattr(module, "SWEEP_S", 0.02)
    run = await sync_to_async(an_open_session)()
    followed = follow(10, run.id)
    await followed.begun()

    while not followed.is_over:
        await followed.moved()

    assert followed.run.status == Status.FAILED
    assert "live session is gone" in followed.run.failure_sentence


async def test_an_end_in_the_stream_that_is_not_stored_is_none(run, follow, publisher):
    followed = follow(0.2)
    await followed.begun()
    publisher.close(Status.FINISHED)
    while not followed.state.is_final:
        await followed.moved()
    await followed.moved()
    assert not followed.is_over

    await Run.objects.filter(pk=run.pk).aupdate(status=Status.FINISHED, verdict="leak")
    while not followed.is_over:
        await followed.moved()

    assert followed.run.verdict == "leak"


async def test_the_end_may_be_written_after_it_was_stored(run, follow, publisher):
    followed = follow(10)
    await followed.begun()
    step(publisher, 1)
    await followed.moved()
    await Run.objects.filter(pk=run.pk).aupdate(status=Status.FAILED, events_blob=pack_events([an_event(1)]))
    followed._looked_s = 0.0

    step(publisher, 2)
    publisher.close(Status.FAILED)
    while not followed.is_over:
        await followed.moved()

    assert [event.seq for event in followed.state.events] == [1, 2]
    assert followed.attempt == 1


@pytest.mark.parametrize("heard", [0, 2], ids=["all of it was lost", "its end was lost"])
async def test_what_the_broker_lost_of_a_stream_is_told_from_what_is_stored(run, follow, publisher, heard):
    for seq in range(1, 3):
        step(publisher, seq)
    last_id = await sync_to_async(lambda: read_live(redis_client.redis(), run.id).last_id)()
    if not heard:
        await sync_to_async(redis_client.redis().flushdb)()
    stored = pack_events(an_event(seq) for seq in range(1, 6))
    await Run.objects.filter(pk=run.pk).aupdate(status=Status.FAILED, events_blob=stored)

    followed = follow(10)
    await followed.begun()
    while not followed.is_over:
        await followed.moved()

    assert [event.seq for event in followed.state.events] == [1, 2, 3, 4, 5]
    assert [next(iter(fields)) for _, fields in followed.entries(after=last_id)] == [b"mark", b"batch"]


async def test_where_the_broker_is_away_whoever_waits_is_told(follow, broker_away):
    followed = follow(10)

    with pytest.raises(Broken):
        await followed.begun()


async def test_a_run_that_is_gone_is_followed_no_more(run, follow):
    await sync_to_async(Run.objects.filter(pk=run.pk).delete)()

    with pytest.raises(Broken):
        await follow(10).begun()


async def test_a_connection_that_breaks_is_made_again(follow, publisher):
    followed = follow(10)
    await followed.begun()
    redis_client.redis().client_kill_filter(_type="normal", skipme=True)
    step(publisher, 1)

    assert await asyncio.wait_for(followed.moved(), 5)


async def test_whoever_comes_after_a_break_follows_anew(run, publisher, configure, settings):
    here = settings.HOLDOVER.redis_url
    configure(redis_url="unix:///nowhere")
    async with following(run.id) as before:
        with pytest.raises(Broken):
            await before.begun()
        configure(redis_url=here)

        async with following(run.id) as after:
            await after.begun()
            step(publisher, 1)
            assert await asyncio.wait_for(after.moved(), 5)


async def test_a_cancellation_that_the_client_swallowed_ends_it_all_the_same(follow, monkeypatch):
    """As asyncio.wait_for of Python 3.11 does, where the answer and the cancellation come at the same moment."""
    reading = asyncio.Event()

    async def swallowing(*_):
        reading.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.05)
        return []

    monkeypatch.setattr(module, "_read", swallowing)
    followed = follow(30)
    await reading.wait()
    followed._task.cancel()

    done, _ = await asyncio.wait([followed._task], timeout=5)
    assert done
