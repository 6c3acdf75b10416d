"""The content of a run's Redis stream while it runs, and how it is written and read.

An entry is either a ``mark`` (a status; ``running`` starts an attempt and voids what came before) or a ``batch`` of
events. The stream is for watching: its events are shortened, it is bounded, and it expires. The authoritative record is
what the worker stores when the run ends.

The stream's owner, the token of a claim, and its number of events are stored beside it, so that it contains a single
attempt without gaps or duplicates. Workers of earlier versions write without these; their entries are the same.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from redis.exceptions import RedisError

from playground.experiments.models import FINAL, Status
from playground.experiments.stored_json import read_events
from sandbox_runner.events.records import (
    AccountCalled,
    Event,
    LogWritten,
    OutputTruncated,
    ReplayAnswered,
    RequestAnswered,
    RequestArrived,
    SessionWalked,
    StateCaptured,
)
from sandbox_runner.events.secret_values import with_secrets_blanked
from sandbox_runner.limits import MB

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from redis import Redis

Entry: TypeAlias = "tuple[bytes, Mapping[bytes, bytes]]"

_LOG: Final = logging.getLogger(__name__)
ENTRIES_MAX: Final = 10_000
EXPIRY_S: Final = 3600
# Beyond this, lines of output are omitted from the stream; the finished page has them.
STREAM_BYTES_MAX: Final = 4 * MB
TEXT_CHARACTERS_MAX: Final = 2_000
# Of one walk, as many as a page has rows of an environment.
LEAVES_MAX: Final = 300
BATCH_MAX: Final = 1_000
# How many times writing the end of a stream may start over.
_BEGINNINGS_MAX: Final = 3

# Both reserve a claim's stream for that claim, atomically, because Redis and Valkey run a script alone.
_GONE: Final = -1
_TAKEN: Final = -2
_WRITE: Final = """
local claim = redis.call('HGET', KEYS[2], 'claim')
if not claim then return -1 end
if claim ~= ARGV[1] then return -2 end
local written = redis.call('HGET', KEYS[2], 'written')
if written ~= ARGV[2] then return tonumber(written) end
if ARGV[5] ~= '' then redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[6], '*', ARGV[4], ARGV[5]) end
redis.call('HSET', KEYS[2], 'written', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[7])
redis.call('EXPIRE', KEYS[2], ARGV[7])
return tonumber(ARGV[3])
"""
_END: Final = """
local claim = redis.call('HGET', KEYS[2], 'claim')
if ARGV[1] ~= '' and claim and claim ~= '' and claim ~= ARGV[1] then return 0 end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'mark', ARGV[2])
redis.call('HSET', KEYS[2], 'claim', '')
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
"""


def stream_key(run_id: str) -> str:
    """The stream's name in Redis."""
    return f"holdover:run:{run_id}"


def writer_key(run_id: str) -> str:
    """The Redis key of the stream's writer."""
    return f"holdover:run:{run_id}:writer"


