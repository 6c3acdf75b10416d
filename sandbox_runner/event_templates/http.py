"""HTTP requests: API Gateway's REST and HTTP APIs, function URLs and Application Load Balancers. Pure.

The parts are the request's own; where a payload has one of them several times, all of them say the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pydantic import Field, JsonValue, field_validator, model_validator
from pydantic_core import PydanticCustomError

from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.event_templates.payload_v2 import AskedByHttp, Value, clf, joined, payload_v2
from sandbox_runner.event_templates.template import Parts, Template, arn, base64_of, text_of, without_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.event_templates.caller import Caller

_USER_AGENT: Final = "example-client/1.0"
_API: Final = "a1b2c3d4e5"
_CLIENT: Final = "1example23456789"
_ISSUER: Final = f"https://cognito-idp.{REGION}.amazonaws.com/{REGION}_EXAMPLE"
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})


class HttpParts(Parts):
    """A request as a client makes it. ``body`` of anything but text is sent as JSON; null is no body.

    Where it is left out, a POST, PUT or PATCH has the caller's own.
    """

    method: str | None = Field(default=None, pattern=r"^[A-Za-z]{1,20}$")
    path: str | None = Field(default=None, pattern=r"^/", max_length=2_000)
    query: dict[str, Value] | None = None
    headers: dict[str, Value] = Field(default_factory=dict)
    cookies: dict[str, str] = Field(default_factory=dict)
    body: JsonValue = None
    base64: bool = False
    source_ip: str | None = None

    @field_validator("method")
    @classmethod
    def _upper(cls, method: str | None) -> str | None:
        return method and method.upper()

    @property
    def is_bare(self) -> bool:
        """Whether nothing is said of what is asked for."""
        return not self.model_fields_set & {"method", "path", "query", "body"}

    @property
    def has_own_body(self) -> bool:
        """Whether the body is the caller's: none is said, and a request like that has one."""
        return self.is_bare or (self.method in _WITH_BODY and "body" not in self.model_fields_set)


class ApiParts(HttpParts):
    """The same through API Gateway: what matched ``route``, such as ``/users/{id}``, becomes path parameters.

    ``claims`` are those of the caller's token; null is no authorizer.
    """

    route: str | None = Field(default=None, pattern=r"^/", max_length=2_000)
    claims: dict[str, JsonValue] | None = Field(default_factory=dict)
    stage: str | None = None
    stage_variables: dict[str, str] | None = None

    @model_validator(mode="after")
    def _fits(self) -> ApiParts:
        if self.route is not None and self.path is not None and parameters(self.route, self.path) is None:
            shown = {"route": self.route[:200], "path": self.path[:200]}
            raise PydanticCustomError("event-route", "event-route", shown)
        return self


