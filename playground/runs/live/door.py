"""The addresses of live sessions: ``/live/<address>/…`` is the function's URL. In front of Django.

Nothing of the product is behind it: no cookie of the site reaches a function, no page of the site is drawn. What a
function answers is shown by a browser in a sandbox without scripts, whatever headers it sends.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from django.conf import settings
from redis.exceptions import RedisError

from playground.experiments import browser_keys
from playground.infrastructure import message_storage, redis_client
from playground.infrastructure.redis_timeouts import TAKING_S
from playground.runs.live import relay
from playground.runs.live.answers import LOOK_S, Answers, WorkerGone
from sandbox_runner.limits import REQUEST_BYTES_MAX
from sandbox_runner.live.http import HttpAnswer, HttpPart, HttpRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping

    from redis.asyncio import Redis as AsyncRedis

    from sandbox_runner.live.http import Told

    Scope = MutableMapping[str, Any]
    Event = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Event]]
    Send = Callable[[Event], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

PREFIX: Final = "/live/"
CALLER: Final = "x-holdover-caller"
_ADDRESS: Final = re.compile(r"/live/([A-Za-z0-9_-]{32})(?=/|$)")
# Requests of one session, and of all, that this process carries at once.
AT_ONCE: Final = 20
AT_ONCE_IN_ALL: Final = 200
# 6 MB at 200 KB a second; whoever sends slower than that would keep a place from others.
BODY_S: Final = 30.0
# What uvicorn's own parser lets through is less; this is for other servers.
_HEADER_BYTES_MAX: Final = 64 * 1024
_TARGET_BYTES_MAX: Final = 16 * 1024
_CALLER_CHARACTERS_MAX: Final = 64

# They win over what a function says of the same; a sandbox without permissions runs no script and sends no form.
_OURS: Final = {
    "content-security-policy": "sandbox; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
}
# What a function must not say for the site that it is shown at.
_OF_THE_SITE: Final = frozenset(
    {
        "alt-svc",
        "clear-site-data",
        "content-security-policy-report-only",
        "cross-origin-embedder-policy",
        "cross-origin-opener-policy",
        "expect-ct",
        "nel",
        "origin-agent-cluster",
        "permissions-policy",
        "public-key-pins",
        "report-to",
        "reporting-endpoints",
        "service-worker-allowed",
        "strict-transport-security",
    }
)


class Refused(Exception):  # noqa: N818 - said to a client
    """What is answered instead of asking the function."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.answer = HttpAnswer(status, (("content-type", "text/plain; charset=utf-8"),), f"{sentence}\n".encode())


class LiveDoor:
    """Answers what is for a session, and passes everything else on to ``app``.

    :param body_s: the seconds within which the whole of a request's body has to be there.
    """

    def __init__(self, app: App, *, body_s: float = BODY_S) -> None:
        self._app = app
        self._body_s = body_s
        self._carrying: Counter[str] = Counter()
        self._brokers: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncRedis] = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it, or pass it on."""
        if not str(scope.get("path", "")).startswith(PREFIX):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = Sending(scope, send)
        try:
            sending.address, path = _divided(_raw_path(scope))
            async with self._slot(sending.address):
                await self._carry(scope, receive, sending, path)
        except Refused as refused:
            await sending.tell(refused.answer)
        except WorkerGone:
            await sending.tell(Refused(504, "The worker that held this live session is gone.").answer)
        except RedisError:
            await sending.tell(Refused(503, "The broker is away; try again in a moment.").answer)

    @asynccontextmanager
    async def _slot(self, address: str) -> AsyncIterator[None]:
        if self._carrying[address] >= AT_ONCE or self._carrying.total() >= AT_ONCE_IN_ALL:
            raise Refused(429, f"More than {AT_ONCE} requests at once are not taken here.")
        self._carrying[address] += 1
        try:
            yield
        finally:
            self._carrying[address] -= 1
            if not self._carrying[address]:
                del self._carrying[address]

    async def _carry(self, scope: Scope, receive: Receive, sending: Sending, path: str) -> None:
        """Hand the request over, and send what comes for it, until the client leaves."""
        broker, address = self._broker(), sending.address
        if not await broker.exists(relay.lease_key(address)):
            raise Refused(404, "There is no live session here, or it has ended.")
        headers = _headers(scope)
        try:
            async with asyncio.timeout(self._body_s):
                body = await _body(receive, headers)
        except TimeoutError:
            raise Refused(408, f"A request's body is here within {self._body_s:g} s.") from None
        if body is None:
            return
        request = _request(scope, path, headers, body)
        message = relay.Message(secrets.token_urlsafe(16), _caller(headers), request=request)
        taken = await relay.send_soon(broker, address, message)
        if taken == "nobody":
            raise Refused(404, "The live session has ended.")
        if taken == "full":
            raise Refused(429, f"More than {relay.WAITING_MAX} requests wait already.")
        async with Answers(broker, address, message.ask, receive) as answers:
            while (told := await answers.next()) is not None:
                await sending.tell(told)
                if told.is_last:
                    return

    def _broker(self) -> AsyncRedis:
        loop = asyncio.get_running_loop()
        if loop not in self._brokers:
            # A request whose client has left may wait for one more look.
            self._brokers[loop] = redis_client.async_redis(LOOK_S + TAKING_S, at_once=2 * AT_ONCE_IN_ALL)
        return self._brokers[loop]


def _raw_path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    return raw.decode("latin-1").partition("?")[0] if raw is not None else str(scope["path"])


def _divided(path: str) -> tuple[str, str]:
    """The session's address, and the path at the function's URL."""
    found = _ADDRESS.match(path)
    if found is None:
        raise Refused(404, "There is no live session here.")
    return found[1], path[found.end() :] or "/"


def _headers(scope: Scope) -> list[tuple[str, str]]:
    """Without the site's own cookies."""
    sent = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    if sum(len(name) + len(value) for name, value in sent) > _HEADER_BYTES_MAX:
        raise Refused(431, "The request's headers are larger than this takes.")
    if len(_raw_path(scope)) + len(scope.get("query_string", b"")) > _TARGET_BYTES_MAX:
        raise Refused(414, "The request's address is longer than this takes.")
    return [(name, _foreign(value) if name == "cookie" else value) for name, value in sent]


