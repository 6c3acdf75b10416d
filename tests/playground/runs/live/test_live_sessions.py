"""A session from the address to the worker and back: the door, the relay and the worker's half, over a real broker."""

import asyncio
import threading

import pytest
from django.db import connection
from redis.asyncio import Redis as AsyncRedis

from playground.experiments.live_session import LiveSession
from playground.experiments.models import Run, Status
from playground.infrastructure import redis_client
from playground.runs import execution, recovery
from playground.runs.live import relay
from playground.runs.live.door import AT_ONCE, AT_ONCE_IN_ALL, BODY_S, LiveDoor
from playground.runs.live_stream import read_live
from sandbox_runner.clock import SystemClock
from sandbox_runner.events.records import SessionOpened
from sandbox_runner.live.http import HttpAnswer, HttpPart
from sandbox_runner.run.engine import Engine
from tests.fakes.backend import FakeBackend, FakeFunction
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db(transaction=True)]


def warm_start(event, runtime):
    before = runtime.globals.get("message")
    runtime.globals["message"] = before or event.get("queryStringParameters", {}).get("message")
    return {
        "statusCode": 200,
        "headers": {"content-type": "text/plain"},
        "body": f"warm, {before}" if before else "cold",
    }


class Played:
    """A session that a worker plays on a thread of its own."""

    def __init__(self, engine):
        self.run = a_run()
        self.session = LiveSession.objects.create(run=self.run, client="")
        self.worker = execution.Worker("test", engine)
        self.thread = threading.Thread(target=self._play)

    def _play(self):
        try:
            execution.execute(self.run.id, self.worker)
        finally:
            connection.close()

    def begin(self):
        """Return once it takes requests."""
        self.thread.start()
        while not any(
            isinstance(each.record, SessionOpened) for each in read_live(redis_client.redis(), self.run.id).events
        ):
            assert self.thread.is_alive()
        while not redis_client.redis().exists(relay.lease_key(self.session.address)):
            assert self.thread.is_alive()

    def end(self):
        """Return what is stored once it is over."""
        relay.send(redis_client.redis(), self.session.address, relay.Message(wish="end"))
        self.thread.join()
        return Run.objects.get(pk=self.run.pk)

    def ask(self, target="", **varied):
        return asyncio.run(asked(f"/live/{self.session.address}/{target}", **varied))


@pytest.fixture
def session():
    backend = FakeBackend(FakeFunction(warm_start), SystemClock())
    engine = Engine(backend=backend, clock=SystemClock(), pool=False)
    played = Played(engine)
    yield played
    if played.thread.is_alive():
        execution.release_all(played.worker)
        played.thread.join()
    engine.close()


async def nothing_else(_scope, _receive, _send):
    raise AssertionError("the request was passed on")


async def asked(target, *, method="GET", headers=(), body=(b"",), leaves=False, stalls=False, door=None):
    """The status, headers and body that the door answers with; to a client that ``stalls``, soon."""
    path, _, query = target.partition("?")
    pending = [{"type": "http.request", "body": part, "more_body": True} for part in body]
    pending[-1]["more_body"] = stalls
    told = []

    async def receive():
        if pending:
            return pending.pop(0)
        if not leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message):
        told.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("203.0.113.7", 1),
        "http_version": "1.1",
    }
    await (door or LiveDoor(nothing_else, body_s=0.01 if stalls else BODY_S))(scope, receive, send)
    if not told:
        return None
    start, *parts = told
    headers = [(name.decode(), value.decode()) for name, value in start["headers"]]
    body = b"".join(each["body"] for each in parts)
    return start["status"], headers, body if not parts[-1]["more_body"] else (body, "and no end")


def test_two_requests_are_answered_and_what_came_is_a_run_of_a_revision_of_its_own(session):
    session.begin()
    first = session.ask("?message=hoge")
    second = session.ask("?message=fuga", headers=[("X-Holdover-Caller".lower(), "bob")])
    run = session.end()

    assert [(first[0], first[2]), (second[0], second[2])] == [(200, b"cold"), (200, b"warm, hoge")]
    assert (run.status, run.verdict) == (Status.FINISHED, "leak")
    assert [each.principal for each in run.result.invocations] == ["request-1", "bob"]
    assert (run.revision.number, run.revision.parent_id) == (2, session.run.revision_id)
    assert run.revision.scenario == run.result.scenario


