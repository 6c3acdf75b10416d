"""A function's URL: a payload out of an HTTP request, and an HTTP answer out of what the function answered. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from sandbox_runner.aws_place import REGION
from sandbox_runner.event_templates.payload_v2 import AskedByHttp, payload_v2
from sandbox_runner.live.http import HttpAnswer
from sandbox_runner.service import admission
from sandbox_runner.service.admission import Throttle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox_runner.environment.answers import Answer
    from sandbox_runner.live.http import HttpRequest

# Carried as text; anything else is in Base64. No list of the service's own is published: these are what clients send
# as text, and what is not UTF-8 is Base64 whatever its type.
_TEXT: Final = re.compile(r"(?:text/.*|application/(?:.*\+)?(?:json|xml|javascript)|application/x-www-form-urlencoded)")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
# Those below are no answers: a client would wait for one.
_STATUSES: Final = range(200, 600)
# The connection's own. What `Connection` names belongs to it, too, so a request to upgrade is one like any other; as
# https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html says of Lambda's other endpoints.
_OF_THE_CONNECTION: Final = frozenset(
    {"connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
# What the service renames, as https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
# says of its twin.
_REMAPPED: Final = frozenset({"date", "server", "www-authenticate", "x-amzn-requestid"})


@dataclass(frozen=True, slots=True)
class Told:
    """What the service adds to a request: its id, its trace, when it came, and the host that the URL is at."""

    request_id: str
    trace: str
    at: datetime
    host: str


def host_of(unique_hex: str) -> str:
    """The host of a function's URL; ``unique_hex`` tells it from others."""
    return f"{unique_hex[:32]}.lambda-url.{REGION}.on.aws"


def payload_of(request: HttpRequest, told: Told) -> dict[str, Any]:
    """The payload of a request to the URL."""
    body, is_base64 = _body(request)
    asked = AskedByHttp(
        method=request.method,
        path=request.path,
        query_text=request.query,
        query=_gathered(parse_qsl(request.query, keep_blank_values=True)),
        headers=_headers(request, told),
        cookies=_cookies(request),
        body=body,
        is_base64=is_base64,
        source_ip=request.source_ip,
        request_id=told.request_id,
        at=told.at,
        protocol=request.protocol,
    )
    return payload_v2(asked, told.host, "$default", "$default")


def _body(request: HttpRequest) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    kind = request.header("content-type").partition(";")[0].strip().lower()
    try:
        if not kind or _TEXT.fullmatch(kind):
            return request.body.decode(), False
    except UnicodeDecodeError:
        pass
    return base64.b64encode(request.body).decode(), True


def _headers(request: HttpRequest, told: Told) -> Mapping[str, str | list[str]]:
    named = (each for name, value in request.headers if name == "connection" for each in value.split(","))
    kept_back = _NOT_PASSED | {each.strip().lower() for each in named}
    passed = ((name, value) for name, value in request.headers if name not in kept_back)
    return {
        **_gathered(passed),
        "host": told.host,
        "x-amzn-trace-id": told.trace.partition(";")[0],
        "x-forwarded-for": request.source_ip,
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }


_NOT_PASSED: Final = (_OF_THE_CONNECTION - {"content-length"}) | {"cookie", "host", "forwarded", "x-real-ip"}


def _cookies(request: HttpRequest) -> list[str]:
    sent = (each.strip() for name, value in request.headers if name == "cookie" for each in value.split(";"))
    return [each for each in sent if each]


def _gathered(pairs: Any) -> dict[str, str | list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


# --- the answer ---------------------------------------------------------------------------------------------------


def answer_of(came: Answer | Throttle) -> HttpAnswer:
    """What the client gets.

    Where the function failed or its answer is malformed, the service says no more than status 502: for failures see
    https://github.com/awsdocs/aws-lambda-developer-guide/issues/430, for a timeout
    https://github.com/awslabs/route53-dynamic-dns-with-lambda/issues/56. Throttled is 429.
    """
    if isinstance(came, Throttle):
        return _json(admission.STATUS_CODE, came.body.encode())
    if came.function_error:
        return bad_gateway()
    try:
        answered = json.loads(came.body)
    except (ValueError, RecursionError):
        return bad_gateway()
    if not isinstance(answered, dict) or "statusCode" not in answered:
        return _json(200, came.body)
    return _formed(answered) or bad_gateway()


def head_of(prelude: bytes) -> HttpAnswer | None:
    """Status, headers and cookies that a function says before it streams a body; None where that is malformed.

    https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
    """
    try:
        said = json.loads(prelude)
    except (ValueError, RecursionError):
        return None
    return _formed({"statusCode": 200, **said, "body": None}) if isinstance(said, dict) else None


def bad_gateway() -> HttpAnswer:
    """What the client gets where the function did not answer properly."""
    return _json(502, b"Internal Server Error")


def too_large(size: int, most: int) -> HttpAnswer:
    """What the client gets for a payload over the limit."""
    said = f"{size} byte payload is too large for the RequestResponse invocation type (limit {most} bytes)"
    return _json(413, json.dumps({"Message": said}).encode())


def _json(status: int, body: bytes) -> HttpAnswer:
    return HttpAnswer(status, (("content-type", "application/json"),), body)


def _formed(answered: Mapping[str, Any]) -> HttpAnswer | None:
    """The answer that the function formed; None where it is malformed."""
    status, body = _status(answered["statusCode"]), _answered_body(answered)
    headers = {} if answered.get("headers") is None else answered["headers"]
    cookies = [] if answered.get("cookies") is None else answered["cookies"]
    if status is None or body is None or not isinstance(headers, dict) or not isinstance(cookies, list):
        return None
    pairs = [*_answered_headers(headers), *(("set-cookie", each) for each in cookies if isinstance(each, str))]
    if any(not _NAME.fullmatch(name) or not _is_field(value) for name, value in pairs):
        return None
    if not any(name == "content-type" for name, _ in pairs):
        pairs.append(("content-type", "application/json"))
    return HttpAnswer(status, tuple(pairs), body)


def _status(written: Any) -> int | None:
    if isinstance(written, str) and written.isascii() and written.isdecimal() and len(written) == len("200"):
        written = int(written)
    is_number = isinstance(written, int) and not isinstance(written, bool)
    return written if is_number and written in _STATUSES else None


def _answered_body(answered: Mapping[str, Any]) -> bytes | None:
    body = answered.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if answered.get("isBase64Encoded") is not True:
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return None


def _answered_headers(headers: Mapping[str, Any]) -> list[tuple[str, str]]:
    named = [(name.lower(), _field(value)) for name, value in headers.items() if value is not None]
    return [
        (f"x-amzn-remapped-{name}" if name in _REMAPPED else name, value)
        for name, value in named
        if name not in _OF_THE_CONNECTION
    ]


def _field(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _is_field(value: str) -> bool:
    return all(character == "\t" or " " <= character <= "~" or "\x80" <= character <= "\xff" for character in value)
