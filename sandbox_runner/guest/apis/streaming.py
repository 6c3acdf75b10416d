"""An answer that the runtime streams: which bytes of it are passed on, and how it ended. Pure.

The runtime posts it with a header that says so and in chunks; what went wrong after the first byte follows in trailers.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html and
aws/aws-lambda-runtime-interface-emulator, internal/lambda/core/directinvoke/directinvoke.go.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from ..function.error_types import normalised

if TYPE_CHECKING:
    from .http_requests import Request

_MODE: Final = b"lambda-runtime-function-response-mode"
_STREAMING: Final = b"streaming"
_ERROR_TYPE: Final = b"lambda-runtime-function-error-type"
_ERROR_BODY: Final = b"lambda-runtime-function-error-body"
# After this many parts, they are passed on in pieces of a size: a message for each byte would cost the host more than
# it is worth.
_PARTS_MAX: Final = 2_000
_PIECE_BYTES: Final = 16 * 1024


def is_streamed(request: Request) -> bool:
    """Whether an answer is sent as one that is passed on while it comes."""
    return request.headers.get(_MODE) == _STREAMING


def has_unknown_mode(request: Request) -> bool:
    """Whether it is sent in a mode that does not exist."""
    return request.headers.get(_MODE, b"") not in {b"", _STREAMING}


def content_type(request: Request) -> str:
    """Its content type, within bounds."""
    return request.headers.get(b"content-type", b"")[:256].decode("utf-8", "replace")


def failure(request: Request) -> tuple[str, bytes] | None:
    """The type of the error in its trailers, and what is said of it; None if it has come to its end."""
    header = request.trailers.get(_ERROR_TYPE)
    if header is None:
        return None
    try:
        said = base64.b64decode(request.trailers.get(_ERROR_BODY, b""))
    except binascii.Error:
        said = b""
    return normalised(header.decode("utf-8", "replace")), said


class StreamedAnswer:
    """The answer that ``request`` carries, of which ``bytes_max`` are passed on at most."""

    def __init__(self, request: Request, bytes_max: int) -> None:
        self.request = request
        self.bytes_max = bytes_max
        self._left = bytes_max
        self._parts = 0
        self._waiting = bytearray()

    def part(self, data: bytes) -> bytes:
        """What is passed on now that ``data`` came."""
        kept = data[: self._left]
        self._left -= len(kept)
        self._waiting += kept
        if self._parts >= _PARTS_MAX and len(self._waiting) < _PIECE_BYTES:
            return b""
        return self._taken()

    def rest(self, data: bytes) -> bytes:
        """What is passed on at its end, of which ``data`` is the last."""
        return self.part(data) or self._taken()

    def _taken(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        self._parts += 1
        return taken
