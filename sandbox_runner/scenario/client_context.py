"""What a client says of itself beside the payload: as a header of Lambda's API, and as the runtime gets it. Pure.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, ``X-Amz-Client-Context``.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from sandbox_runner import limits

if TYPE_CHECKING:
    from collections.abc import Mapping


def text(context: Mapping[str, Any] | None) -> str:
    """The header that a runtime gets; empty without a context."""
    return "" if context is None else json.dumps(context, separators=(",", ":"))


def of_header(written: str) -> dict[str, Any] | None:
    """What the header of a request says; ``None`` for one that Lambda refuses."""
    if len(written) > limits.CLIENT_CONTEXT_BYTES_MAX:
        return None
    try:
        said = json.loads(base64.b64decode(written, validate=True))
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def check(context: Mapping[str, Any], kind: str) -> None:
    """Check that a request of that type can have it.

    :raises PydanticCustomError: it cannot.
    """
    if kind == "event":
        raise PydanticCustomError("client-context-asynchronous", "client-context-asynchronous")
    written = json.dumps(context, ensure_ascii=False, separators=(",", ":"))
    size = len(base64.b64encode(written.encode()))
    if size > limits.CLIENT_CONTEXT_BYTES_MAX:
        given = {"bytes": size, "most": limits.CLIENT_CONTEXT_BYTES_MAX}
        raise PydanticCustomError("client-context-too-large", "client-context-too-large", given)
