"""Watching a run: its live fragment, by server-sent events or by asking again.

The stream's own entry ids are the events' ids, so a browser that lost its connection goes on where it was. A page
that cannot keep a connection open asks for the same fragment every second.
"""

from __future__ import annotations

import asyncio
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.template.loader import render_to_string
from redis.exceptions import RedisError

from playground.experiments import broker, presenters
from playground.experiments.live_stream import LiveState, read_live, stream_key
from playground.experiments.preparing import Preparing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redis.asyncio import Redis as AsyncRedis

    from playground.experiments.live_stream import Entry
    from playground.experiments.models import Run
    from playground.experiments.presenters import LivePage
    from sandbox_runner.scenario import Scenario

# At most five fragments a second: more than an eye can use.
RENDER_EVERY_S: Final = 0.2
HEARTBEAT_S: Final = 10.0
ENTRIES_AT_ONCE: Final = 1000

_EVENT_ID: Final = re.compile(r"\d{1,20}-\d{1,20}")
# Exactly these end a line of an event stream; Python's own splitting knows more.
_LINE_ENDS: Final = re.compile(r"\r\n|\r|\n")

_slots_lock: Final = threading.Lock()
_open_streams: Final[set[object]] = set()


class TooManyStreams(Exception):  # noqa: N818 - said to a browser, which then asks again instead
    """This process holds as many streams open as it may."""


@contextmanager
def stream_slot() -> Iterator[None]:
    """One of this process's streams, while the block lasts.

    :raises TooManyStreams: there is none left.
    """
    slot = object()
    with _slots_lock:
        if len(_open_streams) >= settings.HOLDOVER.streams_max:
            raise TooManyStreams
        _open_streams.add(slot)
    try:
        yield
    finally:
        with _slots_lock:
            _open_streams.discard(slot)


def has_free_slot() -> bool:
    """Whether :func:`stream_slot` would give one now."""
    return len(_open_streams) < settings.HOLDOVER.streams_max


def heard(last_event_id: str) -> str:
    """The id that a watcher who comes back has sent in ``Last-Event-ID``, or empty where that is none of ours."""
    return last_event_id if _EVENT_ID.fullmatch(last_event_id) else ""


def live_page(run: Run) -> LivePage:
    """What is to be seen of a run that is not finished: as streamed while it runs, as stored once it has ended."""
    if run.is_final:
        return presenters.live_page(run.revision.scenario, run.observed_events, run.status)
    try:
        state = read_live(broker.redis(), run.id)
    except RedisError:
        state = LiveState()
    return presenters.live_page(run.revision.scenario, state.events, run.status)


def live_fragment(run: Run, page: LivePage) -> str:
    """The fragment that shows ``page``."""
    context = {"run": run, "live": page, "preparing": Preparing.holding_up(run)}
    return render_to_string("experiments/_live.html", context)


async def server_sent_events(run: Run, last_event_id: str) -> AsyncIterator[str]:
    """The messages of one watcher: ``live`` with a fragment whenever there is something new, ``done`` at the end.

    :param last_event_id: what the watcher has seen, empty at first.
    """
    redis = broker.async_redis()
    try:
        with stream_slot():
            async for message in _messages(run, redis, last_event_id):
                yield message
    except (TooManyStreams, RedisError):
        # The browser asks again after that time; the page's own fallback asks for fragments meanwhile.
        yield "retry: 5000\n\n"
    finally:
        await redis.aclose()


async def _messages(run: Run, redis: AsyncRedis, last_event_id: str) -> AsyncIterator[str]:
    scenario: Scenario = await sync_to_async(lambda: run.revision.scenario)()
    state, shown = LiveState(), last_event_id
    while not await _is_over(run, state):
        state = await _read_on(redis, run.id, state)
        if state.last_id not in (shown, LiveState().last_id):
            shown = state.last_id
            yield message("live", await _rendered(run, scenario, state), shown)
            await asyncio.sleep(RENDER_EVERY_S)
        elif not state.is_final:
            yield ": still here\n\n"
    yield message("done", run.get_absolute_url(), state.last_id)


async def _is_over(run: Run, state: LiveState) -> bool:
    """Whether nothing more will come. The database is asked too: the stream may have been lost."""
    if state.is_final:
        return True
    await run.arefresh_from_db(fields=["status"])
    return run.is_final


async def _read_on(redis: AsyncRedis, run_id: str, state: LiveState) -> LiveState:
    """The state with what is new; waits for something new, but no longer than a heartbeat."""
    return state.after(await read_entries(redis, run_id, state.last_id, wait=True))


async def read_entries(redis: AsyncRedis, run_id: str, last_id: str, *, wait: bool) -> list[Entry]:
    """What the run's stream says after the entry ``last_id``: at most :data:`ENTRIES_AT_ONCE`, in their order.

    :param wait: for something new where there is nothing yet, but no longer than a heartbeat.
    """
    streams: Any = {stream_key(run_id): last_id}
    answer: Any = await redis.xread(streams, count=ENTRIES_AT_ONCE, block=int(HEARTBEAT_S * 1000) if wait else None)
    return answer[0][1] if answer else []


@sync_to_async(thread_sensitive=False)
def _rendered(run: Run, scenario: Scenario, state: LiveState) -> str:
    return live_fragment(run, presenters.live_page(scenario, state.events, state.status))


def message(event: str, data: str, entry_id: str) -> str:
    """One server-sent event; every line of ``data`` becomes a line of its own."""
    lines = "".join(f"data: {line}\n" for line in _LINE_ENDS.split(data))
    return f"id: {entry_id}\nevent: {event}\n{lines}\n"