def test_after_the_end_the_address_is_nobodys(session):
    session.begin()
    session.ask("?message=hoge")
    session.end()

    assert session.ask("?message=fuga")[0] == 404


def test_a_session_without_a_request_is_cancelled(session):
    session.begin()
    assert session.end().status == Status.CANCELLED


def test_a_worker_that_stops_ends_the_session_and_what_came_stays(session):
    session.begin()
    session.ask("?message=hoge")
    execution.release_all(session.worker)
    session.thread.join()

    run = Run.objects.get(pk=session.run.pk)
    assert run.status == Status.FAILED
    assert "live session is gone" in run.failure_sentence
    assert [each.record.index for each in run.observed_events if each.record.type == "request.answered"] == [1]


def test_a_worker_that_died_ends_the_session_and_what_the_stream_has_stays(session):
    session.begin()
    session.ask("?message=hoge")
    Run.objects.filter(pk=session.run.pk).update(claimed_by="dead")
    session.thread.join()
    now = [0.0]
    sweeper = recovery.Sweeper(clock=lambda: now[0])
    sweeper.sweep()
    for _ in range(5):
        now[0] += recovery.GAP_MAX_S
        sweeper.sweep()

    run = Run.objects.get(pk=session.run.pk)
    assert run.status == Status.FAILED
    assert "live session is gone" in run.failure_sentence
    assert [each.record.index for each in run.observed_events if each.record.type == "request.answered"] == [1]


def test_what_a_slow_broker_hands_to_a_worker_is_not_lost():
    broker, address = redis_client.redis(), "s" * 32
    relay.hold(broker, address, "a worker")
    relay.send(broker, address, relay.Message(wish="end"))
    broker.client_pause(1_200)
    with redis_client.taking_redis() as reader:
        assert relay.receive(reader, address, 0.5).wish == "end"


# --- the door alone -----------------------------------------------------------------------------------------------


class Function:
    """Answers at an address as a worker would."""

    def __init__(self, *answers):
        self.address = "a" * 32
        self.answers = answers
        self.seen = []

    async def ask(self, **varied):
        broker = AsyncRedis.from_url(redis_client.settings.HOLDOVER.redis_url)
        try:
            await broker.set(relay.lease_key(self.address), "x", ex=60)
            answering = asyncio.ensure_future(self._answer(broker))
            found = await asked(f"/live/{self.address}/", **varied)
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
            return found
        finally:
            await broker.aclose()

    async def _answer(self, broker):
        _, sent = await broker.blpop([relay.inbox_key(self.address)])
        message = relay.Message.of_bytes(sent)
        self.seen.append(message)
        for each in self.answers:
            await broker.rpush(relay.answer_key(message.ask), each.to_bytes())


def function(status=200, headers=(), body=b""):
    return Function(HttpAnswer(status, headers, body))


def streaming(*parts):
    return Function(HttpAnswer(200, (), b"ab", is_whole=False), *parts)


def test_a_streamed_answer_has_no_length_and_all_its_parts():
    _, headers, body = asyncio.run(streaming(HttpPart(b"c"), HttpPart(b"d", is_last=True)).ask())
    assert "content-length" not in dict(headers)
    assert body == b"abcd"


@pytest.mark.parametrize(
    "end", [HttpPart(b"", is_last=True, is_broken=True), HttpAnswer(410, (), b"gone")], ids=["broken-off", "gone"]
)
def test_a_streamed_answer_that_breaks_off_is_left_without_its_end(end):
    assert asyncio.run(streaming(end).ask())[2] == (b"ab", "and no end")


def test_a_function_gets_no_cookie_of_the_site():
    asking = function()
    cookies = "sessionid=a; theirs=b; csrftoken=c; holdover_browser=d; django_language=ja"
    asyncio.run(asking.ask(headers=[("cookie", cookies)]))
    assert asking.seen[0].request.header("cookie") == "theirs=b"


