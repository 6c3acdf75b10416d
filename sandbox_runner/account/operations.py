"""Which operation a request is for, and with which parameters, as far as its bytes tell.

Nothing depends on it but what is shown: whoever answers reads the request anew.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.loaders import Loader

from sandbox_runner.account import aws_names
from sandbox_runner.aws_place import REGION
from sandbox_runner.limits import ACCOUNT_TEXT_CHARACTERS_MAX
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.account.base import AwsAnswer, AwsRequest

_SCOPE: Final = re.compile(
    r"Credential=[^/,]{1,128}/\d{8}/(?P<region>[^/,]{1,32})/(?P<service>[^/,]{1,64})/aws4_request"
)
_PLACE: Final = re.compile(r"\{(\w+)(\+?)\}")
_ERROR_TAG: Final = re.compile(r"<Code>([^<]{1,100})</Code>")
_STREAMS_TARGET: Final = "DynamoDBStreams_"
_ATTEMPT: Final = re.compile(r"attempt=(\d{1,3})")
_FAILED: Final = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for. ``service`` is botocore's name, empty if it is none of the account's."""

    service: str
    operation: str
    parameters: str


def asked_for(request: AwsRequest) -> Asked:
    """What the request is for."""
    service = _service(request)
    target = request.header("x-amz-target")
    path, _, query = request.target.partition("?")
    if target:
        return Asked(service, _name(target.rpartition(".")[2]), _text(request.body))
    fields = parse_qsl(query, keep_blank_values=True, max_num_fields=1_000) if query.count("&") < 1_000 else []
    form = _form(request)
    if action := dict(form or fields).get("Action"):
        shown = {key: value for key, value in form or fields if key not in {"Action", "Version"}}
        return Asked(service, _name(action), _text(json.dumps(shown, ensure_ascii=False).encode()))
    bucket = _bucket(request.header("host")) if service == "s3" else ""
    found = _rest(service, request, f"/{bucket}{path}" if bucket else path, dict(fields)) if service else None
    name, parameters = found or (_name(request.method), {})
    if request.body and (excerpt := _body(request)):
        parameters = {**parameters, "Body": excerpt}
    return Asked(service, name, _text(json.dumps(parameters, ensure_ascii=False).encode()))


def attempt_of(request: AwsRequest) -> int:
    """Which attempt at the same call it is, from 1, as SDKs say in a header of theirs."""
    found = _ATTEMPT.search(request.header("amz-sdk-request"))
    return max(1, int(found[1])) if found else 1


def error_of(answer: AwsAnswer) -> str:
    """The error's code; empty where there is none."""
    if answer.status < _FAILED:
        return ""
    given = next((value for key, value in answer.headers if key.lower() == "x-amzn-errortype"), "")
    if not given:
        text = answer.body[:4_096].decode("utf-8", "replace")
        if found := _ERROR_TAG.search(text):
            given = found[1]
        else:
            parsed = _json(answer.body)
            given = str(parsed.get("__type") or parsed.get("code") or "") if isinstance(parsed, dict) else ""
    return well_formed(given.partition(":")[0].rpartition("#")[2][:100]) or str(answer.status)


def shown(body: bytes) -> str:
    """A body as text, cut."""
    return _text(body)


def elsewhere(request: AwsRequest) -> str:
    """The region that a request is signed for; empty for the usual one, and without a signature."""
    scope = _scope(request)
    return well_formed(scope["region"]) if scope and scope["region"] != REGION else ""


def _scope(request: AwsRequest) -> re.Match[str] | None:
    """What a request is signed for: in a header, or in its address."""
    if scope := _SCOPE.search(request.header("authorization")):
        return scope
    query = dict(parse_qsl(urlsplit(request.target).query[:8_192], max_num_fields=None))
    return _SCOPE.search(f"Credential={query.get('X-Amz-Credential', '')}")


def _service(request: AwsRequest) -> str:
    scope = _scope(request)
    found = aws_names.of_signature(scope["service"]) if scope else aws_names.of_host(request.header("host"))
    if found == "dynamodb" and request.header("x-amz-target").startswith(_STREAMS_TARGET):
        return "dynamodbstreams"
    return "sesv2" if found == "ses" and request.target.startswith("/v2/") else found


