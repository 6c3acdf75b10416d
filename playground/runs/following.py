"""Follows a run: one reader of its Redis stream serves all of this process's watchers.

A thousand people watching one run cost a thousand sockets, but only one broker connection, one database query every ten
seconds, and one rendering of each fragment. What is made once for all of them is in ``shared``. Of a live session it
also notices that its worker is gone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from bisect import bisect_right
from contextlib import asynccontextmanager
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.db import Error as DatabaseError
from django.db import connection
from redis.exceptions import RedisError

from playground.experiments import stored_json
from playground.experiments.models import Run, Status
from playground.infrastructure import redis_client
from playground.runs import recovery
from playground.runs.live_stream import LiveState, entries_of, stream_key
from sandbox_runner.events.records import SessionEnded, SessionOpened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from redis.asyncio import Redis as AsyncRedis

    from playground.runs.live_stream import Entry
    from sandbox_runner.events.records import Event

_LOG: Final = logging.getLogger(__name__)
# Maximum silence of a stream: clients and proxies take a longer one for a dead connection.
HEARTBEAT_S: Final = 10.0
ENTRIES_AT_ONCE: Final = 1000
# A worker ends the stream once it has stored the run's outcome; this is the longest wait for that.
END_S: Final = 2.0
# How often a session is looked after.
SWEEP_S: Final = 2.0
_SHOWN_AT_THE_END: Final = ("status", "verdict", "verdict_messages", "failure_messages", "failure_reference")


class Broken(Exception):  # noqa: N818 - not this process's failure; a watcher comes back and goes on where it was
    """The run cannot be followed any further: the broker is away, or the run is gone."""


class Followed:
    """A followed run.

    ``run`` is its row when last read, None before the first read. ``attempt`` counts restarts. ``is_over``: nothing
    more will arrive.
    """

    def __init__(self, run_id: str, heartbeat_s: float = HEARTBEAT_S) -> None:
        self.run: Run | None = None
        self.state = LiveState()
        self.attempt = 0
        self.is_over = False
        self.shared: dict[Any, Any] = {}
        self.followers = 0
        self._run_id = run_id
        self._heartbeat_s = heartbeat_s
        self._looked_s = 0.0
        self._ended_s: float | None = None
        self._sweeper = recovery.Sweeper()
        self._entries: list[Entry] = []
        self._is_read = asyncio.Event()
        self._news = asyncio.Event()
        self._broken = False
        # In its own context: it outlives the request that started it, with that request's thread and language.
        self._task = asyncio.get_running_loop().create_task(self._read_on(), context=Context())

    @property
    def is_broken(self) -> bool:
        """Whether following ended before the run did."""
        return self._broken

    def entries(self, after: str = LiveState().last_id) -> Sequence[Entry]:
        """The entries of this attempt after the entry of that id."""
        return after_id(self._entries, after)

    async def begun(self) -> None:
        """Return once everything already there has been read.

        :raises Broken: following failed.
        """
        await self._is_read.wait()
        self._check()

    async def moved(self) -> bool:
        """Wait for something new, at most one heartbeat long; returns whether there is.

        :raises Broken: there will never be.
        """
        self._check()
        try:
            async with asyncio.timeout(self._heartbeat_s):
                await self._news.wait()
        except TimeoutError:
            return False
        self._check()
        return True

    async def stop(self) -> None:
        """Stop following."""
        while not self._task.done():
            # Cancelled repeatedly: asyncio.wait_for of Python 3.11, used by the client, can lose a cancellation.
            self._task.cancel()
            await asyncio.wait([self._task], timeout=0.1)

    def _check(self) -> None:
        if self._broken:
            raise Broken

    async def _read_on(self) -> None:
        redis = redis_client.async_redis(self._heartbeat_s)
        try:
            while not self.is_over and not _is_cancelled():
                if await self._step(redis):
                    self._say()
        except (RedisError, DatabaseError, Run.DoesNotExist):
            self._broken = True
        except Exception:  # noqa: BLE001 - its watchers have to hear of whatever ends it
            self._broken = True
            _LOG.exception("A run is followed no more.", extra={"run_id": self._run_id})
        finally:
            self._is_read.set()
            self._say()
            await redis.aclose()

    def _say(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _step(self, redis: AsyncRedis) -> bool:
        """Read the row, then the stream: whatever was written before the run ended is in the stream by then, or lost.

        :returns: whether there is something new.
        """
        if self._is_open_session:
            await sync_to_async(self._sweep, thread_sensitive=False)()
        if self._is_look_due and await self._look() and self._is_settled:
            self.is_over = True
            return True
        ended = self.run is not None and self.run.is_final
        entries = await _read(redis, self._run_id, self.state.last_id, self._block_ms(ended=ended))
        if ended and not entries and self._has_waited_for_the_end():
            entries, self.is_over = await self._not_in_the_stream(), True
        self._take(entries)
        if any(b"mark" in fields for _, fields in entries) and not self.is_over:
            self.is_over = await self._look() and self._is_settled
        if not entries:
            self._is_read.set()
        return bool(entries) or self.is_over

    @property
    def _is_open_session(self) -> bool:
        """Whether a worker should hold it."""
        told = {type(event.record) for event in self.state.events}
        return SessionOpened in told and SessionEnded not in told and not self.state.is_final

    def _sweep(self) -> None:
        """Have the session end if its worker is gone: it may have been the only one."""
        try:
            if self.run is not None:
                self._sweeper.sweep_session(self.run.live_session)
        except DatabaseError as error:
            _LOG.warning("A session that is followed cannot be looked after: %s", error)
        finally:
            connection.close()

    @property
    def _is_settled(self) -> bool:
        """Whether the run has ended by its stream and by its row; the row alone is what readers are told."""
        return self.state.is_final and self.run is not None and self.run.is_final

    def _has_waited_for_the_end(self) -> bool:
        """Whether the stream is complete or absent, or its missing part will never arrive."""
        now_s = time.monotonic()
        if self._ended_s is None:
            self._ended_s = now_s
        return not self._may_lack_its_end or now_s - self._ended_s >= END_S

    @property
    def _may_lack_its_end(self) -> bool:
        return not self.state.is_final and self.state.last_id != LiveState().last_id

    async def _not_in_the_stream(self) -> list[Entry]:
        """Stored events that are missing in the stream: the broker may have lost them, or been away."""
        if self.state.is_final:
            return []
        stored = await sync_to_async(_stored_events, thread_sensitive=False)(self._run_id)
        if not stored or [event.seq for event in stored] == [event.seq for event in self.state.events]:
            return []
        # Later than whatever somebody who comes back has heard, also where the broker has forgotten that.
        now_id = f"{int(time.time() * 1000)}-0"
        return entries_of(stored, after_id=max(self.state.last_id, now_id, key=lambda each: _order(each.encode())))

    @property
    def _is_look_due(self) -> bool:
        """Whether to read the row although the stream is silent, because the stream may be lost."""
        return self.run is None or self.state.is_final or time.monotonic() - self._looked_s >= self._heartbeat_s

    def _block_ms(self, *, ended: bool) -> int | None:
        if not self._is_read.is_set() or (ended and not self._may_lack_its_end):
            return None
        if self._is_open_session:
            return int(SWEEP_S * 1000)
        return int((END_S / 4 if ended else self._heartbeat_s) * 1000)

    def _take(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry[1].get(b"mark") == Status.RUNNING.encode():
                self._entries.clear()
                self.attempt += 1
            self._entries.append(entry)
        self.state = self.state.after(entries)

    async def _look(self) -> bool:
        """Read the row; returns whether that succeeded."""
        self._looked_s = time.monotonic()
        try:
            self.run = await sync_to_async(_looked_at, thread_sensitive=False)(self._run_id, self.run)
        except DatabaseError as error:
            _LOG.warning("A run that is followed cannot be looked at: %s", error)
            return False
        return True


def _is_cancelled() -> bool:
    """Whether the current task was asked to end, also where what it awaited has swallowed that."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


