"""What a run's Redis stream holds while it runs, and how that is written and read.

An entry is either a ``mark`` (a status; ``running`` begins an attempt and forgets what came before) or a ``batch``
of events. The stream is for watching: the events in it are lightened, it is bounded, and it expires. The truth is
what the worker stores when the run ends.
"""

from __future__ import annotations

import json
import queue
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pydantic import TypeAdapter
from redis.exceptions import RedisError

from playground.experiments.models import Status
from sandbox_runner.events import (
    Event,
    LogWritten,
    OutputTruncated,
    ReplayAnswered,
    RequestAnswered,
    RequestArrived,
    StateCaptured,
)
from sandbox_runner.limits import MB

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redis import Redis

Entry: TypeAlias = "tuple[bytes, Mapping[bytes, bytes]]"

_EVENTS: Final = TypeAdapter(tuple[Event, ...])
ENTRIES_MAX: Final = 10_000
EXPIRY_S: Final = 3600
# After this much, lines of output are left out of the stream; they are on the finished page.
STREAM_BYTES_MAX: Final = 4 * MB
TEXT_CHARACTERS_MAX: Final = 2_000
BATCH_MAX: Final = 200


def stream_key(run_id: str) -> str:
    """The stream's name in Redis."""
    return f"holdover:run:{run_id}"


@dataclass(frozen=True, slots=True)
class LiveState:
    """What the stream has said up to the entry ``last_id``."""

    last_id: str = "0-0"
    status: str = Status.QUEUED
    events: tuple[Event, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether nothing more will come."""
        return self.status in (Status.FINISHED, Status.FAILED, Status.CANCELLED)

    def after(self, entries: Iterable[Entry]) -> LiveState:
        """The state once ``entries``, in the stream's form, were read too. Pure."""
        last_id, status, events = self.last_id, self.status, list(self.events)
        for entry_id, fields in entries:
            last_id = entry_id.decode()
            if b"mark" in fields:
                status = fields[b"mark"].decode()
                events = [] if status == Status.RUNNING else events
            else:
                events.extend(_EVENTS.validate_json(fields[b"batch"]))
        return LiveState(last_id, status, tuple(events))


class LivePublisher:
    """Writes one attempt's stream. :meth:`add` is for the thread that plays, the rest for the thread that watches.

    Redis being away never ends a run: what could not be written is left out of the stream.
    """

    def __init__(self, redis: Redis, run_id: str) -> None:
        self._redis = redis
        self._key = stream_key(run_id)
        self._waiting: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._bytes = 0

    def begin(self) -> None:
        """A new attempt: what an earlier one wrote is forgotten."""
        self._write({"mark": Status.RUNNING}, anew=True)

    def add(self, event: Event) -> None:
        """Take ``event`` along with the next flush."""
        self._waiting.put(event)

    def flush(self) -> tuple[Event, ...]:
        """Write what was added since the last time; returns it."""
        events: list[Event] = []
        while len(events) < BATCH_MAX and not self._waiting.empty():
            events.append(self._waiting.get_nowait())
        if shown := [light for event in events if (light := self._lightened(event))]:
            text = json.dumps(shown)
            self._bytes += len(text)
            self._write({"batch": text})
        return tuple(events)

    def mark(self, status: str) -> None:
        """Say that the run is in that status now."""
        while self.flush():
            pass
        self._write({"mark": status})

    def _lightened(self, event: Event) -> dict[str, Any] | None:
        is_output = isinstance(event.record, LogWritten | OutputTruncated)
        return None if is_output and self._bytes > STREAM_BYTES_MAX else lightened(event).to_json()

    def _write(self, fields: dict[str, str], *, anew: bool = False) -> None:
        try:
            with self._redis.pipeline(transaction=True) as pipe:
                if anew:
                    pipe.delete(self._key)
                pipe.xadd(self._key, dict(fields.items()), maxlen=ENTRIES_MAX)
                pipe.expire(self._key, EXPIRY_S)
                pipe.execute()
        except RedisError:
            # The database knows the run's status, and its page falls back to that.
            self._bytes = STREAM_BYTES_MAX + 1


def lightened(event: Event) -> Event:
    """``event`` as it is watched: long texts cut, a state walk without its leaves. Pure."""
    record = event.record
    match record:
        case RequestArrived():
            light: Any = record.model_copy(update={"payload": _cut(record.payload)})
        case RequestAnswered():
            light = record.model_copy(update={"response": _cut(record.response)})
        case LogWritten():
            light = record.model_copy(update={"text": _cut(record.text)})
        case ReplayAnswered():
            light = record.model_copy(update={"response": _cut(record.response), "log": ()})
        case StateCaptured():
            light = record.model_copy(update={"leaves": (), "truncated": True})
        case _:
            return event
    return event.model_copy(update={"record": light})


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARACTERS_MAX else f"{text[:TEXT_CHARACTERS_MAX]}…"


def read_live(redis: Redis, run_id: str) -> LiveState:
    """Everything that the stream of that run says; nothing but ``queued`` where there is no stream."""
    entries: Any = redis.xrange(stream_key(run_id))
    return LiveState().after(entries)
