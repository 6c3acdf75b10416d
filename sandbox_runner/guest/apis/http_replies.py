"""The responses of the APIs inside the sandbox as bytes. Pure.

Each response is head and body in one piece, so that one write, and one packet, carries it. JSON ends with a newline, as
the service's own encoder writes it.

Source: aws/aws-lambda-runtime-interface-emulator, internal/lambda/rapi/rendering/.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


def _reply(status: int, content_type: str, body: bytes, more: str = "") -> bytes:
    kind = f"Content-Type: {content_type}\r\n" if content_type else ""
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{kind}{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode("utf-8", "replace") + body


def _json(status: int, content: Mapping[str, object], more: str = "") -> bytes:
    return _reply(status, "application/json", json.dumps(content, separators=(",", ":")).encode() + b"\n", more)


def _error(status: int, kind: str, message: str) -> bytes:
    return _json(status, {"errorMessage": message, "errorType": kind})


ACCEPTED: Final = _json(202, {"status": "OK"})
PONG: Final = _reply(200, "text/plain; charset=utf-8", b"pong")
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
NOT_FOUND: Final = _reply(404, "text/plain; charset=utf-8", b"404 page not found\n")
NOT_ALLOWED: Final = _reply(405, "", b"")
UNAUTHORIZED: Final = _reply(401, "", b"")
SUBSCRIBED: Final = _reply(200, "application/json", b'"OK"')
# The spelling of AWS's emulator, internal/lambda/rapi/handler/runtimelogs_test.go.
SUBSCRIBED_BEFORE: Final = _reply(200, "application/json", b'"AlreadySubcribed"')
INVALID_REQUEST_ID: Final = _error(400, "InvalidRequestID", "Invalid request ID")
INVALID_INVOCATION_ID: Final = _error(400, "InvalidInvocationId", "Invalid invocation ID")
INVALID_RESPONSE_MODE: Final = _error(400, "InvalidFunctionResponseMode", "Invalid function response mode")
TRUNCATED: Final = _error(400, "TruncatedHTTPRequest", "HTTP request detected as truncated")
INTERNAL_ERROR: Final = _error(500, "InternalServerError", "Internal Server Error")


def forbidden(sentence: str) -> bytes:
    """403 for a call that the runtime's state does not allow."""
    return _error(403, "InvalidStateTransition", sentence)


def refused(kind: str, sentence: str) -> bytes:
    """403 of the Extensions API."""
    return _error(403, kind, sentence)


def invalid(kind: str, sentence: str) -> bytes:
    """400 of the Telemetry API and the Logs API."""
    return _error(400, kind, sentence)


def registered(content: Mapping[str, str], identifier: str) -> bytes:
    """The response to an extension that registered."""
    return _json(200, content, f"Lambda-Extension-Identifier: {identifier}\r\n")


def extension_event(content: Mapping[str, object], event_identifier: str = "") -> bytes:
    """An event for an extension; only an invocation has an identifier, and a content type of its own."""
    body = json.dumps(content, separators=(",", ":")).encode()
    if not event_identifier:
        return _reply(200, "text/plain; charset=utf-8", body)
    return _reply(200, "application/json", body, f"Lambda-Extension-Event-Identifier: {event_identifier}\r\n")


def too_large(limit: int) -> bytes:
    """413 for an answer over ``limit`` bytes."""
    return _error(413, "RequestEntityTooLarge", f"Exceeded maximum allowed payload size ({limit} bytes).")


def metadata(content: Mapping[str, str]) -> bytes:
    """The metadata endpoint's response, cacheable for half a day."""
    return _json(200, content, "Cache-Control: private, max-age=43200, immutable\r\n")


def unreadable(status: int) -> bytes:
    """For bytes that are not an HTTP request; the connection closes after it."""
    return _reply(status, "text/plain; charset=utf-8", HTTPStatus(status).phrase.encode(), "Connection: close\r\n")


def event(headers: Mapping[str, str], payload: bytes) -> bytes:
    """The response to ``next``. Empty headers are omitted; a value cannot contain a line end."""
    lines = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in headers.items() if value)
    kept = any(name.lower() == "content-type" for name in headers)
    return _reply(200, "" if kept else "application/json", payload, lines)


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ") if "\r" in value or "\n" in value else value
