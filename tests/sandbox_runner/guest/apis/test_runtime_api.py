"""The Runtime API over a real connection: every reply in full, every rule of the state machine, every bound."""

import asyncio
import json
import socket

import pytest

from sandbox_runner.guest.apis import metadata
from sandbox_runner.guest.apis.extensions import ExtensionsApi
from sandbox_runner.guest.apis.posted import RuntimeAnswer
from sandbox_runner.guest.apis.runtime import RuntimeApi
from sandbox_runner.guest.apis.telemetry import TelemetryApi
from sandbox_runner.guest.extensions.streams import Streams

LIMIT = 1000
STREAMED_LIMIT = 500
ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
ROOT = "/2018-06-01"
NEXT = f"{ROOT}/runtime/invocation/next"
RESPONSE = f"{ROOT}/runtime/invocation/{ID}/response"
ERROR = f"{ROOT}/runtime/invocation/{ID}/error"
INIT_ERROR = f"{ROOT}/runtime/init/error"
METADATA = metadata.PATH.decode()
OK = (202, '{"status":"OK"}\n')
INVALID_ID = (400, '{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}\n')


def forbidden(was, aim):
    sentence = f"State transition from {was} to {aim} failed for runtime. Error: State transition is not allowed"
    return 403, f'{{"errorMessage":"{sentence}","errorType":"InvalidStateTransition"}}\n'


class Listener:
    """Notes what the API tells, in order."""

    def __init__(self):
        self.told = []
        self.heard = asyncio.Event()
        self.has_room = True

    def runtime_ready(self):
        self.told.append("ready")

    def runtime_took_event(self):
        self.told.append("took event")

    def runtime_streams(self, request_id, content_type, part):
        self.told.append((request_id, content_type, part))
        self.heard.set()
        return self.has_room

    def runtime_answered(self, answer):
        self.told.append(answer)

    def runtime_failed_init(self, error_type, body):
        self.told.append((error_type, body))


