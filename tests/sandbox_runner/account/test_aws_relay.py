"""What comes from an environment for AWS's services: TLS, HTTP, limits, numbers, records. Nobody answers but a fake."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import ssl
from contextlib import suppress
from types import SimpleNamespace

import pytest

from sandbox_runner import limits
from sandbox_runner.account import aws_names
from sandbox_runner.account.authority import authority
from sandbox_runner.account.base import AwsAnswer
from sandbox_runner.account.record import CallRecord
from sandbox_runner.account.relay import Relay
from sandbox_runner.clock import SystemClock
from sandbox_runner.environment.guest_link import Serving
from sandbox_runner.environment.identity import CREDENTIALS
from sandbox_runner.errors import AccountLost
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import AccountCalled
from tests.fakes.answering import FakeAnswering

S3 = "letters.s3.us-east-1.amazonaws.com"
TARGET = {"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0"}


class SocketStream:
    """The host's end of a connection whose other end is a socket."""

    def __init__(self, end):
        self._end = end

    async def read(self):
        """The next bytes."""
        try:
            return await asyncio.get_running_loop().sock_recv(self._end, 8192)
        except ConnectionError:
            return b""

    async def write(self, data):
        """All of it; what nobody reads any more is lost, as in a sandbox."""
        with suppress(ConnectionError):
            await asyncio.get_running_loop().sock_sendall(self._end, data)


class World:
    """A relay, an account behind it, and clients of an environment."""

    def __init__(self, offered=tuple(aws_names.SERVICES)):
        self.log = EventLog(SystemClock())
        self.account = None
        self.record = CallRecord(self.log, SystemClock())
        self.relay = Relay(lambda: self.account, self.record, offered)
        self.link = SimpleNamespace(serving=Serving(1, "id-1"))

    async def meet(self, client):
        """What ``client`` returns, called in a thread with a connected socket."""
        self.account = self.account or await FakeAnswering().open()
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        theirs.settimeout(5)

        async def serve():
            try:
                await self.relay.serve(SocketStream(ours), "env-1", self.link)
            finally:
                ours.close()

        serving = asyncio.ensure_future(serve())
        try:
            return await asyncio.to_thread(client, theirs)
        finally:
            theirs.close()
            await serving

    def calls(self):
        """The records."""
        return [each.record for each in self.log.events if isinstance(each.record, AccountCalled)]


@pytest.fixture
def world():
    return World()


def encrypted(end, host):
    """A client's end that has checked whom it speaks to."""
    context = ssl.create_default_context(cadata=authority().certificate)
    return context.wrap_socket(end, server_hostname=host)


def client(host, *requests):
    """Sends requests on one connection; returns status, body and error type of each answer."""

    def send(end):
        connection = http.client.HTTPConnection(host)
        connection.sock = encrypted(end, host)
        answers = []
        for method, target, body, headers in requests:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            answers.append((answer.status, answer.read(), answer.headers.get("x-amzn-errortype", "")))
        return answers

    return send


async def test_an_answer_comes_back_under_the_name_that_was_asked(world):
    answers = await world.meet(client(S3, ("PUT", "/a", b"hoge", {}), ("GET", "/a", None, {}), ("GET", "/b", None, {})))

    assert [(status, body) for status, body, _ in answers] == [(200, b""), (200, b"hoge"), (404, b"")]


async def test_every_call_is_a_record_of_who_called_what_and_got_which_answer(world):
    await world.meet(client(S3, ("PUT", "/a%20b", b"hoge", {}), ("GET", "/a%20b", None, {})))

    put, get = world.calls()
    assert (put.service, put.operation, put.status_code, put.request_bytes) == ("s3", "PutObject", 200, 4)
    assert json.loads(put.parameters) == {"Bucket": "letters", "Key": "a b", "Body": "hoge"}
    assert (get.operation, get.answer, get.answer_bytes, get.error) == ("GetObject", "hoge", 4, "")
    assert {(each.environment, each.request_id) for each in world.log.events} == {("env-1", "id-1")}