def _form(request: AwsRequest) -> list[tuple[str, str]]:
    if not request.header("content-type").startswith("application/x-www-form-urlencoded"):
        return []
    return parse_qsl(request.body[:65_536].decode("utf-8", "replace"), keep_blank_values=True)


def _bucket(host: str) -> str:
    """The bucket that a host name begins with, as in ``BUCKET.s3.us-east-1.amazonaws.com``."""
    before, found, _ = (
        re.split(r"(\.s3[.-])", host.partition(":")[0], maxsplit=1)[:3] if ".s3" in host else ("", "", "")
    )
    return before if found else ""


@dataclass(frozen=True, slots=True)
class _Route:
    """How one operation is addressed: what query and headers have to have, and which parameters a query may have."""

    method: str
    name: str
    path: re.Pattern[str]
    fixed: frozenset[tuple[str, str]]
    needed: frozenset[str]
    headers: frozenset[str]
    asked: Mapping[str, str]

    def taken(self, request: AwsRequest, path: str, query: Mapping[str, str]) -> dict[str, str] | None:
        """The parameters, where a request is for it."""
        if request.method != self.method or not self.fixed <= frozenset(query.items()):
            return None
        if not self.needed <= query.keys() or not all(map(request.header, self.headers)):
            return None
        found = self.path.fullmatch(path)
        if found is None:
            return None
        places = {key: unquote(value) for key, value in found.groupdict().items()}
        return {**places, **{self.asked[key]: value for key, value in query.items() if key in self.asked}}


@cache
def _routes(service: str) -> tuple[_Route, ...]:
    """Those of a service, the most particular first."""
    model = Loader().load_service_model(service, "service-2")
    routes = (_route(name, operation, model["shapes"]) for name, operation in model["operations"].items())
    return tuple(
        sorted(routes, key=lambda each: (-len(each.fixed) - len(each.needed | each.headers), -len(each.path.pattern)))
    )


def _route(name: str, operation: Mapping[str, Any], shapes: Mapping[str, Any]) -> _Route:
    path, _, query = operation["http"]["requestUri"].partition("?")
    shape = shapes[operation["input"]["shape"]] if "input" in operation else {}
    members = shape.get("members", {}).items()
    asked = {each["locationName"]: key for key, each in members if each.get("location") == "querystring"}
    heads = {each["locationName"]: key for key, each in members if each.get("location") == "header"}
    required = shape.get("required", ())
    first, *parts = _PLACE.split(path.rstrip("/"))
    pattern = re.escape(first)
    for place, greedy, rest in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        pattern += f"(?P<{place}>{'.+' if greedy else '[^/]+'}){re.escape(rest)}"
    return _Route(
        method=operation["http"]["method"],
        name=name,
        path=re.compile(f"{pattern}/?"),
        fixed=frozenset(parse_qsl(query, keep_blank_values=True)),
        needed=frozenset(there for there, key in asked.items() if key in required),
        headers=frozenset(there.lower() for there, key in heads.items() if key in required),
        asked=asked,
    )


def _rest(service: str, request: AwsRequest, path: str, query: Mapping[str, str]) -> tuple[str, dict[str, str]] | None:
    for route in _routes(service):
        if (taken := route.taken(request, path, query)) is not None:
            return route.name, taken
    return None


def _body(request: AwsRequest) -> str:
    """The beginning of a body; of one in signed chunks, without their frames."""
    body = request.body[: 4 * ACCOUNT_TEXT_CHARACTERS_MAX]
    if "aws-chunked" in request.header("content-encoding") or request.header("x-amz-decoded-content-length"):
        head, _, rest = body.partition(b"\r\n")
        size = head.partition(b";")[0]
        body = rest[: int(size, 16)] if re.fullmatch(rb"[0-9a-fA-F]{1,8}", size) else rest
    return _text(body)


def _text(data: bytes) -> str:
    return well_formed(data[: 4 * ACCOUNT_TEXT_CHARACTERS_MAX].decode("utf-8", "replace"))[:ACCOUNT_TEXT_CHARACTERS_MAX]


def _name(text: str) -> str:
    return well_formed(text[:100])


def _json(body: bytes) -> Any:
    try:
        return json.loads(body[:65_536])
    except (ValueError, RecursionError):
        return None