class Client:
    """A runtime client of few words: one connection, requests as text."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def send(self, method, path, body="", **headers):
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.raw(f"{method} {path} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    def raw(self, data):
        self.writer.write(data)

    async def reply(self):
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            length = int(head.split("Content-Length: ")[1].split("\r\n")[0])
            body = await self.reader.readexactly(length)
        return int(head.split()[1]), body.decode()

    async def ask(self, method, path, body="", **headers):
        self.send(method, path, body, **headers)
        return await self.reply()


@pytest.fixture
async def place():
    """An API with its listener, and a way to connect."""
    listener = Listener()
    extensions = ExtensionsApi(listener)
    api = RuntimeApi(listener, extensions, TelemetryApi(extensions, Streams(lambda _: None)))
    api.renew(LIMIT, STREAMED_LIMIT)
    listening = socket.create_server(("127.0.0.1", 0))
    address = listening.getsockname()
    await api.serve(listening)
    clients = []

    async def connect():
        clients.append(Client(*await asyncio.open_connection(*address)))
        return clients[-1]

    yield api, listener, connect
    for client in clients:
        client.writer.close()
    api.renew(0)
    listening.close()


@pytest.fixture
async def running(place):
    """A runtime that has an event and has not answered it."""
    api, listener, connect = place
    client = await connect()
    client.send("GET", NEXT)
    api.offer(ID, {"Lambda-Runtime-Aws-Request-Id": ID}, b'{"n": 1}')
    assert (await client.reply())[0] == 200
    listener.told.clear()
    return client


async def test_the_first_next_ends_init_and_waits_for_an_event(place):
    api, listener, connect = place
    client = await connect()
    client.send("GET", NEXT)
    assert await settled(client)
    assert listener.told == ["ready"]
    assert api.runtime_waits

    api.offer(ID, {"Lambda-Runtime-Aws-Request-Id": ID, "Empty": "", "Split": "a\r\nInjected: b"}, b"{}")

    head = (await client.reader.readuntil(b"\r\n\r\n")).decode()
    assert head == (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: {ID}\r\n"
        "Split: a  Injected: b\r\nContent-Length: 2\r\n\r\n"
    )
    assert await client.reader.readexactly(2) == b"{}"


async def settled(_client):
    """Let everything that is on its way arrive."""
    for _ in range(20):
        await asyncio.sleep(0)
    return True


async def test_an_event_that_came_first_waits_for_the_runtime(place):
    api, listener, connect = place
    api.offer(ID, {}, b"{}")

    client = await connect()
    status, _ = await client.ask("GET", NEXT)

    assert status == 200
    assert listener.told == ["ready", "took event"]


async def test_an_answer_is_told_and_accepted(running, place):
    _, listener, _ = place

    assert await running.ask("POST", RESPONSE, '{"a": 1}', Content_Type="application/json") == OK
    assert listener.told == [RuntimeAnswer(ID, "response", b'{"a": 1}', 8, "application/json")]


async def test_an_error_is_told_with_its_normalised_type(running, place):
    _, listener, _ = place

    assert await running.ask("POST", ERROR, "{}", Lambda_Runtime_Function_Error_Type="ValueError") == OK
    assert listener.told == [RuntimeAnswer(ID, "error", b"{}", 2, "", "Runtime.Unknown")]


async def test_an_answer_over_the_limit_is_told_cut_and_refused(running, place):
    _, listener, _ = place
    status, body = await running.ask("POST", RESPONSE, "x" * (LIMIT + 1))

    assert status == 413
    assert json.loads(body) == {
        "errorMessage": f"Exceeded maximum allowed payload size ({LIMIT} bytes).",
        "errorType": "RequestEntityTooLarge",
    }
    [answer] = listener.told
    assert (answer.too_large, answer.size, len(answer.body)) == (True, LIMIT + 1, LIMIT)


async def test_after_an_answer_that_was_too_large_an_error_is_forbidden(running):
    await running.ask("POST", RESPONSE, "x" * (LIMIT + 1))

    assert await running.ask("POST", ERROR) == forbidden("RuntimeResponseSentState", "InvocationErrorResponse")


async def test_a_second_answer_is_forbidden(running):
    await running.ask("POST", RESPONSE)

    assert await running.ask("POST", RESPONSE) == forbidden("RuntimeResponseSentState", "InvocationResponse")


@pytest.mark.parametrize("verb", ["response", "error"])
async def test_an_answer_to_another_request_is_refused(running, verb):
    assert await running.ask("POST", f"{ROOT}/runtime/invocation/another/{verb}") == INVALID_ID


async def test_an_answer_before_any_event_is_refused(place):
    _, _, connect = place

    assert await (await connect()).ask("POST", RESPONSE) == INVALID_ID


async def test_an_answer_after_the_next_was_asked_for_is_refused(running, place):
    _, _, connect = place
    await running.ask("POST", RESPONSE)
    running.send("GET", NEXT)
    await settled(running)

    assert await (await connect()).ask("POST", RESPONSE) == INVALID_ID


async def test_asking_again_while_running_gives_the_same_event(running):
    assert await running.ask("GET", NEXT) == (200, '{"n": 1}')


async def test_a_response_mode_that_does_not_exist_is_a_function_error(running, place):
    _, listener, _ = place

    assert await running.ask("POST", RESPONSE, Lambda_Runtime_Function_Response_Mode="fast") == (
        400,
        '{"errorMessage":"Invalid function response mode","errorType":"InvalidFunctionResponseMode"}\n',
    )
    assert listener.told == [RuntimeAnswer(ID, "error", b"", 0, "", "Runtime.InvalidResponseModeHeader")]


STREAM = (
    f"POST {RESPONSE} HTTP/1.1\r\nLambda-Runtime-Function-Response-Mode: streaming\r\nContent-Type: text/plain\r\n"
    "Transfer-Encoding: chunked\r\nTrailer: Lambda-Runtime-Function-Error-Type\r\n\r\n"
)


async def test_a_streamed_answer_is_passed_on_as_it_comes(running, place):
    _, listener, _ = place
    running.raw(f"{STREAM}2\r\nab\r\n".encode())
    await listener.heard.wait()
    assert listener.told == [(ID, "text/plain", b"ab")]

    running.raw(b"1\r\nc\r\n0\r\n\r\n")
    assert await running.reply() == OK
    assert listener.told[1:] == [
        (ID, "text/plain", b"c"),
        RuntimeAnswer(ID, "response", b"", 3, "text/plain", streamed=True),
    ]


async def test_a_streamed_answer_may_fail_after_its_first_byte(running, place):
    _, listener, _ = place
    running.raw(
        f"{STREAM}2\r\nab\r\n0\r\nLambda-Runtime-Function-Error-Type: Late.Error\r\n"
        f"Lambda-Runtime-Function-Error-Body: e30=\r\n\r\n".encode()
    )
    assert await running.reply() == OK
    ended = RuntimeAnswer(ID, "error", b"{}", 2, "text/plain", "Runtime.Unknown", streamed=True)
    assert listener.told == [(ID, "text/plain", b"ab"), ended]


async def test_a_streamed_answer_is_passed_on_up_to_its_limit(running, place):
    _, listener, _ = place
    piece = "c8\r\n" + "x" * 200 + "\r\n"
    running.raw(f"{STREAM}{piece * 3}0\r\n\r\n".encode())
    assert (await running.reply())[0] == 413
    *parts, ended = listener.told
    assert sum(len(part) for _, _, part in parts) == STREAMED_LIMIT
    assert (ended.size, ended.too_large, ended.streamed) == (600, True, True)


async def test_while_an_answer_is_streamed_nothing_else_is_an_answer(running, place):
    _, listener, connect = place
    running.raw(f"{STREAM}2\r\nab\r\n".encode())
    await listener.heard.wait()
    other = await connect()
    assert (await other.ask("POST", RESPONSE))[0] == 403
    assert (await other.ask("GET", NEXT))[0] == 403


async def test_a_host_that_is_behind_holds_a_streamed_answer_up(running, place):
    api, listener, _ = place
    listener.has_room = False
    running.raw(f"{STREAM}2\r\nab\r\n".encode())
    await listener.heard.wait()
    running.raw(b"1\r\nc\r\n0\r\n\r\n")
    await settled(running)
    assert len(listener.told) == 1

    api.host_has_room()
    assert await running.reply() == OK


async def test_a_failed_init_is_told(place):
    _, listener, connect = place
    client = await connect()

    assert await client.ask("POST", INIT_ERROR, "{}", Lambda_Runtime_Function_Error_Type="Runtime.Foo") == OK
    assert listener.told == [("Runtime.Foo", b"{}")]
    assert await client.ask("POST", INIT_ERROR) == forbidden("InitError", "InitError")
    assert await client.ask("GET", NEXT) == forbidden("InitError", "Ready")


async def test_an_init_cannot_fail_any_more_once_it_is_done(running):
    assert await running.ask("POST", INIT_ERROR) == forbidden("Running", "InitError")


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", f"{ROOT}/ping", 200, "pong"),
        ("POST", f"{ROOT}/ping", 405, ""),
        ("POST", NEXT, 405, ""),
        ("GET", RESPONSE, 405, ""),
        ("GET", INIT_ERROR, 405, ""),
        ("GET", f"{ROOT}/runtime/restore/next", 404, "404 page not found\n"),
        ("POST", f"{ROOT}/runtime/restore/error", 404, "404 page not found\n"),
        ("GET", "/", 404, "404 page not found\n"),
        ("GET", f"{ROOT}/runtime/invocation/", 404, "404 page not found\n"),
        ("POST", "/2020-01-01/elsewhere", 404, "404 page not found\n"),
        ("POST", "/2022-07-01/telemetry", 405, ""),
        ("GET", "/2020-08-15/logs", 405, ""),
        ("GET", METADATA, 401, ""),
        ("POST", METADATA, 405, ""),
    ],
)
async def test_every_other_path_has_its_answer(place, method, path, status, body):
    _, _, connect = place

    assert await (await connect()).ask(method, path) == (status, body)


async def test_whoever_shows_the_token_is_told_the_availability_zone(place):
    """Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-metadata-endpoint.html."""
    _, _, connect = place
    client = await connect()
    told = metadata.variables("127.0.0.1:9001")
    client.send("GET", METADATA, Authorization=f"Bearer {told['AWS_LAMBDA_METADATA_TOKEN']}")

    head = (await client.reader.readuntil(b"\r\n\r\n")).decode()
    assert "\r\nCache-Control: private, max-age=43200, immutable\r\n" in head
    assert await client.reader.readline() == b'{"AvailabilityZoneID":"use1-az1"}\n'


async def test_an_answer_that_names_another_attempt_is_refused(place):
    """A client need not send the id of the attempt back; one that does is held to it."""
    api, listener, connect = place
    client = await connect()
    client.send("GET", NEXT)
    api.offer(ID, {"Lambda-Runtime-Invocation-Id": "second"}, b"{}")
    await client.reply()
    listener.told.clear()

    refused = await client.ask("POST", RESPONSE, "1", Lambda_Runtime_Invocation_Id="first")
    assert refused == (400, '{"errorMessage":"Invalid invocation ID","errorType":"InvalidInvocationId"}\n')
    assert listener.told == []
    assert await client.ask("POST", RESPONSE, "1", Lambda_Runtime_Invocation_Id="second") == OK


async def test_a_body_that_breaks_off_is_said_to_be_truncated(running, place):
    _, listener, _ = place
    running.raw(f"POST {RESPONSE} HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf".encode())
    running.writer.write_eof()

    assert await running.reply() == (
        400,
        '{"errorMessage":"HTTP request detected as truncated","errorType":"TruncatedHTTPRequest"}\n',
    )
    assert listener.told == []


async def test_what_is_no_http_is_refused_and_hung_up_on(place):
    _, _, connect = place
    client = await connect()
    client.raw(b"\x16\x03\x01 not http at all\r\n\r\n")

    assert (await client.reply())[0] == 400
    assert await client.reader.read() == b""


async def test_a_client_that_waits_to_be_told_is_told(running):
    running.raw(f"POST {RESPONSE} HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n".encode())
    assert await running.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    running.raw(b"{}")

    assert await running.reply() == OK


async def test_requests_sent_ahead_of_an_event_are_answered_in_turn(place):
    api, listener, connect = place
    client = await connect()
    answer = f"POST {RESPONSE} HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}"
    client.raw(f"GET {NEXT} HTTP/1.1\r\n\r\n{answer}".encode())
    await settled(client)
    assert listener.told == ["ready"]

    api.offer(ID, {}, b"event")

    assert [await client.reply(), await client.reply()] == [(200, "event"), OK]


async def test_a_client_that_hangs_up_while_it_waits_loses_no_event(place):
    api, _, connect = place
    first = await connect()
    first.send("GET", NEXT)
    await settled(first)
    first.writer.close()
    async with asyncio.timeout(10):
        while api.runtime_waits:  # noqa: ASYNC110 - the loop has to see the hang-up in between
            await asyncio.sleep(0)

    api.offer(ID, {}, b"event")

    assert await (await connect()).ask("GET", NEXT) == (200, "event")


async def test_only_so_many_connections_are_held(place):
    _, _, connect = place
    clients = [await connect() for _ in range(70)]
    for client in clients:
        client.send("GET", f"{ROOT}/ping")
    replies = await asyncio.gather(*(client.reply() for client in clients), return_exceptions=True)

    assert sum(reply == (200, "pong") for reply in replies) == 64


async def test_a_client_that_asks_and_never_reads_is_not_remembered_for_ever(place):
    api, _, connect = place
    api.renew(6 << 20)
    client = await connect()
    client.send("GET", NEXT)
    api.offer(ID, {}, b"x" * (6 << 20))
    client.raw(f"GET {NEXT} HTTP/1.1\r\n\r\n".encode() * 1000)
    await settled(client)

    assert not api.over_budget()


async def test_a_new_runtime_starts_from_the_beginning(running, place):
    api, _, connect = place

    api.renew(LIMIT)

    assert await running.reader.read() == b""
    assert await (await connect()).ask("POST", RESPONSE) == INVALID_ID