def _foreign(cookies: str) -> str:
    ours = {
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
        browser_keys.COOKIE,
        browser_keys.cookie_name(),
        message_storage.cookie_name(),
    }
    return "; ".join(each.strip() for each in cookies.split(";") if each.partition("=")[0].strip() not in ours)


def _caller(headers: list[tuple[str, str]]) -> str:
    written = next((value.strip() for name, value in headers if name == CALLER), "")
    if len(written) > _CALLER_CHARACTERS_MAX or not written.isprintable():
        raise Refused(400, f"{CALLER} names a caller in at most {_CALLER_CHARACTERS_MAX} printable characters.")
    return written


def _request(scope: Scope, path: str, headers: list[tuple[str, str]], body: bytes) -> HttpRequest:
    return HttpRequest(
        method=scope["method"],
        path=path,
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=tuple((name, value) for name, value in headers if name != CALLER),
        body=body,
        source_ip=(scope.get("client") or ("0.0.0.0", 0))[0],  # noqa: S104 - said of a client that has no address
        protocol=f"HTTP/{scope.get('http_version', '1.1')}",
        connection=":".join(map(str, scope.get("client") or ())),
    )


async def _body(receive: Receive, headers: list[tuple[str, str]]) -> bytes | None:
    """The whole body; None if the client left before."""
    declared = next((value for name, value in headers if name == "content-length"), "0")
    too_large = Refused(413, f"A request has at most {REQUEST_BYTES_MAX} bytes.")
    if declared.isdigit() and len(declared) < 20 and int(declared) > REQUEST_BYTES_MAX:
        raise too_large
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        body += event.get("body", b"")
        if len(body) > REQUEST_BYTES_MAX:
            raise too_large
        if not event.get("more_body"):
            return bytes(body)


class Sending:
    """Sends what a client is told."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.address = ""
        self._scope = scope
        self._send = send
        self._has_begun = self._is_silent = False

    async def tell(self, told: Told) -> None:
        """Send it. An answer that comes where parts should is a failure, as one that breaks off is.

        It is left without its end then, and the server closes the connection, which is how a client sees that.
        """
        if isinstance(told, HttpAnswer) and not self._has_begun:
            self._has_begun = True
            await self._begin(told)
        elif isinstance(told, HttpPart) and not told.is_broken:
            await self._more(told.body, is_last=told.is_last)

    async def _begin(self, answer: HttpAnswer) -> None:
        headers = [(name, value) for name, value in answer.headers if name not in _OF_THE_SITE and name not in _OURS]
        told = [(name, _here(value, self.address) if name == "set-cookie" else value) for name, value in headers]
        length = (("content-length", str(len(answer.body))),) if answer.is_whole and answer.status != 204 else ()
        pairs = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in (*told, *length)]
        pairs += [(name.encode(), value.encode()) for name, value in _OURS.items()]
        self._is_silent = self._scope["method"] == "HEAD" or answer.status in {204, 304}
        await self._send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        await self._more(answer.body, is_last=answer.is_whole)

    async def _more(self, body: bytes, *, is_last: bool) -> None:
        sent = b"" if self._is_silent else body
        await self._send({"type": "http.response.body", "body": sent, "more_body": not is_last})


def _here(cookie: str, address: str) -> str:
    """A cookie of the function's for its own address alone: as at a host of its own."""
    pair, *attributes = cookie.split(";")
    kept = [each for each in attributes if each.partition("=")[0].strip().lower() not in {"path", "domain"}]
    return ";".join([pair, *kept, f" Path={PREFIX}{address}/"])
