"""The metadata endpoint: an environment's location, for callers with the token from its variables. Pure.

The token is the same in every environment, like the credentials: it protects nothing here, and a difference between
environments would look like held-over state.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-metadata-endpoint.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import http_replies as replies

if TYPE_CHECKING:
    from .http_requests import Request

PATH: Final = b"/2026-01-15/metadata/execution-environment"
TOKEN: Final = "holdover-emulated-metadata-token-EXAMPLE"
# A zone of the region in identity.py.
_FOUND: Final = replies.metadata({"AvailabilityZoneID": "use1-az1"})


def variables(api: str) -> dict[str, str]:
    """The variables that tell a function the endpoint's ``host:port`` and token."""
    return {"AWS_LAMBDA_METADATA_API": api, "AWS_LAMBDA_METADATA_TOKEN": TOKEN}


def answer(request: Request) -> bytes:
    """The response to a request for :data:`PATH`."""
    if request.method != b"GET":
        return replies.NOT_ALLOWED
    allowed = request.headers.get(b"authorization", b"") == f"Bearer {TOKEN}".encode()
    return _FOUND if allowed else replies.UNAUTHORIZED
