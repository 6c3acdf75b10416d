"""Watching a run: its live fragment, by server-sent events or by asking again.

The stream's own entry ids are the events' ids, so a browser that lost its connection goes on where it was. A page
that cannot keep a connection open asks for the same fragment every second.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from playground.infrastructure import redis_client
from playground.infrastructure.descriptors import left_for_streams
from playground.infrastructure.early_release import end_thread
from playground.run_page import presenter, status_line
from playground.run_page.stream_rights import while_allowed
from playground.runs.following import Broken, following
from playground.runs.live_stream import LiveState, read_live
from playground.runs.preparing import Preparing
from playground.runs.waiting import waits_for_engine
from sandbox_runner.live.lived import lived_scenario

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from playground.experiments.models import Run
    from playground.experiments.viewer import Viewer
    from playground.run_page.presenter import LivePage
    from playground.runs.following import Followed
    from sandbox_runner.events.records import Event

# At most five fragments a second: more than an eye can use.
RENDER_EVERY_S: Final = 0.2
STILL_HERE: Final = ": still here\n\n"
# The reader asks again after that many milliseconds; a page's own fallback asks for fragments meanwhile.
COME_BACK: Final = "retry: 5000\n\n"

_EVENT_ID: Final = re.compile(r"\d{1,20}-\d{1,20}")
# Exactly these end a line of an event stream; Python's own splitting knows more.
_LINE_ENDS: Final = re.compile(r"\r\n|\r|\n")

_slots_lock: Final = threading.Lock()
_open_streams: Final[Counter[str]] = Counter()


class TooManyStreams(Exception):  # noqa: N818 - said to a browser, which then asks again instead
    """This process, or this client, holds as many streams open as it may."""


@dataclass(frozen=True, slots=True)
class Client:
    """Whose stream it is; ``reader`` tells who that is whenever it is asked."""

    counted_as: str
    reader: Callable[[], Viewer]


@contextmanager
def stream_slot(client: str) -> Iterator[None]:
    """One of this process's streams for ``client``, while the block lasts.

    :raises TooManyStreams: there is none left.
    """
    with _slots_lock:
        if refusal(client) is not None:
            raise TooManyStreams
        _open_streams[client] += 1
    try:
        yield
    finally:
        with _slots_lock:
            _open_streams[client] -= 1
            if not _open_streams[client]:
                del _open_streams[client]


@dataclass(frozen=True, slots=True)
class StreamRefusal:
    """Why no stream is opened now, in a sentence."""

    status: HTTPStatus
    sentence: str


def refusal(client: str) -> StreamRefusal | None:
    """Why :func:`stream_slot` would give ``client`` none now, or None: it would."""
    most = settings.HOLDOVER.streams_per_client
    if _open_streams[client] >= most:
        sentence = _("You watch %(most)d runs at once already, which is as many as one client may.")
        return StreamRefusal(HTTPStatus.TOO_MANY_REQUESTS, sentence % {"most": most})
    if _open_streams.total() >= min(settings.HOLDOVER.streams_max, left_for_streams()):
        return StreamRefusal(HTTPStatus.SERVICE_UNAVAILABLE, _("Too many runs are being watched; ask again in 5 s."))
    return None


def heard(last_event_id: str) -> str:
    """The id that a watcher who comes back has sent in ``Last-Event-ID``, or empty where that is none of ours."""
    return last_event_id if _EVENT_ID.fullmatch(last_event_id) else ""


def live_page(run: Run) -> LivePage:
    """What is to be seen of a run that is not finished: as streamed while it runs, as stored once it has ended."""
    events = run.observed_events if run.is_final else _streamed(run).events
    return _page(run, events, run.status)


def _page(run: Run, events: Sequence[Event], status: str) -> LivePage:
    scenario = run.revision.scenario
    if hasattr(run, "live_session"):
        # Its own steps are not played; what comes is in the events.
        scenario = lived_scenario(scenario, events)
    away = not run.is_final and waits_for_engine(status)
    return presenter.live_page(scenario, events, status, engine_away=away)


def now(run: Run) -> str:
    """What a run that goes on does now, in a sentence."""
    return status_line.now(_streamed(run).events, run.status, engine_away=waits_for_engine(run.status))


def _streamed(run: Run) -> LiveState:
    try:
        return read_live(redis_client.redis(), run.id)
    except RedisError:
        return LiveState()


def live_fragment(run: Run, page: LivePage) -> str:
    """The fragment that shows ``page``."""
    context = {"run": run, "live": page, "preparing": Preparing.holding_up(run)}
    return render_to_string("experiments/_live.html", context)


def server_sent_events(run: Run, last_event_id: str, client: Client) -> AsyncIterator[str]:
    """The messages of one watcher: ``live`` with a fragment whenever there is something new, ``done`` at the end.

    :param last_event_id: what the watcher has seen, empty at first.
    """
    # Of the row nothing is kept: a stream is open for long.
    return streamed(run.id, client, partial(_messages, run.get_absolute_url(), last_event_id))


async def streamed(
    run_id: str, client: Client, messages: Callable[[Followed], AsyncIterator[str]]
) -> AsyncIterator[str]:
    """What ``messages`` makes of that run, in one of ``client``'s streams, for as long as they may read it."""
    end_thread()
    try:
        with stream_slot(client.counted_as):
            async with following(run_id) as followed:
                async for message in while_allowed(messages(followed), followed, run_id, client.reader):
                    yield message
    except (TooManyStreams, Broken):
        yield COME_BACK


async def _messages(url: str, shown: str, followed: Followed) -> AsyncIterator[str]:
    await followed.begun()
    moved = False
    while True:
        if followed.run is not None and followed.state.last_id not in (shown, LiveState().last_id):
            shown = followed.state.last_id
            yield message("live", await _fragment(followed, followed.run), shown)
            await asyncio.sleep(RENDER_EVERY_S)
            moved = True
            continue
        if followed.is_over:
            break
        if not moved:
            yield STILL_HERE
        moved = await followed.moved()
    yield message("done", url, followed.state.last_id)


async def _fragment(followed: Followed, run: Run) -> str:
    """The fragment of what is known now, drawn once for everybody who reads that language."""
    language, state = get_language(), followed.state
    drawn, fragment = followed.shared.get(language, ("", None))
    if drawn != state.last_id:
        fragment = asyncio.ensure_future(_rendered(run, state))
        followed.shared[language] = state.last_id, fragment
    # Whoever leaves meanwhile takes it from nobody.
    return await asyncio.shield(fragment)


@sync_to_async(thread_sensitive=False)
def _rendered(run: Run, state: LiveState) -> str:
    return live_fragment(run, _page(run, state.events, state.status))


def message(event: str, data: str, entry_id: str) -> str:
    """One server-sent event; every line of ``data`` becomes a line of its own."""
    lines = "".join(f"data: {line}\n" for line in _LINE_ENDS.split(data))
    return f"id: {entry_id}\nevent: {event}\n{lines}\n"
