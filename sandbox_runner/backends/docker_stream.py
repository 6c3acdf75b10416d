"""Splits Docker's attached stream: a container's stdout and stderr share one connection. Pure.

Each piece has a header of 8 bytes: the stream (1 stdout, 2 stderr), three zero bytes, a 4-byte big-endian length.
https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

STDOUT: Final = 1
STDERR: Final = 2

_HEADER: Final = struct.Struct(">BxxxI")


@dataclass(slots=True)
class Demultiplexer:
    """Splits a connection's bytes into pieces. Buffers at most a partial header; pieces are passed on at once."""

    _header: bytearray = field(default_factory=bytearray)
    _stream: int = 0
    _left: int = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Take more bytes; yield ``(stream, bytes)`` in order."""
        at = 0
        while at < len(data):
            if self._left == 0:
                at = self._take_header(data, at)
                continue
            piece = data[at : at + self._left]
            at += len(piece)
            self._left -= len(piece)
            yield self._stream, piece

    def _take_header(self, data: bytes, at: int) -> int:
        part = data[at : at + _HEADER.size - len(self._header)]
        self._header += part
        if len(self._header) == _HEADER.size:
            self._stream, self._left = _HEADER.unpack(self._header)
            self._header.clear()
        return at + len(part)
