"""The form in which scenarios, results and events are kept: JSON in ASCII, compressed. Pure.

ASCII, because a payload may hold lone surrogates, which no database and no UTF-8 encoder takes.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from sandbox_runner.events.records import Event
from sandbox_runner.messages import Message
from sandbox_runner.results.version_1 import event_of_today

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_EVENTS: Final = TypeAdapter(tuple[Event, ...])


def pack(value: object) -> bytes:
    """``value``, which is JSON, as bytes to store."""
    return zlib.compress(_canonical(value), 6)


def unpack(blob: bytes | memoryview) -> Any:
    """What :func:`pack` was given."""
    return json.loads(zlib.decompress(blob))


def digest(value: object) -> str:
    """The SHA-256 of ``value`` as it is stored: equal for equal content."""
    return hashlib.sha256(_canonical(value)).hexdigest()


def pack_events(events: Iterable[Event]) -> bytes:
    """An event log as bytes to store."""
    return pack([event.to_json() for event in events])


def unpack_events(blob: bytes | memoryview) -> tuple[Event, ...]:
    """What :func:`pack_events` was given, by this version or by one before."""
    return read_events(unpack(blob))


def read_events(stored: Iterable[Mapping[str, Any]]) -> tuple[Event, ...]:
    """Events from their JSON form."""
    return _EVENTS.validate_python([event_of_today(each) for each in stored])


def pack_messages(messages: Iterable[Message]) -> str:
    """What is said, as a text to store."""
    return _canonical([each.model_dump(mode="json") for each in messages]).decode("ascii")


def unpack_messages(text: str) -> tuple[Message, ...]:
    """What :func:`pack_messages` was given; nothing for an empty text."""
    return tuple(map(Message.model_validate, json.loads(text))) if text else ()


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")