@dataclass(frozen=True, slots=True)
class LiveState:
    """The state of the stream up to the entry ``last_id``."""

    last_id: str = "0-0"
    status: str = Status.QUEUED
    events: tuple[Event, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether nothing more will arrive."""
        return self.status in (Status.FINISHED, Status.FAILED, Status.CANCELLED)

    def after(self, entries: Iterable[Entry]) -> LiveState:
        """The state after reading ``entries`` as well. Pure."""
        last_id, status, events = self.last_id, self.status, list(self.events)
        for entry_id, fields in entries:
            last_id = entry_id.decode()
            if b"mark" in fields:
                status = fields[b"mark"].decode()
                events = [] if status == Status.RUNNING else events
            else:
                events.extend(read_events(json.loads(fields[b"batch"])))
        return LiveState(last_id, status, tuple(events))


class LivePublisher:
    """Writes one attempt's stream. :meth:`add` and :meth:`note` are thread-safe, the rest is for one thread at a time.

    A run never fails because Redis is away: what could not be written is written later, in order and once. If Redis
    lost the stream, it is rewritten. Once another claim has started, Redis itself rejects writes of the old one, so
    that a worker that was suspended does not write into the stream of its replacement.
    """

    def __init__(self, redis: Redis, run_id: str, claim: str) -> None:
        self.is_taken = False
        self._redis = redis
        self._run_id = run_id
        self._keys = [stream_key(run_id), writer_key(run_id)]
        self._claim = claim
        self._events: list[Event] = []
        self._status: str = Status.RUNNING
        self._is_away = False
        self._forget()

    def _forget(self) -> None:
        """Start over: nothing written so far counts."""
        self._written: int | None = None
        self._said = ""
        self._bytes = 0

    @property
    def events(self) -> tuple[Event, ...]:
        """Every event added so far."""
        return tuple(self._events)

    def begin(self) -> None:
        """Start an attempt: what an earlier one wrote is voided, and its writer is rejected from now on."""
        self.take_back()
        self.flush()

    def take_back(self) -> None:
        """Rewrite everything with the next flush: this claim is valid, whoever has the stream now."""
        self._forget()
        self.is_taken = False

    def add(self, event: Event) -> None:
        """Include ``event`` in the next flush."""
        self._events.append(event)

    def note(self, status: str) -> None:
        """Include the run's new status in the next flush."""
        self._status = status

    def flush(self) -> bool:
        """Write some of what is pending; returns whether there may be more."""
        if self.is_taken:
            return False
        try:
            if self._written is None:
                self._begin()
            more = self._write_events()
            if self._said != self._status and self._written is not None:
                self._write_entry("mark", self._status, self._written)
        except RedisError as error:
            if not self._is_away:
                _LOG.warning("The broker does not take a run's events; they are written later: %s", error)
            self._is_away = True
            return False
        self._is_away = False
        return more

    def catch_up(self) -> None:
        """Write everything that is pending now, as far as the broker takes it."""
        for _ in range(len(self._events) // BATCH_MAX + _BEGINNINGS_MAX):
            if not self.flush():
                return

    def close(self, status: str) -> None:
        """Write everything pending and the run's final status; from then on this attempt is rejected.

        If the broker does not take everything, it gets no end either: followers then read what was stored.
        """
        if self.is_taken and status in FINAL:
            self.take_back()
        self.catch_up()
        if not self.is_taken and self._written == len(self._events):
            mark_ended(self._redis, self._run_id, status, claim=self._claim)

    def _begin(self) -> None:
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(*self._keys)
            pipe.hset(self._keys[1], mapping={"claim": self._claim, "written": 0})
            pipe.xadd(self._keys[0], {"mark": Status.RUNNING})
            for key in self._keys:
                pipe.expire(key, EXPIRY_S)
            pipe.execute()
        self._written, self._said = 0, Status.RUNNING

    def _write_events(self) -> bool:
        first = self._written or 0
        events = self._events[first : first + BATCH_MAX]
        if not events:
            return False
        text = _batch(events, self._bytes)
        self._bytes += len(text)
        self._write_entry("batch", text, first + len(events))
        return self._written != first

    def _write_entry(self, field: str, text: str, written: int) -> None:
        """Write one entry, after which the stream has ``written`` events; and learn how many it does have."""
        write: Any = self._redis.register_script(_WRITE)
        answer = write(keys=self._keys, args=[self._claim, self._written, written, field, text, ENTRIES_MAX, EXPIRY_S])
        if answer == _GONE:
            self._forget()
        elif answer == _TAKEN:
            self.is_taken = True
        else:
            self._written = int(answer)
            is_said = field == "mark" and self._written == written
            self._said = text if is_said else self._said


def mark_ended(redis: Redis, run_id: str, status: str, *, claim: str = "") -> None:
    """Write the run's final status, and reject earlier writers from then on.

    :param claim: whose attempt has ended; nothing is written if another one has started. Empty for any.
    """
    end: Any = redis.register_script(_END)
    try:
        end(keys=[stream_key(run_id), writer_key(run_id)], args=[claim, status, ENTRIES_MAX, EXPIRY_S])
    except RedisError as error:
        # The database has the run's status, and its page falls back to that.
        _LOG.warning("The broker does not take a run's end: %s", error)


def entries_of(events: Sequence[Event], after_id: str) -> list[Entry]:
    """The stream of an attempt with these events, with ids after ``after_id``, without its end. Pure."""
    milliseconds = int(after_id.partition("-")[0]) + 1
    fields: list[tuple[bytes, bytes]] = [(b"mark", Status.RUNNING.encode())]
    written = 0
    for first in range(0, len(events), BATCH_MAX):
        if text := _batch(events[first : first + BATCH_MAX], written):
            written += len(text)
            fields.append((b"batch", text.encode()))
    return [(f"{milliseconds}-{number}".encode(), {name: value}) for number, (name, value) in enumerate(fields)]


def _batch(events: Iterable[Event], written: int) -> str:
    """``events`` as an entry, for a stream that has so many bytes already; empty if none is shown. Pure."""
    full = written > STREAM_BYTES_MAX
    shown = [
        lightened(event).to_json()
        for event in events
        if not (full and isinstance(event.record, LogWritten | OutputTruncated | SessionWalked))
    ]
    return json.dumps(shown) if shown else ""


def lightened(event: Event) -> Event:
    """``event`` for watching: long texts cut, a state walk without its leaves, secrets blanked. Pure."""
    record = event.record
    match record:
        case RequestArrived():
            light: Any = record.model_copy(update={"payload": _cut(record.payload)})
        case RequestAnswered():
            light = record.model_copy(update={"response": _cut(record.response), "failure": _cut(record.failure)})
        case LogWritten():
            light = record.model_copy(update={"text": _cut(record.text)})
        case ReplayAnswered():
            light = record.model_copy(update={"response": _cut(record.response), "log": ()})
        case AccountCalled():
            light = with_secrets_blanked(record)
        case SessionWalked(state=state):
            leaves = tuple(leaf.model_copy(update={"value": _cut(leaf.value)}) for leaf in state.leaves[:LEAVES_MAX])
            truncated = state.truncated or len(leaves) < len(state.leaves)
            light = SessionWalked(state=state.model_copy(update={"leaves": leaves, "truncated": truncated}))
        case StateCaptured():
            light = record.model_copy(update={"leaves": (), "truncated": True})
        case _:
            return event
    return event.model_copy(update={"record": light})


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARACTERS_MAX else f"{text[:TEXT_CHARACTERS_MAX]}…"


def read_live(redis: Redis, run_id: str) -> LiveState:
    """Everything in the stream of that run; only ``queued`` if there is none."""
    entries: Any = redis.xrange(stream_key(run_id))
    return LiveState().after(entries)