async def test_calls_are_numbered_within_their_request_and_within_an_init(world):
    await world.meet(client("sqs.us-east-1.amazonaws.com", *2 * [("POST", "/", b"{}", TARGET)]))
    world.link.serving = None
    await world.meet(client("sqs.us-east-1.amazonaws.com", ("POST", "/", b"{}", TARGET)))
    world.relay.begin_attempt(1)
    world.link.serving = Serving(1, "id-1")
    await world.meet(client("sqs.us-east-1.amazonaws.com", ("POST", "/", b"{}", TARGET)))

    seeds = [seed for _, seed in world.account.asked]
    assert seeds == ["request-1/1", "request-1/2", "env-1-init/1", "request-1/1"]


async def test_an_sdk_s_own_count_of_its_attempts_is_told(world):
    again = {**TARGET, "amz-sdk-request": "attempt=3; max=3"}
    await world.meet(client("sqs.us-east-1.amazonaws.com", ("POST", "/", b"{}", again)))

    assert [each.attempt for each in world.calls()] == [3]


async def test_credentials_are_blanked_where_a_call_repeats_them(world):
    told = json.dumps({"MessageBody": CREDENTIALS["AWS_SECRET_ACCESS_KEY"]}).encode()
    await world.meet(client("sqs.us-east-1.amazonaws.com", ("POST", "/", told, TARGET)))

    assert [json.loads(each.parameters) for each in world.calls()] == [{"MessageBody": "***"}]


async def test_more_calls_than_a_run_may_make_are_refused_and_counted(world, monkeypatch):
    monkeypatch.setattr(limits, "ACCOUNT_CALLS_MAX", 2)
    world = World()
    answers = await world.meet(client("sqs.us-east-1.amazonaws.com", *3 * [("POST", "/", b"{}", TARGET)]))

    assert [(status, error) for status, _, error in answers] == [(200, ""), (200, ""), (400, "LimitExceeded")]
    assert len(world.account.asked) == 2
    assert [each.error for each in world.calls()] == ["", "", "LimitExceeded"]


async def test_more_records_than_a_run_may_have_are_counted_in_the_last(world, monkeypatch):
    monkeypatch.setattr("sandbox_runner.account.record.ACCOUNT_RECORDS_MAX", 1)
    world = World()
    await world.meet(client(S3, *3 * [("GET", "/a", None, {})]))
    world.record.settle()

    assert [each.left_out for each in world.calls()] == [0, 1]


async def test_a_body_that_is_too_large_is_refused_before_anybody_sees_it(world, monkeypatch):
    monkeypatch.setattr(limits, "ACCOUNT_REQUEST_BYTES_MAX", 1024)

    answers = await world.meet(client(S3, ("PUT", "/a", b"x" * 2048, {})))

    assert [(status, error) for status, _, error in answers] == [(400, "EntityTooLarge")]
    assert world.account.asked == []
    assert [(each.error, each.request_bytes) for each in world.calls()] == [("EntityTooLarge", 2048)]


async def test_one_that_sends_a_body_all_the_same_reads_why_it_is_refused_up_to_a_limit(world, monkeypatch):
    monkeypatch.setattr(limits, "ACCOUNT_REQUEST_BYTES_MAX", 1024)

    (answer,) = await world.meet(client(S3, ("PUT", "/a", b"x" * 3_000_000, {})))

    assert answer[::2] == (400, "EntityTooLarge")
    monkeypatch.setattr(limits, "ACCOUNT_DROPPED_BYTES_MAX", 1024)
    with pytest.raises((ConnectionError, ssl.SSLError)):
        await World().meet(client(S3, ("PUT", "/a", b"x" * 3_000_000, {})))


async def test_a_client_that_waits_to_be_asked_for_a_body_that_is_too_large_is_not_asked(world, monkeypatch):
    monkeypatch.setattr(limits, "ACCOUNT_REQUEST_BYTES_MAX", 3)

    def patient(end):
        with encrypted(end, S3) as line:
            line.sendall(f"PUT /a HTTP/1.1\r\nHost: {S3}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n".encode())
            return line.recv(1024)

    assert (await world.meet(patient)).startswith(b"HTTP/1.1 400 Bad Request\r\n")


