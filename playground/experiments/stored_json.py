"""The storage format of scenarios, results and events: compressed ASCII JSON. Pure.

ASCII, because a payload may contain lone surrogates, which no database and no UTF-8 encoder accepts.
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
    """``value``, which is JSON, as bytes for storage."""
    return pack_and_measure(value)[0]


def pack_and_measure(value: object) -> tuple[bytes, int]:
    """The same, and how many bytes of JSON it is."""
    text = _canonical(value)
    return zlib.compress(text, 6), len(text)


def unpack(blob: bytes | memoryview) -> Any:
    """The value given to :func:`pack`."""
    return json.loads(zlib.decompress(blob))


def unpack_within(blob: bytes | memoryview, most: int) -> Any:
    """The same, or None where it is longer than ``most`` bytes of JSON; it is not unpacked further then."""
    reader = zlib.decompressobj()
    text = reader.decompress(blob, most)
    return json.loads(text) if reader.eof else None


def digest(value: object) -> str:
    """The SHA-256 of ``value`` as stored; equal for equal content."""
    return hashlib.sha256(_canonical(value)).hexdigest()


def pack_events(events: Iterable[Event]) -> bytes:
    """An event log as bytes for storage."""
    return pack([event.to_json() for event in events])


def unpack_events(blob: bytes | memoryview) -> tuple[Event, ...]:
    """The events given to :func:`pack_events`, of this version or an earlier one."""
    return read_events(unpack(blob))


def read_events(stored: Iterable[Mapping[str, Any]]) -> tuple[Event, ...]:
    """Events from their JSON form."""
    return _EVENTS.validate_python([event_of_today(each) for each in stored])


def pack_messages(messages: Iterable[Message]) -> str:
    """Messages as text for storage."""
    return _canonical([each.model_dump(mode="json") for each in messages]).decode("ascii")


def unpack_messages(text: str) -> tuple[Message, ...]:
    """The messages given to :func:`pack_messages`; none for an empty text."""
    return tuple(map(Message.model_validate, json.loads(text))) if text else ()


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")
