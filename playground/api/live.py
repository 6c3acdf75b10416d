"""A run's live stream for programs: its events as they come, as server-sent events with JSON in them.

The ids are those of the stream itself: whoever comes back with ``Last-Event-ID`` gets what followed and nothing twice.

``status``  ``{"status"}``: where the run is now. ``running`` begins an attempt: what was said before it is void.
``events``  ``{"now", "events"}``: what happened, and in one sentence what the run is doing.
``done``    ``{"status", "verdict", "verdict_sentence", "failure"}``: it is over, and the stream ends.

Long texts are cut in it and output over a bound is left out; the finished result has everything.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from playground.experiments import broker, progress
from playground.experiments.live_stream import LiveState
from playground.experiments.progress_words import now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis as AsyncRedis

    from playground.experiments.live_stream import Entry
    from playground.experiments.models import Run


async def server_sent_events(run: Run, last_event_id: str) -> AsyncIterator[str]:
    """The messages of one program that follows ``run``.

    :param last_event_id: what it has heard, empty at first.
    """
    redis = broker.async_redis()
    try:
        with progress.stream_slot():
            async for message in _messages(run, redis, last_event_id or LiveState().last_id):
                yield message
    except (progress.TooManyStreams, RedisError):
        yield "retry: 5000\n\n"
    finally:
        await redis.aclose()


async def _messages(run: Run, redis: AsyncRedis, last_id: str) -> AsyncIterator[str]:
    state, over = LiveState(last_id), False
    while not over:
        # Asked before reading: what was written before the run ended is in the stream by now, or lost.
        await run.arefresh_from_db(fields=["status"])
        entries = await progress.read_entries(redis, run.id, state.last_id, wait=not run.is_final)
        for entry in entries:
            state = state.after([entry])
            yield _message(entry, state)
        over = state.is_final or (run.is_final and not entries)
        if not entries and not over:
            yield ": still here\n\n"
    yield progress.message("done", json.dumps(await _ending(run)), state.last_id)


def _message(entry: Entry, state: LiveState) -> str:
    entry_id, fields = entry
    if b"mark" in fields:
        return progress.message("status", json.dumps({"status": state.status}), entry_id.decode())
    said = {"now": now(state.events, state.status), "events": json.loads(fields[b"batch"])}
    return progress.message("events", json.dumps(said), entry_id.decode())


async def _ending(run: Run) -> dict[str, Any]:
    await run.arefresh_from_db(
        fields=["status", "verdict", "verdict_sentence", "failure_sentence", "failure_reference"]
    )
    failure = {"reference": run.failure_reference, "sentence": run.failure_sentence}
    return {
        "status": run.status,
        "verdict": run.verdict or None,
        "verdict_sentence": run.verdict_sentence or None,
        "failure": failure if run.failure_sentence else None,
    }