class _Request:
    """One request, with what the parts leave open filled in: a caller who posts an order."""

    def __init__(self, parts: HttpParts, caller: Caller) -> None:
        self.caller = caller
        body = caller.body if parts.has_own_body else parts.body
        self.path = parts.path or (f"/orders/{caller.order}" if parts.is_bare else "/")
        given = {"user": caller.user} if parts.is_bare else {}
        self.query: Mapping[str, Value] = given if parts.query is None else parts.query
        self.method = parts.method or ("GET" if body is None else "POST")
        self.source_ip = parts.source_ip or caller.source_ip
        self.cookies = [f"{name}={value}" for name, value in parts.cookies.items()]
        text = None if body is None else text_of(body)
        self.is_base64 = parts.base64 and text is not None
        self.body = base64_of(text) if text is not None and self.is_base64 else text
        self._is_json = body is not None and not isinstance(body, str)
        self._length = None if text is None else str(len(text.encode()))
        self._more = parts.headers

    def headers(self, host: str, protocol: str = "https", port: str = "443") -> dict[str, Value]:
        """Every header by its name in lower case."""
        trace = f"Root=1-{int(self.caller.at.timestamp()):x}-{self.caller.hexadecimal('trace', 24)}"
        usual = {
            "accept": "*/*",
            "content-length": self._length,
            "content-type": "application/json" if self._is_json else None,
            "host": host,
            "user-agent": _USER_AGENT,
            "x-amzn-trace-id": trace,
            "x-forwarded-for": self.source_ip,
            "x-forwarded-port": port,
            "x-forwarded-proto": protocol,
        }
        return without_nothing(usual) | {name.lower(): value for name, value in self._more.items()}

    @property
    def user_agent(self) -> str:
        """The client's name, which a header of the scenario's may say."""
        return joined(self.headers("")["user-agent"])

    @property
    def query_text(self) -> str:
        """The query as it stands in the address."""
        pairs = ((name, value) for name, values in self.query.items() for value in _list(values))
        return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)

    def claims(self, more: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """What the caller's token says: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html."""
        return {
            "sub": self.caller.subject,
            "cognito:username": self.caller.user,
            "email": self.caller.email,
            "iss": _ISSUER,
            "aud": _CLIENT,
            "token_use": "id",
            **more,
        }


def parameters(route: str, path: str) -> dict[str, str] | None:
    """What stands in ``path`` in the places that ``route`` names; ``None`` where it does not fit."""
    names = re.findall(r"\{([\w.-]+)\+?\}", route)
    pieces = re.split(r"(\{[\w.-]+\+?\})", route)
    pattern = "".join(
        ("(.+)" if piece.endswith("+}") else "([^/]+)") if piece.startswith("{") else re.escape(piece)
        for piece in pieces
    )
    found = re.fullmatch(pattern, path)
    return dict(zip(names, found.groups(), strict=True)) if found else None


def _routed(parts: ApiParts, request: _Request, anything: str) -> tuple[str, dict[str, str] | None]:
    """The route, and what it takes out of the path."""
    route = parts.route or ("/orders/{id}" if parts.is_bare else anything)
    if route == "/{proxy+}" and request.path == "/":
        route = "/"
    return route, parameters(route, request.path) or None


def _rest(parts: ApiParts, caller: Caller) -> dict[str, Any]:
    request = _Request(parts, caller)
    stage = parts.stage or "prod"
    route, taken = _routed(parts, request, "/{proxy+}")
    host = f"{_API}.execute-api.{REGION}.amazonaws.com"
    headers = {_capitalised(name): value for name, value in request.headers(host).items() if name != "content-length"}
    if request.cookies:
        headers["Cookie"] = "; ".join(request.cookies)
    return {
        "resource": route,
        "path": request.path,
        "httpMethod": request.method,
        "headers": {name: _list(value)[-1] for name, value in headers.items()},
        "multiValueHeaders": {name: _list(value) for name, value in headers.items()},
        "queryStringParameters": {name: _list(value)[-1] for name, value in request.query.items()} or None,
        "multiValueQueryStringParameters": {name: _list(value) for name, value in request.query.items()} or None,
        "pathParameters": taken,
        "stageVariables": parts.stage_variables,
        "requestContext": _rest_context(parts, request, route, stage, host),
        "body": request.body,
        "isBase64Encoded": request.is_base64,
    }


def _rest_context(parts: ApiParts, request: _Request, route: str, stage: str, host: str) -> dict[str, Any]:
    caller = request.caller
    nobody = ("accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType")
    nothing = (*nobody, "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn")
    identity = {**dict.fromkeys(nothing), "sourceIp": request.source_ip, "userAgent": request.user_agent}
    return without_nothing(
        {
            "accountId": ACCOUNT,
            "apiId": _API,
            "authorizer": None if parts.claims is None else {"claims": request.claims(parts.claims)},
            "domainName": host,
            "domainPrefix": _API,
            "extendedRequestId": f"{caller.hexadecimal('extended', 15)}=",
            "httpMethod": request.method,
            "identity": identity,
            "path": f"/{stage}{request.path}",
            "protocol": "HTTP/1.1",
            "requestId": caller.uuid("request"),
            "requestTime": clf(caller.at),
            "requestTimeEpoch": caller.at_ms,
            "resourceId": "abc123",
            "resourcePath": route,
            "stage": stage,
        }
    )


def _http_api(parts: ApiParts, caller: Caller) -> dict[str, Any]:
    request = _Request(parts, caller)
    route, taken = _routed(parts, request, "$default")
    key = route if route == "$default" else f"{request.method} {route}"
    claims = None if parts.claims is None else request.claims(parts.claims)
    authorizer = claims and {"jwt": {"claims": {name: _claim(value) for name, value in claims.items()}, "scopes": None}}
    host = f"{_API}.execute-api.{REGION}.amazonaws.com"
    more = {"authorizer": authorizer, "pathParameters": taken, "stageVariables": parts.stage_variables}
    return _version_2(request, host, key, parts.stage or "$default", **more)


def _function_url(parts: HttpParts, caller: Caller) -> dict[str, Any]:
    host = f"examplefunctionurl.lambda-url.{REGION}.on.aws"
    return _version_2(_Request(parts, caller), host, "$default", "$default")


def _version_2(
    request: _Request, host: str, route_key: str, stage: str, *, authorizer: Any = None, **more: Any
) -> dict[str, Any]:
    caller = request.caller
    asked = AskedByHttp(
        method=request.method,
        path=request.path,
        query_text=request.query_text,
        query=request.query,
        headers=request.headers(host),
        cookies=request.cookies,
        body=request.body,
        is_base64=request.is_base64,
        source_ip=request.source_ip,
        request_id=caller.uuid("request") if "lambda-url" in host else f"{caller.hexadecimal('request', 15)}=",
        at=caller.at,
    )
    return payload_v2(asked, host, route_key, stage, authorizer=authorizer, **more)


def _alb(parts: HttpParts, caller: Caller) -> dict[str, Any]:
    request = _Request(parts, caller)
    headers = request.headers(f"example-1234567890.{REGION}.elb.amazonaws.com", "http", "80")
    if request.cookies:
        headers["cookie"] = "; ".join(request.cookies)
    group = arn("elasticloadbalancing", "targetgroup/example/0123456789abcdef")
    return {
        "requestContext": {"elb": {"targetGroupArn": group}},
        "httpMethod": request.method,
        "path": request.path,
        # A load balancer passes the query on as it came: encoded.
        "queryStringParameters": {name: quote(_list(value)[-1], safe="") for name, value in request.query.items()},
        "headers": {name: _list(value)[-1] for name, value in headers.items()},
        "body": request.body or "",
        "isBase64Encoded": request.is_base64,
    }


def _list(value: Value) -> list[str]:
    return [value] if isinstance(value, str) else value or [""]


def _claim(value: JsonValue) -> str:
    """An HTTP API has every claim as text, a list in brackets."""
    return f"[{' '.join(map(text_of, value))}]" if isinstance(value, list) else text_of(value)


def _capitalised(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


_GATEWAY: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
TEMPLATES: Final = (
    Template("apigateway-v1", f"{_GATEWAY}/set-up-lambda-proxy-integrations.html", ApiParts, _rest),
    Template("apigateway-v2", f"{_GATEWAY}/http-api-develop-integrations-lambda.html", ApiParts, _http_api),
    Template(
        "function-url",
        "https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html",
        HttpParts,
        _function_url,
    ),
    Template("alb", "https://docs.aws.amazon.com/lambda/latest/dg/services-alb.html", HttpParts, _alb),
)
