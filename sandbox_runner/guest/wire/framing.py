"""How a message becomes bytes and comes back; nothing here trusts the other side. Pure.

A frame is a 4-byte big-endian length of everything after it, a 4-byte big-endian length of the header, the header
as UTF-8 JSON, and the body as raw bytes. The header is ``{"type": <name of the dataclass>, …its fields}``; the body
carries what may be large (a payload, an answer, files, a state walk), so that it is never escaped or re-parsed on
the way. Both sides refuse a frame over their limit before reading it.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar

from .messages import GUEST_MESSAGES, HOST_MESSAGES, LogLine, Logs, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LENGTHS = struct.Struct(">II")
_PREFIX_BYTES = _LENGTHS.size
# An error may quote the peer's message; this much of it is enough.
_PROBLEM_MAX = 300
# Readings and counts fit into 63 bits; anything longer is an attack on the reader's arithmetic.
_INT_END = 1 << 63


class WireError(Exception):
    """The peer sent an invalid frame, an unknown message, or one over the limit."""


# Name and annotation of each field, made once: a warm invocation writes and reads several messages.
_PARTS: dict[type[Any], tuple[tuple[str, str], ...]] = {
    kind: tuple((part.name, str(part.type)) for part in fields(kind))
    for kind in (LogLine, *HOST_MESSAGES.values(), *GUEST_MESSAGES.values())
}
_to_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

_M = TypeVar("_M", bound=Message)
_Part = TypeVar("_Part", bound=Message | LogLine)


def encode(message: Message) -> bytes:
    """The frame of ``message``."""
    kind = type(message)
    header: dict[str, Any] = {"type": kind.__name__}
    header |= {name: getattr(message, name) for name, _ in _PARTS[kind] if name != "body"}
    if isinstance(message, Logs):
        header["lines"] = [_row(line) for line in message.lines]
    head = _to_json(header).encode("utf-8", "surrogatepass")
    body: bytes = getattr(message, "body", b"")
    return _LENGTHS.pack(4 + len(head) + len(body), len(head)) + head + body


def _row(line: LogLine) -> list[int | str]:
    row: list[int | str] = [line.at_us, line.stream, line.text, line.level, line.cut]
    return [*row, line.extension] if line.extension else row


@dataclass(slots=True)
class Decoder:
    """Decodes frames from a stream of bytes, split anywhere. ``known`` are the messages that the peer may send.

    ``frame_bytes_max`` bounds one frame, and so our memory for a peer.
    """

    known: dict[str, type[Any]]
    frame_bytes_max: int
    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[Any]:
        """Add bytes; yield every complete message.

        :raises WireError: the bytes are not a frame of a known message, or a frame is over the limit.
        """
        self._buffer += data
        while len(self._buffer) >= _PREFIX_BYTES:
            total, head_length = _LENGTHS.unpack_from(self._buffer)
            if total > self.frame_bytes_max:
                raise WireError(f"a frame of {total} bytes is over the limit of {self.frame_bytes_max}")
            if head_length > total - 4:
                raise WireError("a frame's header is longer than the frame")
            end = 4 + total
            if len(self._buffer) < end:
                return
            head = bytes(self._buffer[_PREFIX_BYTES : _PREFIX_BYTES + head_length])
            body = bytes(self._buffer[_PREFIX_BYTES + head_length : end])
            del self._buffer[:end]
            yield _message(head, body, self.known)


def _message(head: bytes, body: bytes, known: dict[str, type[_M]]) -> _M:
    try:
        header = json.loads(head.decode("utf-8", "surrogatepass"))
        kind = known[header.pop("type")]
        if kind is Logs:
            header["lines"] = [_checked(LogLine(*line)) for line in header["lines"]]
        if "body" in header:
            raise WireError("a body travels behind the header, never in it")
        if body:
            header["body"] = body
        return _checked(kind(**header))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise WireError(f"not a message: {type(problem).__name__}: {problem}"[:_PROBLEM_MAX]) from None


# The required type for each annotation of a message's field; a field with another annotation is always rejected.
_KINDS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: type(value) is str,
    "int": lambda value: type(value) is int and abs(value) < _INT_END,
    "bool": lambda value: type(value) is bool,
    "bytes": lambda value: type(value) is bytes,
    "dict[str, str]": lambda value: type(value) is dict and all(type(item) is str for item in value.values()),
    "dict[str, int]": lambda value: type(value) is dict and all(map(_KINDS["int"], value.values())),
    "dict[str, dict[str, str]]": lambda value: (
        type(value) is dict and all(map(_KINDS["dict[str, str]"], value.values()))
    ),
    "list[LogLine]": lambda value: type(value) is list,
}


def _checked(message: _Part) -> _Part:
    """``message``, with every field verified to have the type in its class; bytes of a peer are never trusted."""
    for name, kind in _PARTS[type(message)]:
        if not _KINDS[kind](getattr(message, name)):
            raise TypeError(f"{type(message).__name__}.{name} is no {kind}")
    return message
