"""Parses HTTP/1.1 requests from a stream of bytes, split anywhere. Pure: no socket.

Any process of the function can connect, so everything is bounded: the head, a chunk's size line, the trailers; a body
over its limit is read to its end and counted, but not stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# The service's limit on request line and headers together.
HEAD_BYTES_MAX: Final = 1024 * 1024
# A chunk's size in hexadecimal and its extensions, which nobody uses.
_SIZE_LINE_BYTES_MAX: Final = 256
# 2**48: more digits than any length needs.
_LENGTH_DIGITS_MAX: Final = 15
_HEXADECIMAL: Final = frozenset(b"0123456789abcdefABCDEF")


class BadRequestError(Exception):
    """The request cannot be served, and the connection is unusable. ``status`` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Request:
    """One request. ``headers`` and ``trailers`` have lower-case names.

    ``body`` is cut at the limit, and is the rest of one of which parts were taken; ``size`` is its real length.
    """

    method: bytes
    path: bytes
    headers: dict[bytes, bytes]
    keep_alive: bool
    body: bytes = b""
    size: int = 0
    trailers: dict[bytes, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class RequestParser:
    """Feed it bytes and ask it for requests. ``body_bytes_max`` bounds the stored part of a body."""

    body_bytes_max: int
    _buffer: bytearray = field(default_factory=bytearray)
    _searched: int = 0
    _request: Request | None = None
    _kept: bytearray = field(default_factory=bytearray)
    # Remaining bytes of the body, or of the current chunk.
    _missing: int = 0
    _trailer_bytes: int = 0
    _step: Callable[[], bool] | None = None

    @property
    def held(self) -> int:
        """How many bytes are buffered for incomplete requests."""
        return len(self._buffer) + len(self._kept)

    @property
    def inside_body(self) -> bool:
        """Whether a head was read whose body is incomplete."""
        return self._request is not None

    @property
    def under_way(self) -> Request | None:
        """The request whose head was read and whose body is incomplete."""
        return self._request

    def take_part(self) -> bytes:
        """What is there of its body and was not taken yet."""
        part = bytes(self._kept)
        self._kept.clear()
        return part

    @property
    def wants_continue(self) -> bool:
        """Whether the client waits for "100 Continue" before sending the body."""
        request = self._request
        return request is not None and not self.held and request.headers.get(b"expect", b"").lower() == b"100-continue"

    def feed(self, data: bytes) -> None:
        """Add bytes."""
        self._buffer += data

    def next_request(self) -> Request | None:
        """The next complete request, or ``None`` until there are more bytes.

        :raises BadRequestError: no further request can be read.
        """
        if self._step is None and not self._read_head():
            return None
        while self._step is not None:
            if not self._step():
                return None
        request, self._request = self._request, None
        return request

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n", self._searched)
        if end < 0 or end > HEAD_BYTES_MAX:
            if len(self._buffer) > HEAD_BYTES_MAX:
                raise BadRequestError(431)
            self._searched = max(0, len(self._buffer) - 3)
            return False
        head = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        self._searched = 0
        self._request = request = _head(head)
        if b"transfer-encoding" in request.headers:
            self._begin_chunks(request)
        elif length := request.headers.get(b"content-length"):
            self._missing = _length(length)
            self._step = self._read_sized if self._missing else None
        return True

    def _begin_chunks(self, request: Request) -> None:
        if request.headers[b"transfer-encoding"].lower() != b"chunked" or b"content-length" in request.headers:
            raise BadRequestError(400)
        self._trailer_bytes = 0
        self._step = self._read_chunk_size

    def _read_sized(self) -> bool:
        self._take_body()
        return self._missing == 0 and self._finish()

    def _read_chunk_size(self) -> bool:
        line = self._line(_SIZE_LINE_BYTES_MAX)
        if line is None:
            return False
        self._missing = _chunk_size(line)
        self._step = self._read_chunk if self._missing else self._read_trailers
        return True

    def _read_chunk(self) -> bool:
        self._take_body()
        if self._missing or len(self._buffer) < 2:
            return False
        if self._buffer[:2] != b"\r\n":
            raise BadRequestError(400)
        del self._buffer[:2]
        self._step = self._read_chunk_size
        return True

    def _read_trailers(self) -> bool:
        line = self._line(HEAD_BYTES_MAX)
        if line is None:
            return False
        self._trailer_bytes += len(line)
        if self._trailer_bytes > HEAD_BYTES_MAX:
            raise BadRequestError(431)
        if not line:
            return self._finish()
        assert self._request is not None
        name, _, value = line.partition(b":")
        self._request.trailers[name.lower()] = value.strip()
        return True

    def _line(self, limit: int) -> bytes | None:
        end = self._buffer.find(b"\r\n", self._searched)
        if end > limit or (end < 0 and len(self._buffer) > limit + 1):
            raise BadRequestError(400)
        if end < 0:
            self._searched = max(0, len(self._buffer) - 1)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        self._searched = 0
        return line

    def _take_body(self) -> None:
        taken = min(self._missing, len(self._buffer))
        room = self.body_bytes_max - len(self._kept)
        self._kept += memoryview(self._buffer)[: min(taken, room)]
        del self._buffer[:taken]
        self._missing -= taken
        assert self._request is not None
        self._request.size += taken

    def _finish(self) -> bool:
        assert self._request is not None
        self._request.body = bytes(self._kept)
        self._kept.clear()
        self._step = None
        return True


def _head(head: bytes) -> Request:
    first, *lines = head.split(b"\r\n")
    words = first.split(b" ")
    if len(words) != 3 or words[2] not in {b"HTTP/1.1", b"HTTP/1.0"}:
        raise BadRequestError(400)
    headers: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise BadRequestError(400)
        headers[name.lower()] = value.strip()
    wish = headers.get(b"connection", b"").lower()
    return Request(
        method=words[0],
        path=words[1],
        headers=headers,
        keep_alive=wish != b"close" if words[2] == b"HTTP/1.1" else wish == b"keep-alive",
    )


def _length(text: bytes) -> int:
    if not text.isdigit() or len(text) > _LENGTH_DIGITS_MAX:
        raise BadRequestError(400)
    return int(text)


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not digits or len(digits) > _LENGTH_DIGITS_MAX or not _HEXADECIMAL.issuperset(digits):
        raise BadRequestError(400)
    return int(digits, 16)
