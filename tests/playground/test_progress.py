"""Watching a run as it goes."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.db import connections
from django.test import AsyncClient
from django.urls import reverse

from playground.experiments import broker, progress
from playground.experiments.live_stream import LivePublisher
from playground.experiments.models import Run, Status
from sandbox_runner.events import Event, StepStarted
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
async def no_connection_is_left():
    """The threads behind asynchronous views keep their connections to the database; a test gives them back."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def run():
    return a_run(status=Status.RUNNING)


@pytest.fixture
def publisher(run):
    made = LivePublisher(broker.redis(), run.id, "a-claim")
    made.begin()
    return made


def step(publisher, seq):
    record = StepStarted(index=seq, what=f"request {seq}")
    publisher.add(Event(seq=seq, at_us=seq, service_at_us=seq, record=record))
    publisher.flush()


async def watch(run, last_event_id=""):
    response = await AsyncClient().get(
        reverse("run-events", args=[run.id]), headers={"Last-Event-ID": last_event_id} if last_event_id else {}
    )
    assert response.headers["Content-Type"] == "text/event-stream"
    return aiter(response)


async def following(messages):
    """The next message as a mapping of its fields."""
    lines = (await asyncio.wait_for(anext(messages), 10)).decode().strip().split("\n")
    found = {}
    for line in lines:
        name, _, value = line.partition(": ")
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


async def test_what_happens_is_sent_as_a_fragment_of_the_page(run, publisher):
    step(publisher, 1)

    message = await following(await watch(run))

    assert message["event"] == "live"
    assert '<div class="live" data-status="running">' in message["data"]


async def test_the_last_message_says_that_it_is_over(run, publisher):
    messages = await watch(run)
    await following(messages)
    publisher.close(Status.FINISHED)

    fragments = [await following(messages), await following(messages)]

    assert [one["event"] for one in fragments] == ["live", "done"]
    assert fragments[-1]["data"] == run.get_absolute_url()
    with pytest.raises(StopAsyncIteration):
        await anext(messages)


async def test_a_watcher_who_comes_back_is_told_only_what_is_new(run, publisher):
    seen = (await following(await watch(run)))["id"]
    messages = await watch(run, seen)
    only_alive = await following(messages)
    step(publisher, 1)
    new = await following(messages)

    assert "event" not in only_alive
    assert (new["event"], new["id"] > seen) == ("live", True)


async def test_a_watcher_who_comes_back_after_the_end_is_told_so_at_once(run, publisher):
    publisher.close(Status.FINISHED)
    seen = (await following(await watch(run)))["id"]

    assert (await following(await watch(run, seen)))["event"] == "done"


async def test_a_run_that_is_over_is_over_even_without_a_stream(run):
    await sync_to_async(Run.objects.filter(pk=run.pk).update)(status=Status.FINISHED)

    assert (await following(await watch(run)))["event"] == "done"


async def test_much_at_once_is_sent_as_one_fragment(run, publisher):
    for seq in range(1, 51):
        step(publisher, seq)
    messages = await watch(run)

    await following(messages)
    publisher.close(Status.FINISHED)

    assert [(await following(messages))["event"] for _ in range(2)] == ["live", "done"]


class Watcher:
    """A watcher on a real connection, which can be dropped."""

    def __init__(self, run):
        path = reverse("run-events", args=[run.id])
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
        }
        self.connection = ApplicationCommunicator(get_asgi_application(), scope)

    async def __aenter__(self):
        await self.connection.send_input({"type": "http.request", "body": b""})
        self.status = (await self.connection.receive_output())["status"]
        await self.connection.receive_output()
        return self

    async def __aexit__(self, *_):
        await self.connection.send_input({"type": "http.disconnect"})
        await self.connection.wait()


async def test_more_watchers_than_may_be_are_sent_to_ask_again(run, publisher, configure):
    configure(streams_max=1)

    async with Watcher(run) as first, Watcher(run) as second:
        assert (first.status, second.status) == (200, 503)


async def test_a_watcher_who_leaves_gives_the_place_back(run, publisher, configure):
    configure(streams_max=1)

    for _ in range(3):
        async with Watcher(run) as watcher:
            assert watcher.status == 200
            assert not progress.has_free_slot()

    assert progress.has_free_slot()


async def test_without_a_broker_the_watcher_is_told_to_come_back(run, broker_away):
    assert "retry" in await following(await watch(run))


async def test_a_run_that_does_not_exist_cannot_be_watched():
    assert (await AsyncClient().get(reverse("run-events", args=["nothing"]))).status_code == 404


TEXTS = {
    "one line": ("a", "data: a\n"),
    "every line end of the format": ("a\nb\r\nc\rd", "data: a\ndata: b\ndata: c\ndata: d\n"),
    "no other line end": ("a\u2028b\x85c\x0bd", "data: a\u2028b\x85c\x0bd\n"),
    "nothing": ("", "data: \n"),
    "what looks like a field": ("x\nevent: done", "data: x\ndata: event: done\n"),
}


@pytest.mark.parametrize(("text", "lines"), TEXTS.values(), ids=TEXTS.keys())
def test_a_text_is_one_message_whatever_is_in_it(text, lines):
    assert progress.message("live", text, "1-0") == f"id: 1-0\nevent: live\n{lines}\n"
