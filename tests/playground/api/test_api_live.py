"""A run's live stream for programs."""

import asyncio
import json
import time

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.urls import reverse

from playground.experiments.models import Run, Status
from tests.playground.happenings import step
from tests.told import stored as stored_messages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_connection_is_left")]


def ended(run, publisher, **fields):
    Run.objects.filter(pk=run.pk).update(status=Status.FINISHED, **fields)
    publisher.close(Status.FINISHED)


async def follow(run, last_event_id=""):
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    answer = await AsyncClient().get(reverse("api-run-events", args=[run.id]), headers=headers)
    assert answer.headers["Content-Type"] == "text/event-stream"
    return aiter(answer)


async def following(messages):
    """The next message: its kind, its data and its id."""
    text = (await asyncio.wait_for(anext(messages), 15)).decode()
    fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
    return fields.get("event"), json.loads(fields.get("data", "null")), fields.get("id", "")


async def the_rest(messages):
    return [await following(one_message(text)) async for text in messages]


async def one_message(text):
    yield text


async def test_what_happens_is_told_with_its_events_and_in_a_sentence(run, publisher):
    step(publisher, 1)
    messages = await follow(run)

    assert (await following(messages))[:2] == ("status", {"status": "running"})
    kind, said, _ = await following(messages)
    assert (kind, said["now"]) == ("events", "Step 2: shut down every environment.")
    assert [event["seq"] for event in said["events"]] == [1]


async def test_the_last_message_has_the_verdict(run, publisher):
    await sync_to_async(ended)(run, publisher, verdict="leak", verdict_messages=stored_messages("a reached b."))

    told = await the_rest(await follow(run))

    assert [kind for kind, _, _ in told] == ["status", "status", "done"]
    assert told[-1][1] == {"status": "finished", "verdict": "leak", "verdict_sentence": "a reached b.", "failure": None}


async def test_a_failure_of_ours_is_told_with_its_reference(run):
    row = Run.objects.filter(pk=run.pk)
    await sync_to_async(row.update)(
        status="failed", failure_reference="ab12", failure_messages=stored_messages("The sandbox is gone.")
    )

    ((kind, said, _),) = await the_rest(await follow(run))

    assert kind == "done"
    assert (said["failure"]["reference"], said["failure"]["sentence"]) == ("ab12", "The sandbox is gone.")


async def test_who_comes_back_hears_what_followed_and_nothing_twice(run, publisher):
    step(publisher, 1)
    step(publisher, 2)
    messages = await follow(run)
    await following(messages)
    seen = (await following(messages))[2]
    await sync_to_async(ended)(run, publisher)

    told = await the_rest(await follow(run, seen))

    assert [kind for kind, _, _ in told] == ["events", "status", "done"]
    assert [event["seq"] for event in told[0][1]["events"]] == [2]


async def test_who_comes_back_after_the_end_is_told_so_at_once(run, publisher):
    await sync_to_async(ended)(run, publisher)
    last = (await the_rest(await follow(run)))[-1][2]

    assert [kind for kind, _, _ in await the_rest(await follow(run, last))] == ["done"]


async def test_an_id_that_is_none_begins_at_the_beginning(run, publisher):
    await sync_to_async(ended)(run, publisher)

    assert len(await the_rest(await follow(run, "never"))) == 3


async def test_where_the_broker_is_away_the_reader_is_told_to_come_back(run, broker_away):
    messages = await follow(run)

    assert await anext(messages) == b"retry: 5000\n\n"


async def test_more_readers_than_may_are_told_to_come_back(run, configure):
    configure(streams_max=0)

    answer = await AsyncClient().get(reverse("api-run-events", args=[run.id]))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_reader_of_as_many_streams_as_one_client_may_have_is_told_to_come_back(run, configure):
    configure(streams_per_client=0)

    answer = await AsyncClient().get(reverse("api-run-events", args=[run.id]))

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_quiet_stream_says_every_ten_seconds_that_it_is_there_and_stays_open(run, publisher):
    messages = await follow(run)
    await following(messages)
    began_s = time.monotonic()

    assert await asyncio.wait_for(anext(messages), 15) == b": still here\n\n"
    assert 9 < time.monotonic() - began_s < 15
    step(publisher, 1)
    assert (await following(messages))[0] == "events"


async def test_an_unknown_run_has_no_stream(db):
    assert (await AsyncClient().get(reverse("api-run-events", args=["nothing"]))).status_code == 404
