"""The way from an environment to the account: TLS and HTTP of strangers' code, and a record of every call.

One relay serves all environments of a run, or the one of a replay. Which account it leads to may change from request
to request; what is under way stays where it began.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import h11

from sandbox_runner import limits
from sandbox_runner.account import aws_names, lambda_api, operations
from sandbox_runner.account.authority import authority
from sandbox_runner.account.base import AccountTooSlowError, AwsAnswer, AwsRequest, Origin
from sandbox_runner.account.tls import TlsStream
from sandbox_runner.errors import OurFailure
from sandbox_runner.peers.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sandbox_runner.account.base import Account, Pushed
    from sandbox_runner.account.operations import Asked
    from sandbox_runner.account.record import CallRecord
    from sandbox_runner.environment.guest_link import GuestLink, Serving
    from sandbox_runner.peers.streams import Stream

    # What answers for Lambda's API: to a request, made by code that serves another.
    Functions = Callable[[AwsRequest, Serving | None], Awaitable[AwsAnswer]]
    # What takes the events that services send to functions, and whose call led to them.
    Pushes = Callable[[Sequence[Pushed], Origin], None]

PORT_NAME: Final = "AWS"
"""No peer of a scenario's has this name: theirs are in lower case."""

_PORT: Final = 443
_HEAD_BYTES_MAX: Final = 64 * 1024
_LENGTH_DIGITS_MAX: Final = 20
# Of one connection between the same two; the rest is said anew by h11.
_HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "proxy-connection", "content-length"}
)


class Relay:
    """Serves AWS's names in environments.

    :param account: the account that the next request meets.
    :param record: takes what is recorded of each call.
    :param offered: the services that there are.
    :param changed: called with the operation's name before and after each call.
    :param name: what an environment is called where its calls are numbered; its own name by default.
    :param pushed: takes what services send to functions; nothing comes of it without.
    :ivar functions: what answers for Lambda's API; nobody does without.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        record: CallRecord,
        offered: Sequence[str],
        *,
        changed: Callable[[str], None] | None = None,
        pushed: Pushes | None = None,
        name: str = "",
    ) -> None:
        self.functions: Functions | None = None
        self._account = account
        self._record = record
        self._offered = tuple(offered)
        self._changed = changed or (lambda _: None)
        self._pushed = pushed or (lambda _, __: None)
        self._name = name
        self._numbers: Counter[str] = Counter()
        self._failure: OurFailure | None = None
        self._calls_left = limits.ACCOUNT_CALLS_MAX
        self._bytes_left = limits.ACCOUNT_BYTES_MAX
        self._dropped_left = limits.ACCOUNT_DROPPED_BYTES_MAX

    @property
    def reach(self) -> Reach:
        """See :class:`sandbox_runner.peers.hub.Beside`."""
        return Reach({PORT_NAME: _PORT}, {PORT_NAME: aws_names.names(self._offered)}, authority().certificate)

    async def serve(self, stream: Stream, environment: str, link: GuestLink) -> None:
        """See :class:`sandbox_runner.peers.hub.Beside`. A connection that speaks something else ends."""
        tls = TlsStream(stream, authority().context)
        try:
            await tls.shake_hands()
            connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_BYTES_MAX)
            while (request := await _request(connection, tls)) is not None:
                answer = await self._answered(request, environment, link)
                if answer is None:
                    return
                await _send(connection, tls, answer, is_head=request.method == "HEAD", is_last=bool(request.too_large))
                if request.too_large:
                    await self._drop(tls)
                    return
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return
                connection.start_next_cycle()
        except (ssl.SSLError, h11.ProtocolError):
            return

    async def _drop(self, tls: TlsStream) -> None:
        """Take what is still sent, until the client has read its answer and hangs up."""
        while self._dropped_left > 0 and (data := await tls.read()):
            self._dropped_left -= len(data)

    async def _answered(self, request: AwsRequest, environment: str, link: GuestLink) -> AwsAnswer | None:
        """The answer; ``None`` where there is nobody who would give one."""
        asked = await asyncio.to_thread(operations.asked_for, request)
        if asked.service not in self._offered:
            return None
        if asked.service == aws_names.LAMBDA:
            asked = lambda_api.asked_for(request, asked)
        serving = link.serving
        note = self._record.begin(asked, request, environment, serving)
        if refusal := self._refused(request):
            note(refusal)
            return refusal
        try:
            answer = await self._carried_out(asked, request, environment, serving)
        except AccountTooSlowError:
            answer = _said(request, 503, "ServiceUnavailable", "the request was not answered in time")
        except OurFailure as failure:
            self._failure = self._failure or failure
            return None
        if answer is None:
            return None
        self._bytes_left -= len(answer.body)
        note(answer)
        if answer.pushed:
            self._pushed(answer.pushed, Origin(serving.index, serving.request_id) if serving else Origin())
        return answer

    async def _carried_out(
        self, asked: Asked, request: AwsRequest, environment: str, serving: Serving | None
    ) -> AwsAnswer | None:
        if asked.service == aws_names.LAMBDA:
            return await self.functions(request, serving) if self.functions else None
        self._changed(asked.operation)
        phase = f"request-{serving.index}" if serving else f"{self._name or environment}-init"
        self._numbers[phase] += 1
        answer = await self._account().answer(request, f"{phase}/{self._numbers[phase]}")
        self._changed(asked.operation)
        return answer

    def check(self) -> None:
        """:raises OurFailure: the account failed where a call met it."""
        if self._failure is not None:
            raise self._failure

    def begin_attempt(self, index: int) -> None:
        """Number the calls of a request from 1 again."""
        self._numbers.pop(f"request-{index}", None)

    def _refused(self, request: AwsRequest) -> AwsAnswer | None:
        if request.too_large:
            most = limits.ACCOUNT_REQUEST_BYTES_MAX // limits.MB
            sentence = f"Holdover carries {most} MB in one request, and this is more"
            return _said(request, 400, "EntityTooLarge", sentence)
        self._calls_left -= 1
        self._bytes_left -= len(request.body)
        if self._calls_left < 0:
            sentence = f"Holdover answers {limits.ACCOUNT_CALLS_MAX} calls of one run, and this is one more"
            return _said(request, 400, "LimitExceeded", sentence)
        if self._bytes_left < 0:
            sentence = (
                f"Holdover carries {limits.ACCOUNT_BYTES_MAX // limits.MB} MB of one run's calls, and this is more"
            )
            return _said(request, 400, "LimitExceeded", sentence)
        return None


async def _request(connection: h11.Connection, tls: TlsStream) -> AwsRequest | None:
    """The next request of a connection; ``None`` at its end. Of a body that is too large no more is read."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                await tls.write(_bytes(connection, h11.InformationalResponse(status_code=100, headers=[])))
            connection.receive_data(await tls.read())
        elif isinstance(event, h11.Request):
            head = event
            if (size := _length(head)) > limits.ACCOUNT_REQUEST_BYTES_MAX:
                return replace(_read(head, b""), too_large=size)
        elif isinstance(event, h11.Data) and head is not None:
            body += event.data
            if len(body) > limits.ACCOUNT_REQUEST_BYTES_MAX:
                return replace(_read(head, b""), too_large=len(body))
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _read(head, bytes(body))
        else:
            return None


