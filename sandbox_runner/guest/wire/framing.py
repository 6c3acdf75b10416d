"""The one module that host and guest share: what they say to each other and how it is framed.

A frame is a 4-byte big-endian length of everything after it, a 4-byte big-endian length of the header, the header
as UTF-8 JSON, and the body as raw bytes. The header is ``{"type": <name of the dataclass>, …its fields}``; the body
carries what may be large (a payload, an answer, files, a state walk), so that it is never escaped or re-parsed on
the way. Both sides refuse a frame over their limit before reading it.

All ``*_us`` are microseconds of CLOCK_MONOTONIC as the sender reads it.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, get_args

from .orders import Configure, Freeze, Init, Invoke, Reset, Shutdown, Wipe
from .peer_messages import (
    PEER_CONNECTIONS_MAX,
    PEER_DATA_BYTES_MAX,
    PEER_WINDOW_BYTES,
    PeerClose,
    PeerData,
    PeerMore,
    PeerOpen,
    PeerRefused,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What is defined beside this module and known as the wire's.
__all__ = [
    "PEER_CONNECTIONS_MAX",
    "PEER_DATA_BYTES_MAX",
    "PEER_WINDOW_BYTES",
    "Configure",
    "Freeze",
    "Init",
    "Invoke",
    "PeerClose",
    "PeerData",
    "PeerMore",
    "PeerOpen",
    "PeerRefused",
    "Reset",
    "Shutdown",
    "Wipe",
]

WIRE_VERSION = 1

_LENGTHS = struct.Struct(">II")
_PREFIX_BYTES = _LENGTHS.size
# A problem may quote what the peer sent; nobody reads more of it than this.
_PROBLEM_MAX = 300
# Readings and counts fit into 63 bits; anything longer is an attempt on the reader's arithmetic.
_INT_END = 1 << 63


class WireError(Exception):
    """The peer sent something that is no frame, no known message, or over the limit."""


# --- guest to host -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message: the supervisor is up. ``runtimes`` maps each runtime to its versions.

    ``boot_id`` tells the host whether both read the same kernel's clock.
    """

    wire_version: int
    boot_id: str
    monotonic_us: int
    runtimes: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class InitDone:
    """An initialisation has ended; ``status`` is success, error or timeout.

    ``error_type`` is normalised as the service's log shows it. ``exit`` says how the process ended where it did:
    ``exit status 1``, ``signal: killed``, or empty for exit status 0. Body: the JSON the runtime posted, if any.
    After error and timeout every process has been killed.
    """

    phase: str
    status: str
    started_us: int
    at_us: int
    error_type: str = ""
    exited: bool = False
    exit: str = ""
    out_of_memory: bool = False
    peak_memory_kb: int = 0
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Started:
    """The event was handed to the runtime."""

    request_id: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The runtime posted to ``/response`` or ``/error`` (``kind``). Body: what it posted, cut at the limit.

    ``size`` is the true size; ``too_large`` says the runtime was told 413. ``error_type`` is the normalised header of
    ``/error``, empty when it sent none.
    """

    request_id: str
    kind: str
    at_us: int
    size: int
    content_type: str = ""
    error_type: str = ""
    too_large: bool = False
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class InvokeDone:
    """An invocation has ended; ``status`` is success (back in ``/next``), timeout or exited.

    After timeout and exit the processes that are left are still there: the host orders the :class:`Reset`.
    """

    request_id: str
    status: str
    started_us: int
    at_us: int
    exit: str = ""
    out_of_memory: bool = False
    peak_memory_kb: int = 0


@dataclass(frozen=True, slots=True)
class Frozen:
    """Every process of the function is stopped since ``at_us``."""

    at_us: int
    processes: int


@dataclass(frozen=True, slots=True)
class Thawed:
    """Every process of the function runs again since ``at_us``."""

    at_us: int
    processes: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line (or one telemetry frame) the function wrote. ``stream``: stdout, stderr or telemetry.

    ``level`` is that of a telemetry frame, else empty. ``cut`` is the number of bytes that the line lost.
    """

    at_us: int
    stream: str
    text: str
    level: str = ""
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Logs:
    """Lines in the order in which they were read; ``request_id`` is the invocation under way, else empty."""

    lines: list[LogLine]
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """Output over the caps of this phase was thrown away; the counts are those since the last ``Cut``."""

    at_us: int
    lines: int
    bytes: int
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class StateCaptured:
    """What the probe found after ``after`` (init or invoke). Body: JSON, see ``probes``."""

    after: str
    at_us: int
    request_id: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ResetDone:
    """Every process of the function is gone; ``/tmp`` is as it was."""

    started_us: int
    at_us: int
    killed: int


@dataclass(frozen=True, slots=True)
class WipeDone:
    """The sandbox is as new."""

    at_us: int
    killed: int


@dataclass(frozen=True, slots=True)
class ShutdownDone:
    """Every process is gone; the guest exits after this."""

    started_us: int
    at_us: int
    killed: int


@dataclass(frozen=True, slots=True)
class Fault:
    """The supervisor itself failed; ours, never the user's."""

    message: str


HostMessage: TypeAlias = (
    Configure | Init | Freeze | Invoke | Reset | Wipe | Shutdown | PeerRefused | PeerData | PeerMore | PeerClose
)
GuestMessage: TypeAlias = (
    Hello
    | InitDone
    | Started
    | Answered
    | InvokeDone
    | Frozen
    | Thawed
    | Logs
    | Cut
    | StateCaptured
    | ResetDone
    | WipeDone
    | ShutdownDone
    | Fault
    | PeerOpen
    | PeerData
    | PeerMore
    | PeerClose
)
Message: TypeAlias = HostMessage | GuestMessage

HOST_MESSAGES: dict[str, type[HostMessage]] = {m.__name__: m for m in get_args(HostMessage)}
GUEST_MESSAGES: dict[str, type[GuestMessage]] = {m.__name__: m for m in get_args(GuestMessage)}

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
        header["lines"] = [[line.at_us, line.stream, line.text, line.level, line.cut] for line in message.lines]
    head = _to_json(header).encode("utf-8", "surrogatepass")
    body: bytes = getattr(message, "body", b"")
    return _LENGTHS.pack(4 + len(head) + len(body), len(head)) + head + body


@dataclass(slots=True)
class Decoder:
    """Frames out of a stream of bytes, however they are cut. ``known`` is what the peer may say.

    ``frame_bytes_max`` bounds one frame, and so the memory that a peer can make us hold.
    """

    known: dict[str, type[Any]]
    frame_bytes_max: int
    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[Any]:
        """Take more bytes; yield every message that is whole.

        :raises WireError: the bytes are no frame of a known message, or a frame is over the limit.
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


# What each annotation of a message's field asks for; a field with any other annotation is refused by every peer.
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
    """``message``, whose every field is of the kind that its class says; bytes of a peer are data, never trusted."""
    for name, kind in _PARTS[type(message)]:
        if not _KINDS[kind](getattr(message, name)):
            raise TypeError(f"{type(message).__name__}.{name} is no {kind}")
    return message