async def test_a_failure_of_what_answers_is_recorded_as_ours(world, monkeypatch):
    world.account = await FakeAnswering().open()

    async def failed(_request, _seed):
        return AwsAnswer(500, (("x-amzn-errortype", "InternalFailure"),), is_ours=True)

    monkeypatch.setattr(world.account, "answer", failed)
    await world.meet(client(S3, ("GET", "/a", None, {})))

    assert [(each.is_ours, each.error) for each in world.calls()] == [(True, "InternalFailure")]


async def test_a_service_that_is_not_offered_hangs_up():
    world = World(offered=("s3",))

    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        await world.meet(client("sqs.us-east-1.amazonaws.com", ("POST", "/", b"{}", TARGET)))
    assert world.calls() == []


async def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(world):
    def patient(end):
        with encrypted(end, S3) as line:
            line.sendall(f"PUT /a HTTP/1.1\r\nHost: {S3}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n".encode())
            asked = line.recv(1024)
            line.sendall(b"hoge")
            return asked, line.recv(1024)

    asked, answer = await world.meet(patient)

    assert asked.startswith(b"HTTP/1.1 100")
    assert answer.startswith(b"HTTP/1.1 200")
    assert world.account.things == {"/a": b"hoge"}


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhoge",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
        b"\0" * 1000,
        b"PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_a_client_that_speaks_no_http_is_hung_up_on(world, sent):
    def odd(end):
        # It may hang up before all of it is sent.
        with suppress(ConnectionError, ssl.SSLError), encrypted(end, S3) as line:
            line.sendall(sent)
            # Not its own, which would go on without encryption.
            socket.socket.shutdown(line, socket.SHUT_WR)
            return line.recv(1000)
        return b""

    assert await world.meet(odd) == b""
    assert world.account.asked == []


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01" + b"\xff" * 500])
async def test_a_client_that_speaks_no_tls_is_hung_up_on(world, sent):
    def plain(end):
        end.sendall(sent)
        end.shutdown(socket.SHUT_WR)
        while end.recv(4096):
            pass
        return "over"

    assert await world.meet(plain) == "over"


async def test_an_account_that_fails_hangs_up_and_the_failure_is_ours(world):
    world.account = await FakeAnswering().open()
    await world.account.end()

    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        await world.meet(client(S3, ("GET", "/a", None, {})))
    with pytest.raises(AccountLost):
        world.relay.check()


# --- functions that invoke each other -------------------------------------------------------------------------------

LAMBDA = "lambda.us-east-1.amazonaws.com"
INVOKE = "/2015-03-31/functions/worker/invocations"


async def test_an_invocation_is_handed_to_whoever_answers_for_lambda_with_the_request_that_made_it():
    asked = []

    async def invoked(request, serving):
        asked.append((request.target, request.body, serving))
        return AwsAnswer(200, (("x-amz-executed-version", "$LATEST"),), b"7")

    world = World((*aws_names.SERVICES, "lambda"))
    world.relay.functions = invoked
    answers = await world.meet(client(LAMBDA, ("POST", INVOKE, b'{"n": 1}', {"X-Amz-Invocation-Type": "Event"})))

    assert [(status, body) for status, body, _ in answers] == [(200, b"7")]
    assert asked == [(INVOKE, b'{"n": 1}', Serving(1, "id-1"))]
    (call,) = world.calls()
    assert (call.service, call.operation, call.answer) == ("lambda", "Invoke", "7")
    assert json.loads(call.parameters) == {
        "FunctionName": "worker",
        "InvocationType": "Event",
        "Payload": '{"n": 1}',
    }
    assert world.account.asked == []


async def test_where_nobody_answers_for_lambda_it_is_not_there(world):
    with pytest.raises((http.client.HTTPException, OSError)):
        await world.meet(client(LAMBDA, ("POST", INVOKE, b"{}", {})))

    assert world.calls() == []