def _read(head: h11.Request, body: bytes) -> AwsRequest:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
    return AwsRequest(head.method.decode("latin-1"), head.target.decode("latin-1"), headers, body)


async def _send(connection: h11.Connection, tls: TlsStream, answer: AwsAnswer, *, is_head: bool, is_last: bool) -> None:
    kept = [(name, value) for name, value in answer.headers if name.lower() not in _HOP_BY_HOP]
    sizes = [value for name, value in answer.headers if name.lower() == "content-length"] if is_head else []
    has_body = answer.status not in {204, 304}
    length = [("content-length", (sizes or [str(len(answer.body))])[0])] if has_body else []
    closing = [("connection", "close")] if is_last else []
    # Without a reason, botocore does not know an answer that comes in place of "100 Continue".
    reason = http.client.responses.get(answer.status, "Unknown").encode()
    head = h11.Response(status_code=answer.status, headers=[*kept, *length, *closing], reason=reason)
    parts = [_bytes(connection, head)]
    if has_body and not is_head and answer.body:
        parts.append(_bytes(connection, h11.Data(data=answer.body)))
    await tls.write(b"".join([*parts, _bytes(connection, h11.EndOfMessage())]))


def _bytes(connection: h11.Connection, event: h11.Event) -> bytes:
    return connection.send(event) or b""


def _length(head: h11.Request) -> int:
    """The size of a body that is said before it comes; of one in chunks, SDKs say it in a header of their own.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
    """
    said = [value for name, value in head.headers if name in {b"content-length", b"x-amz-decoded-content-length"}]
    return max((int(value) for value in said if value.isdigit() and len(value) <= _LENGTH_DIGITS_MAX), default=0)


def _said(request: AwsRequest, status: int, code: str, sentence: str) -> AwsAnswer:
    """An error of the relay's own, as the request's protocol has it."""
    if request.header("x-amz-target"):
        text, kind = json.dumps({"__type": code, "message": sentence}), "application/x-amz-json-1.0"
    else:
        text, kind = f"<Error><Code>{code}</Code><Message>{sentence}</Message></Error>", "application/xml"
        if request.header("content-type").startswith("application/x-www-form-urlencoded"):
            text = f"<ErrorResponse>{text}</ErrorResponse>"
    return AwsAnswer(status, (("content-type", kind), ("x-amzn-errortype", code)), text.encode())
