"""Watching a run as it goes."""

import asyncio
import os
import threading
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.db import connection
from django.test import AsyncClient
from django.urls import reverse

from playground.experiments.models import Run, Status
from playground.infrastructure import redis_client
from playground.run_page import live
from tests.playground.happenings import step

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_connection_is_left")]


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


async def end(run, publisher):
    """End the run as a worker does: in the database first, then in the stream."""
    await Run.objects.filter(pk=run.pk).aupdate(status=Status.FINISHED)
    publisher.close(Status.FINISHED)


async def test_what_happens_is_sent_as_a_fragment_of_the_page(run, publisher):
    step(publisher, 1)

    message = await following(await watch(run))

    assert message["event"] == "live"
    assert '<div class="live" data-status="running">' in message["data"]


async def test_the_last_message_says_that_it_is_over(run, publisher):
    messages = await watch(run)
    await following(messages)
    await end(run, publisher)

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
    await end(run, publisher)
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
    await end(run, publisher)

    assert [(await following(messages))["event"] for _ in range(2)] == ["live", "done"]


SOMEBODY = "9.9.9.9"


@sync_to_async(thread_sensitive=False)
def open_connections():
    """How many this process has to the database."""
    try:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
                return cursor.fetchone()[0] - 1
        # The log beside the database: SQLite keeps the database itself open while any connection has a lock on it.
        name = f"{connection.settings_dict['NAME']}-wal"
        return [os.path.realpath(fd) for fd in Path("/proc/self/fd").iterdir()].count(name)
    finally:
        connection.close()


class Watcher:
    """A watcher on a real connection, which can be dropped."""

    def __init__(self, run, client="127.0.0.1"):
        path = reverse("run-events", args=[run.id])
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
            "client": (client, 1),
        }
        self.connection = ApplicationCommunicator(get_asgi_application(), scope)

    async def __aenter__(self):
        await self.connection.send_input({"type": "http.request", "body": b""})
        self.status = (await self.connection.receive_output(30))["status"]
        await self.connection.receive_output(30)
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
            assert live.refusal(SOMEBODY).status == 503

    assert live.refusal(SOMEBODY) is None


async def test_one_client_does_not_use_up_the_streams_of_others(run, publisher, configure):
    configure(streams_per_client=1)

    async with Watcher(run, "1.2.3.4") as first, Watcher(run, "1.2.3.4") as second, Watcher(run, "5.6.7.8") as other:
        assert (first.status, second.status, other.status) == (200, 429, 200)


async def test_watchers_hold_no_connection_to_the_database_and_no_thread(run, publisher):
    async with Watcher(run):
        connections_before, threads_before = await open_connections(), threading.active_count()
        async with AsyncExitStack() as watchers:
            for _ in range(20):
                await watchers.enter_async_context(Watcher(run))

            # Threads that draw pages stay, for whoever is next; there are as many as processors, and some.
            assert threading.active_count() - threads_before < 10
            # A thread may be reading a row just now; what is held is there however long one looks.
            async with asyncio.timeout(30):
                while await open_connections() > connections_before:  # noqa: ASYNC110 - the database tells nobody
                    await asyncio.sleep(0.05)


async def test_the_watchers_of_one_run_share_one_connection_to_the_broker(run, publisher):
    async with Watcher(run):
        before = broker_clients()
        async with AsyncExitStack() as watchers:
            for _ in range(20):
                await watchers.enter_async_context(Watcher(run))

            assert broker_clients() <= before


async def test_the_last_watcher_who_leaves_ends_the_reading(run, publisher):
    before = broker_clients()
    async with Watcher(run), Watcher(run):
        reading = broker_clients() - before
        assert len(reading) == 1

    # The broker takes note of a connection's end when it comes to it.
    async with asyncio.timeout(5):
        while reading & broker_clients():  # noqa: ASYNC110 - the broker says nothing when it does
            await asyncio.sleep(0.01)


def broker_clients():
    """The numbers of the broker's connections."""
    return {each["id"] for each in redis_client.redis().client_list()}


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
    assert live.message("live", text, "1-0") == f"id: 1-0\nevent: live\n{lines}\n"
