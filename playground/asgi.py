"""The web process's entry point: live sessions, and Django behind a limit on the size of requests."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final, cast

from django.core.asgi import get_asgi_application

from playground.infrastructure.descriptors import make_room
from playground.infrastructure.response_headers import BEFORE_DJANGO

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
_django: Final = get_asgi_application()

# Where a zip may be sent, and for the form of the home page beside what is typed in it.
TAKING_ARCHIVES: Final = ("/", "/open")
KEEPING_ARCHIVES: Final = "/api/v1/archives/"
TOO_LARGE: Final = b"The request is larger than this site takes; a scenario with one payload of 6 MB fits.\n"
API: Final = "/api/"
# Of a refused body so much is read and forgotten, so that whoever sends all of it before reading gets the answer: a
# connection that is closed with bytes unread is reset, and the answer with it.
FORGOTTEN_BYTES_MAX: Final = 100_000_000
_PROBLEM: Final = json.dumps(
    {"type": "about:blank", "title": "Content Too Large", "status": 413, "detail": TOO_LARGE.decode().strip()}
).encode()


class BodyLimit:
    """Rejects a request as soon as it is known to be too large, before storing any of it.

    :param most: the maximum number of bytes in a request's body.
    :param more: how many more it may have where a zip may be sent.
    """

    def __init__(self, app: App, most: int, more: int = 0) -> None:
        self._app = app
        self._most = most
        self._more = more

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or respond with 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope.get("path", ""))
        most = self._most + (self._more if path in TAKING_ARCHIVES or path.startswith(KEEPING_ARCHIVES) else 0)
        if _declared_bytes(scope) > most:
            await _refuse(scope, receive, send)
            return
        received, more, answered = 0, True, False

        async def bounded() -> Message:
            nonlocal received, more
            message = await receive()
            received += len(message.get("body", b""))
            more = bool(message.get("more_body"))
            return message if received <= most else {"type": "http.disconnect"}

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self._app(scope, bounded, watched)
        if received > most and not answered:
            await _refuse(scope, receive, send, more=more)


def _declared_bytes(scope: Scope) -> int:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    return int(declared) if declared.isdigit() and len(declared) < 20 else 0


async def _refuse(scope: Scope, receive: Receive, send: Send, *, more: bool = True) -> None:
    """Respond with 413; ``more`` says whether some of the body is still to come."""
    is_program = str(scope.get("path", "")).startswith(API)
    body, kind = (_PROBLEM, b"application/problem+json") if is_program else (TOO_LARGE, b"text/plain; charset=utf-8")
    always = [(name.lower().encode(), value.encode()) for name, value in BEFORE_DJANGO.items()]
    length = (b"content-length", str(len(body)).encode())
    headers = [(b"content-type", kind), length, (b"connection", b"close"), *always]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if more:
        await _forget(receive)
    await send({"type": "http.response.body", "body": b""})


async def _forget(receive: Receive) -> None:
    """Read what is still sent, up to a bound."""
    forgotten, more = 0, True
    while more and forgotten <= FORGOTTEN_BYTES_MAX:
        message = await receive()
        forgotten += len(message.get("body", b""))
        more = bool(message.get("more_body"))


def _application() -> App:
    from django.conf import settings  # noqa: PLC0415 - Django is set up only now

    from playground.config.checks import refuse_to_start_unsafely  # noqa: PLC0415 - the same
    from playground.infrastructure.bounded_questions import bound_questions  # noqa: PLC0415 - the same
    from playground.runs.live.door import LiveDoor  # noqa: PLC0415 - the same

    refuse_to_start_unsafely()
    make_room(settings.HOLDOVER.streams_max)
    bound_questions()
    most, more = settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.HOLDOVER.archive_bytes_max
    return LiveDoor(BodyLimit(cast("App", _django), most, more))


application: Final = _application()
