"""The metadata endpoint: where an environment runs, for whoever shows the token of its variables. Pure.

The token is the same in every environment, as the credentials are: it guards nothing here, and a difference between
two environments would look like something that a function holds over.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-metadata-endpoint.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import http_replies as replies

if TYPE_CHECKING:
    from .http_requests import Request

PATH: Final = b"/2026-01-15/metadata/execution-environment"
TOKEN: Final = "holdover-emulated-metadata-token-EXAMPLE"
# A zone of the region that identity.py names.
_FOUND: Final = replies.metadata({"AvailabilityZoneID": "use1-az1"})


def variables(api: str) -> dict[str, str]:
    """What tells a function where the endpoint is, ``host:port``, and how to ask."""
    return {"AWS_LAMBDA_METADATA_API": api, "AWS_LAMBDA_METADATA_TOKEN": TOKEN}


def answer(request: Request) -> bytes:
    """The reply to a request for :data:`PATH`."""
    if request.method != b"GET":
        return replies.NOT_ALLOWED
    allowed = request.headers.get(b"authorization", b"") == f"Bearer {TOKEN}".encode()
    return _FOUND if allowed else replies.UNAUTHORIZED