def test_a_browser_shows_an_answer_in_a_sandbox_whatever_the_function_says():
    said = [
        ["content-type", "text/html"],
        ["content-security-policy", "default-src *"],
        ["x-frame-options", "ALLOWALL"],
        ["clear-site-data", '"*"'],
        ["service-worker-allowed", "/"],
        ["strict-transport-security", "max-age=0"],
    ]
    _, headers, _ = asyncio.run(function(headers=said).ask())
    names = [name for name, _ in headers]
    assert dict(headers)["content-security-policy"] == "sandbox; frame-ancestors 'none'"
    assert dict(headers)["x-content-type-options"] == "nosniff"
    assert len(names) == len(set(names))
    assert not {"clear-site-data", "service-worker-allowed", "strict-transport-security"} & set(names)


def test_a_cookie_of_the_function_holds_at_its_address_alone():
    _, headers, _ = asyncio.run(
        function(headers=[["set-cookie", "sessionid=x; Path=/; Domain=example.com; HttpOnly"]]).ask()
    )
    assert dict(headers)["set-cookie"] == f"sessionid=x; HttpOnly; Path=/live/{'a' * 32}/"


@pytest.mark.parametrize(
    ("varied", "status"),
    [
        ({"headers": [("content-length", str(7 * 1024 * 1024))]}, 413),
        ({"body": (b"x" * 4 * 1024 * 1024, b"x" * 4 * 1024 * 1024)}, 413),
        ({"body": (b"x",), "stalls": True}, 408),
        ({"headers": [("x", "y" * 70_000)]}, 431),
        ({"headers": [("x-holdover-caller", "c" * 65)]}, 400),
        ({"headers": [("x-holdover-caller", "a\tb")]}, 400),
    ],
    ids=["says-it-is-large", "is-large", "never-ends", "headers", "long-caller", "unprintable-caller"],
)
def test_what_is_too_much_reaches_no_function(varied, status):
    asking = function()
    assert asyncio.run(asking.ask(**varied))[0] == status
    assert not asking.seen


@pytest.mark.parametrize(
    ("sessions", "refused"),
    [(1, ["a"]), (AT_ONCE_IN_ALL // AT_ONCE, ["a", "z"])],
    ids=["of-one-session", "in-all"],
)
def test_more_requests_at_once_than_are_taken_are_refused(sessions, refused):
    async def told():
        door = LiveDoor(nothing_else)
        addresses = [chr(ord("a") + number) * 32 for number in range(sessions)]
        broker = AsyncRedis.from_url(redis_client.settings.HOLDOVER.redis_url)
        for address in addresses:
            await broker.set(relay.lease_key(address), "x", ex=60)
        await broker.aclose()
        waiting = [asyncio.ensure_future(asked(f"/live/{each}/", door=door)) for each in addresses * AT_ONCE]
        await asyncio.sleep(0)
        answers = {each: (await asked(f"/live/{each * 32}/", door=door))[0] for each in "az"}
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return answers

    answers = asyncio.run(told())
    assert [each for each, status in answers.items() if status == 429] == refused


def test_a_client_that_leaves_is_not_answered_and_its_request_was_sent():
    asking = Function()
    assert asyncio.run(asking.ask(leaves=True)) is None


def test_a_head_request_has_the_length_and_no_body():
    status, headers, body = asyncio.run(function(body=b"abc").ask(method="HEAD"))
    assert (status, dict(headers)["content-length"], body) == (200, "3", b"")


@pytest.mark.parametrize(
    "path", ["/live/", "/live/short", f"/live/{'a' * 33}/", f"/live/{'a' * 31}%2f/", f"/live/{'b' * 32}/"]
)
def test_an_address_that_is_no_session_is_not_found(path):
    assert asyncio.run(asked(path))[0] == 404


def test_an_upgrade_is_closed():
    told = []

    async def upgraded():
        async def receive():
            return {"type": "websocket.connect"}

        async def send(message):
            told.append(message)

        await LiveDoor(nothing_else)({"type": "websocket", "path": "/live/x"}, receive, send)

    asyncio.run(upgraded())
    assert told == [{"type": "websocket.close"}]


def test_a_broker_that_is_away_is_said(broker_away):
    assert asyncio.run(asked(f"/live/{'a' * 32}/"))[0] == 503