_FOLLOWED: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Followed]]] = WeakKeyDictionary()


@asynccontextmanager
async def following(run_id: str) -> AsyncIterator[Followed]:
    """Follow that run for one watcher within the block."""
    here = _FOLLOWED.setdefault(asyncio.get_running_loop(), {})
    followed = here.get(run_id)
    if followed is None or followed.is_broken:
        followed = here[run_id] = Followed(run_id)
    followed.followers += 1
    try:
        yield followed
    finally:
        followed.followers -= 1
        if not followed.followers:
            if here.get(run_id) is followed:
                del here[run_id]
            await followed.stop()


def after_id(entries: Sequence[tuple[bytes, Any]], last_id: str) -> Sequence[Any]:
    """Those of ``entries``, in order, that came after the entry of that id. Pure."""
    return entries[bisect_right(entries, _order(last_id.encode()), key=lambda entry: _order(entry[0])) :]


def _order(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, number = entry_id.partition(b"-")
    return int(milliseconds), int(number)


async def _read(redis: AsyncRedis, run_id: str, last_id: str, block_ms: int | None) -> list[Entry]:
    streams: Any = {stream_key(run_id): last_id}
    answer: Any = await redis.xread(streams, count=ENTRIES_AT_ONCE, block=block_ms)
    return answer[0][1] if answer else []


def _stored_events(run_id: str) -> tuple[Event, ...]:
    """The events of a finished run; nothing else of its result is read."""
    try:
        run = Run.objects.only("result_blob", "events_blob").get(pk=run_id)
        result = run.result_json
        return run.observed_events if result is None else stored_json.read_events(result["events"])
    finally:
        connection.close()


def _looked_at(run_id: str, run: Run | None) -> Run:
    """The current row. The connection is returned at once: followers hold none."""
    try:
        if run is None:
            return (
                Run.objects.select_related("revision", "live_session")
                .defer("result_blob", "events_blob")
                .get(pk=run_id)
            )
        run.refresh_from_db(fields=_SHOWN_AT_THE_END)
        return run
    finally:
        connection.close()
