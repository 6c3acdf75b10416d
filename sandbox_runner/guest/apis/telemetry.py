"""The Telemetry API (2022-07-01) and the older Logs API (2020-08-15): who wants which records, and where to.

An extension subscribes once, by one of the two, until the init that it is part of has ended. Records go nowhere but to
a port of this sandbox.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html,
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html and aws/aws-lambda-runtime-interface-emulator,
internal/lambda/rapi/handler/runtimelogs.go and
internal/lambda-managed-instances/aws-lambda-rie/internal/telemetry/.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from . import http_replies as replies

if TYPE_CHECKING:
    from .extensions import Extension, ExtensionsApi
    from .http_requests import Request

PATHS: Final = MappingProxyType({b"/2022-07-01/telemetry": "telemetry", b"/2020-08-15/logs": "logs"})
RESERVED_PORT: Final = 9001

_SCHEMAS: Final = MappingProxyType(
    {"telemetry": ("2022-07-01", "2022-12-13", "2025-01-29"), "logs": ("2020-08-15", "2021-03-18")}
)
_TITLES: Final = MappingProxyType({"telemetry": "Telemetry", "logs": "Logs"})
_TYPES: Final = ("platform", "function", "extension")
# Default, least and most of each, from the pages above. The two pages have different defaults of maxItems; this is that
# of AWS's emulator.
_BUFFERING: Final = MappingProxyType(
    {"maxItems": (10_000, 1_000, 10_000), "maxBytes": (262_144, 262_144, 1_048_576), "timeoutMs": (1_000, 25, 30_000)}
)
_URI: Final = re.compile(r"http://(?P<host>[^/:?#]*)(?::(?P<port>\d{0,5}))?(?P<path>/[!-~]*)?", re.ASCII)
_HOSTS: Final = ("sandbox.localdomain", "sandbox")
_PORT_MAX: Final = 65_535


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one extension wants: records of ``types`` by ``schema``, and where and in what portions it takes them.

    ``method`` is that of the HTTP requests, empty for TCP.
    """

    extension: str
    api: str
    schema: str
    types: tuple[str, ...]
    port: int
    method: str
    path: str
    items_max: int
    bytes_max: int
    timeout_ms: int


class Subscribers(Protocol):
    """Takes the subscriptions."""

    def subscribe(self, subscription: Subscription) -> str:
        """Begin with it; returns why that cannot be, empty if it can."""

    def forget(self) -> None:
        """End all of them."""


class TelemetryApi:
    """Answers both; :meth:`renew` prepares for new processes.

    :param extensions: knows who asks.
    """

    def __init__(self, extensions: ExtensionsApi, subscribers: Subscribers) -> None:
        self._extensions, self._subscribers = extensions, subscribers
        self._apis: dict[str, str] = {}
        self._open = True

    def renew(self) -> None:
        """Forget every subscription."""
        self._apis.clear()
        self._open = True
        self._subscribers.forget()

    def close(self) -> None:
        """From here on nobody subscribes any more."""
        self._open = False

    def answer(self, request: Request) -> bytes:
        """The response to a request for one of :data:`PATHS`."""
        if request.method != b"PUT":
            return replies.NOT_ALLOWED
        api = PATHS[request.path.rstrip(b"/")]
        extension = self._extensions.identified(request, "Unknown extension {}")
        if isinstance(extension, bytes):
            return extension
        if not self._open:
            said = f"{_TITLES[api]} API subscription is closed already"
            return replies.refused(f"{_TITLES[api]}.SubscriptionClosed", said)
        return self._subscribed(extension, api, request.body)

    def _subscribed(self, extension: Extension, api: str, body: bytes) -> bytes:
        before = self._apis.get(extension.name, api)
        if before != api:
            return _invalid(api, f"the extension has subscribed by the {_TITLES[before]} API already")
        problems, subscription = _read(extension.name, api, body)
        if subscription is None:
            return _invalid(api, "; ".join(problems))
        if extension.name in self._apis:
            return replies.SUBSCRIBED_BEFORE
        if problem := self._subscribers.subscribe(subscription):
            return _invalid(api, f"Invalid destination: {problem}")
        self._apis[extension.name] = api
        return replies.SUBSCRIBED


def _invalid(api: str, said: str) -> bytes:
    return replies.invalid("ValidationError" if api == "telemetry" else "Logs.ValidationError", said)


def _read(extension: str, api: str, body: bytes) -> tuple[list[str], Subscription | None]:
    """What is wrong with a request, or the subscription that it asks for."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return ["the request is not JSON"], None
    if not isinstance(asked, dict):
        return ["the request is not a JSON object"], None
    problems: list[str] = []
    schema = asked.get("schemaVersion", _SCHEMAS[api][0] if api == "logs" else None)
    if schema not in _SCHEMAS[api]:
        problems.append(f"schemaVersion should be one of {', '.join(_SCHEMAS[api])}")
    types = _types(asked.get("types"), problems)
    method, port, path = _destination(asked.get("destination"), problems)
    buffering = _buffering(asked.get("buffering"), problems)
    if problems:
        return problems, None
    return [], Subscription(extension, api, str(schema), types, port, method, path, *buffering)


def _types(asked: Any, problems: list[str]) -> tuple[str, ...]:
    if not asked:
        problems.append("types should not be empty")
    elif not isinstance(asked, list) or any(each not in _TYPES for each in asked):
        problems.append(f"types should be a list of {', '.join(_TYPES)}")
    else:
        return tuple(each for each in _TYPES if each in asked)
    return ()


def _destination(asked: Any, problems: list[str]) -> tuple[str, int, str]:
    """Method, port and path; the first is empty for TCP."""
    if not isinstance(asked, dict):
        problems.append("destination is not provided")
    elif asked.get("protocol") == "TCP":
        return "", _port(asked.get("port"), "port", problems), ""
    elif asked.get("protocol") != "HTTP":
        problems.append("protocol should be HTTP or TCP")
    else:
        method = asked.get("method", "POST")
        if method not in ("POST", "PUT"):
            problems.append("method should be POST or PUT")
        return method, *_uri(asked.get("URI"), problems)
    return "", 0, ""


def _uri(asked: Any, problems: list[str]) -> tuple[int, str]:
    found = _URI.fullmatch(asked) if isinstance(asked, str) else None
    if found is None:
        problems.append(f"URI should be http://{_HOSTS[0]}:PORT/PATH")
        return 0, ""
    if found["host"] not in _HOSTS:
        problems.append(f"URI host must be {_HOSTS[0]}")
    if not found["port"]:
        problems.append("URI port is not provided")
        return 0, ""
    return _port(int(found["port"]), "URI port", problems), found["path"] or "/"


def _port(asked: Any, what: str, problems: list[str]) -> int:
    if type(asked) is not int or not 0 < asked <= _PORT_MAX:
        problems.append(f"{what} should be a number from 1 to {_PORT_MAX}")
    elif asked == RESERVED_PORT:
        problems.append(f"{what} {RESERVED_PORT} is reserved")
    else:
        return asked
    return 0


def _buffering(asked: Any, problems: list[str]) -> list[int]:
    if asked is not None and not isinstance(asked, dict):
        problems.append("buffering should be an object")
        asked = None
    found = []
    for name, (usual, least, most) in _BUFFERING.items():
        value = (asked or {}).get(name, usual)
        if type(value) is not int or not least <= value <= most:
            problems.append(f"{name} should be a number from {least} to {most}")
            value = usual
        found.append(value)
    return found
