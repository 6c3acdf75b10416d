"""Function output as bounded lines. Pure: bytes in, lines out.

There are three streams: stdout and stderr as raw text, and the frames that runtime clients write to the descriptor in
``_LAMBDA_TELEMETRY_LOG_FD``. Any process of the function can write anything to any of them. The beginning of a line is
kept and the rest counted; so are the first lines of a phase.

The frame: 4 bytes type, 4 bytes length, 8 bytes microseconds since 1970, all big-endian, then the text. Source:
aws/aws-lambda-python-runtime-interface-client, awslambdaric/bootstrap.py (FramedTelemetryLogSink).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from ..wire import LogLine

_FRAME: Final = struct.Struct(">IIQ")
_MAGIC: Final = b"\xa5\x5a"
# The upper half of a frame's type. The lower half is two bits of format and a level from 0 (none) to 6.
_FAMILY: Final = 0xA55A
_FORMATS: Final = (2, 3)
_LEVELS: Final = ("", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_LEVEL_OF: Final = MappingProxyType(
    {_FAMILY << 16 | index << 2 | form: level for index, level in enumerate(_LEVELS) for form in _FORMATS}
)
# A client writes one log message at a time; no client's frame is longer than this.
_FRAME_BYTES_MAX: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """One line before counting: its beginning, and how many bytes were cut. ``level`` is a frame's."""

    data: bytes
    cut: int = 0
    level: str = ""


class Reader(Protocol):
    """Turns the bytes of one stream into pieces."""

    def feed(self, data: bytes) -> list[Piece]:
        """Add bytes; return the complete lines."""
        ...

    def skip(self, data: bytes) -> tuple[int, int]:
        """Add bytes that will not be shown; return how many lines and bytes they were."""
        ...

    def flush(self) -> list[Piece]:
        """Return the incomplete rest."""
        ...


@dataclass(slots=True)
class LineReader:
    r"""Lines of raw text, ended by ``\n``. Empty lines are dropped and ``\r`` stays, as in the service's log."""

    line_bytes_max: int
    _kept: bytearray = field(default_factory=bytearray)
    _cut: int = 0

    def feed(self, data: bytes) -> list[Piece]:
        """Add bytes; return the complete lines."""
        *whole, rest = data.split(b"\n")
        pieces = []
        for line in whole:
            if line or self._kept:
                self._add(line)
                pieces += self.flush()
        self._add(rest)
        return pieces

    def skip(self, data: bytes) -> tuple[int, int]:
        """Add bytes that will not be shown. Only counts: dropping a flood must be cheaper than producing it."""
        lost = len(self._kept) + self._cut
        lines = data.count(b"\n")
        self._kept.clear()
        self._cut = 0
        return lines + (lines == 0 and lost > 0), lost + len(data)

    def flush(self) -> list[Piece]:
        """Return the incomplete line."""
        if not self._kept:
            return []
        piece = Piece(bytes(self._kept), self._cut)
        self._kept.clear()
        self._cut = 0
        return [piece]

    def _add(self, data: bytes) -> None:
        room = self.line_bytes_max - len(self._kept)
        self._kept += data[:room]
        self._cut += max(0, len(data) - room)


