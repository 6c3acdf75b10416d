"""Messages of AWS's event streams, in which InvokeWithResponseStream answers. Pure.

https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"
_LENGTHS: Final = struct.Struct(">II")
_CHECKSUM: Final = struct.Struct(">I")
_STRING: Final = 7


def event(kind: str, content_type: str, payload: bytes) -> bytes:
    """One event as bytes."""
    told = {":event-type": kind, ":content-type": content_type, ":message-type": "event"}
    headers = b"".join(_header(name.encode(), value.encode()) for name, value in told.items())
    overhead = _LENGTHS.size + 2 * _CHECKSUM.size
    lengths = _LENGTHS.pack(overhead + len(headers) + len(payload), len(headers))
    message = lengths + _checksum(lengths) + headers + payload
    return message + _checksum(message)


def _header(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + bytes([_STRING]) + struct.pack(">H", len(value)) + value


def _checksum(data: bytes) -> bytes:
    return _CHECKSUM.pack(zlib.crc32(data))
