"""What a runtime posted as an answer, as the listeners of its API get it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..function.error_types import normalised
from . import streaming

if TYPE_CHECKING:
    from .http_requests import Request

_ERROR_TYPE = b"lambda-runtime-function-error-type"


@dataclass(frozen=True, slots=True)
class RuntimeAnswer:
    """What a runtime posted to ``/response`` or ``/error``, as accepted; of a ``streamed`` one, its end."""

    request_id: str
    kind: str
    body: bytes
    size: int
    content_type: str = ""
    error_type: str = ""
    too_large: bool = False
    streamed: bool = False


def whole(request_id: str, kind: str, request: Request, bytes_max: int) -> RuntimeAnswer:
    """An answer that was posted in one piece: ``kind`` is response or error."""
    said = error_type(request)
    return RuntimeAnswer(
        request_id=request_id,
        kind=kind,
        body=request.body,
        size=request.size,
        content_type=streaming.content_type(request),
        error_type=normalised(said) if said and kind == "error" else "",
        too_large=request.size > bytes_max,
    )


def error_type(request: Request) -> str:
    """The error type in a header, as it came."""
    return request.headers.get(_ERROR_TYPE, b"").decode("utf-8", "replace")