@dataclass(slots=True)
class FrameReader:
    """Telemetry frames. Bytes that are not a frame become a line without a level, up to the next possible frame."""

    line_bytes_max: int
    _buffer: bytearray = field(default_factory=bytearray)
    _missing: int = 0
    _level: str = ""
    _text: LineReader = field(init=False)
    _kept: bytearray = field(default_factory=bytearray)
    _cut: int = 0

    def __post_init__(self) -> None:
        self._text = LineReader(self.line_bytes_max)

    def feed(self, data: bytes) -> list[Piece]:
        """Add bytes; return the complete frames."""
        self._buffer += data
        pieces: list[Piece] = []
        while self._buffer:
            if not self._missing:
                pieces += self._read_whole()
            if self._missing:
                pieces += self._read_payload()
            elif self._at_frame():
                if len(self._buffer) < _FRAME.size:
                    break
                pieces += self._text.flush()
                self._read_header()
            else:
                pieces += self._skip_garbage()
        return pieces

    def skip(self, data: bytes) -> tuple[int, int]:
        """Add bytes that will not be shown. Frames are still parsed, so that the next phase starts at one."""
        pieces = self.feed(data)
        return len(pieces), sum(len(piece.data) + piece.cut for piece in pieces)

    def flush(self) -> list[Piece]:
        """Return bytes that are not a frame. An incomplete frame stays: its writer may be frozen."""
        return self._text.flush()

    def _read_whole(self) -> list[Piece]:
        """Read the frames that are there to their end and that nothing is cut off: nearly all are, many at a time."""
        pieces: list[Piece] = []
        buffer, at, end = self._buffer, 0, len(self._buffer)
        while end - at >= _FRAME.size:
            kind, size, _ = _FRAME.unpack_from(buffer, at)
            begin = at + _FRAME.size
            if kind not in _LEVEL_OF or size > self.line_bytes_max or begin + size > end:
                break
            at = begin + size
            if text := bytes(buffer[begin:at]).removesuffix(b"\n"):
                pieces.append(Piece(text, level=_LEVEL_OF[kind]))
        del buffer[:at]
        return [*self._text.flush(), *pieces] if at else []

    def _at_frame(self) -> bool:
        """Whether the buffer starts with a frame, as far as can be told yet."""
        head = self._buffer[: _FRAME.size]
        if len(head) < 4:
            return _MAGIC.startswith(head[:2])
        kind = int.from_bytes(head[:4], "big")
        if kind not in _LEVEL_OF:
            return False
        return len(head) < 8 or int.from_bytes(head[4:8], "big") <= _FRAME_BYTES_MAX

    def _read_header(self) -> None:
        kind, self._missing, _ = _FRAME.unpack_from(self._buffer)
        del self._buffer[: _FRAME.size]
        self._level = _LEVEL_OF[kind]

    def _read_payload(self) -> list[Piece]:
        taken = min(self._missing, len(self._buffer))
        room = min(taken, self.line_bytes_max - len(self._kept))
        self._kept += self._buffer[:room]
        self._cut += taken - room
        del self._buffer[:taken]
        self._missing -= taken
        if self._missing:
            return []
        piece = Piece(bytes(self._kept).removesuffix(b"\n"), self._cut, self._level)
        self._kept.clear()
        self._cut = 0
        return [piece] if piece.data or piece.cut else []

    def _skip_garbage(self) -> list[Piece]:
        """Skip to the next place where a frame could begin."""
        end = self._buffer.find(_MAGIC, 1)
        if end < 0:
            end = len(self._buffer) - (len(self._buffer) > 1 and self._buffer[-1] == _MAGIC[0])
        garbage = bytes(self._buffer[:end])
        del self._buffer[:end]
        return self._text.feed(garbage)


@dataclass(slots=True)
class PhaseLog:
    """Lines of one phase within its limits; counts the rest. All limits are per phase, except a line's."""

    lines_max: int
    bytes_max: int
    lines: list[LogLine] = field(default_factory=list)
    # How many bytes wait in ``lines``: a large batch is sent early.
    pending_bytes: int = 0
    cut_lines: int = 0
    cut_bytes: int = 0
    # The text of every line of the function since it was emptied, if needed.
    heard: list[str] | None = None
    _lines_taken: int = 0
    _bytes_taken: int = 0

    def begin(self) -> None:
        """Start a phase: reset the limits."""
        self._lines_taken = self._bytes_taken = 0

    @property
    def full(self) -> bool:
        """Whether nothing more of this phase is kept."""
        return self._lines_taken >= self.lines_max

    def read(self, at_us: int, stream: str, reader: Reader, data: bytes, extension: str = "") -> None:
        """Process data read from a stream, of an extension where one is named."""
        if self.full:
            lines, size = reader.skip(data)
            self.cut_lines += lines
            self.cut_bytes += size
            return
        for piece in reader.feed(data):
            self.add(at_us, stream, piece, extension)

    def add(self, at_us: int, stream: str, piece: Piece, extension: str = "") -> None:
        """Keep this line, or count it as cut."""
        size = len(piece.data)
        if self.full or self._bytes_taken + size > self.bytes_max:
            self.cut_lines += 1
            self.cut_bytes += size + piece.cut
            # Everything after a cut line is cut as well: a log with holes is misleading.
            self._lines_taken = self.lines_max
            return
        self._lines_taken += 1
        self._bytes_taken += size
        self.pending_bytes += size
        text = piece.data.decode("utf-8", "replace")
        self.lines.append(LogLine(at_us, stream, text, piece.level, piece.cut, extension))
        if self.heard is not None and not extension:
            self.heard.append(self.lines[-1].text)

    def take(self) -> list[LogLine]:
        """The lines since the last call."""
        lines, self.lines, self.pending_bytes = self.lines, [], 0
        return lines

    def take_cut(self) -> tuple[int, int]:
        """How many lines and bytes were cut since the last call."""
        counts = self.cut_lines, self.cut_bytes
        self.cut_lines = self.cut_bytes = 0
        return counts
