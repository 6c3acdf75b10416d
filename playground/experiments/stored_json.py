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

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    """What :func:`pack_events` was given."""
    return _EVENTS.validate_python(unpack(blob))


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")
