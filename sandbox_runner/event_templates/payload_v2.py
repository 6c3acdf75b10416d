"""The payload format 2.0 of HTTP APIs and function URLs, out of a request's parts. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox_runner.aws_place import ACCOUNT
from sandbox_runner.event_templates.template import without_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

Value = str | list[str]


@dataclass(frozen=True, slots=True)
class AskedByHttp:
    """A request as the payload has it: names of headers in lower case, ``body`` in Base64 where it is so marked.

    ``path`` and ``query_text`` stand as they do in the address; ``query`` is decoded.
    """

    method: str
    path: str
    query_text: str
    query: Mapping[str, Value]
    headers: Mapping[str, Value]
    cookies: Sequence[str]
    body: str | None
    is_base64: bool
    source_ip: str
    request_id: str
    at: datetime
    protocol: str = "HTTP/1.1"


def payload_v2(
    request: AskedByHttp, host: str, route_key: str, stage: str, *, authorizer: Any = None, **more: Any
) -> dict[str, Any]:
    """The payload of ``request`` to ``host``; what is None is left out."""
    prefix = host.partition(".")[0]
    agent = request.headers.get("user-agent")
    context = {
        "accountId": ACCOUNT,
        "apiId": prefix,
        "authorizer": authorizer,
        "domainName": host,
        "domainPrefix": prefix,
        "http": without_nothing(
            {
                "method": request.method,
                "path": request.path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": None if agent is None else joined(agent),
            }
        ),
        "requestId": request.request_id,
        "routeKey": route_key,
        "stage": stage,
        "time": clf(request.at),
        "timeEpoch": int(request.at.timestamp() * 1000),
    }
    return without_nothing(
        {
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": request.path,
            "rawQueryString": request.query_text,
            "cookies": list(request.cookies) or None,
            "headers": {name: joined(value) for name, value in request.headers.items()},
            "queryStringParameters": {name: joined(value) for name, value in request.query.items()} or None,
            "requestContext": without_nothing(context),
            "body": request.body,
            "isBase64Encoded": request.is_base64,
            **more,
        }
    )


def joined(value: Value) -> str:
    """Several values of one name, as format 2.0 has them."""
    return value if isinstance(value, str) else ",".join(value)


def clf(at: datetime) -> str:
    """A time as access logs write it."""
    return f"{at:%d/%b/%Y:%H:%M:%S} +0000"
