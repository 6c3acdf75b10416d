"""A live session: requests that come from outside are served as those of steps, and become steps when it ends."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from sandbox_runner import limits
from sandbox_runner.clock import SystemClock
from sandbox_runner.errors import OurFailure, RunCancelled
from sandbox_runner.events.records import (
    EnvironmentTerminated,
    SessionCallers,
    SessionEnded,
    SessionExtended,
    SessionOpened,
    SessionWalked,
    StateCaptured,
)
from sandbox_runner.live.callers import CallersBy
from sandbox_runner.live.http import HttpPart, HttpRequest
from sandbox_runner.live.visitors import Visit, Visitors
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.model import InvokeStep
from sandbox_runner.scenario.service_steps import IdleStep, InitializeStep, RecycleStep
from tests.builders import scenario
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, SandboxVanishes, Streams, TakesForever

PRELUDE = b'{"statusCode": 201, "headers": {"x-made": "yes"}, "cookies": ["a=b"]}'
HTTP = "application/vnd.awslambda.http-integration-response"
STREAMS = {
    "plain": Streams((b"ab", b"c"), content_type="text/plain"),
    "http": Streams((PRELUDE, b"\0" * 4, b"\0" * 4 + b"ab", b"c"), content_type=HTTP),
    "late": Streams((b"ab",), fails="LateError"),
    "exit": Streams((b"ab",), ends=False),
    "bare": Streams((PRELUDE,), content_type=HTTP),
    "malformed": Streams((b'["' + b"\0" * 8, b"c"), content_type=HTTP),
}


def warm_start(event, runtime):
    """The talk's: what the first request sent is answered to the second."""
    before = runtime.globals.get("message")
    asked = event.get("queryStringParameters", {})
    if asked.get("stream"):
        return STREAMS[asked["stream"]]
    runtime.globals["message"] = before or asked.get("message")
    if asked.get("fail") == "vanish":
        raise SandboxVanishes
    if asked.get("fail") == "exit":
        raise RuntimeExits("exit status 1")
    if asked.get("fail") == "timeout":
        raise TakesForever
    return {
        "statusCode": 200,
        "headers": {"content-type": "text/plain"},
        "body": f"warm, {before}" if before else "cold",
    }


def visitors(**varied):
    return Visitors(**{"idle_s": 60.0, "total_s": 600.0, "at_most_s": 1000.0, **varied})


class Session:
    """A session that is played; ``ask`` is a client."""

    def __init__(self, who):
        self.visitors = who

    async def hear(self, query, headers=(), method="GET"):
        """Everything that a client is told of one request."""
        heard, over = [], asyncio.Event()

        def tell(told):
            heard.append(told)
            if told.is_last:
                over.set()

        self.visitors.come(Visit(HttpRequest(method, "/", query, headers, b"", "203.0.113.7"), tell))
        await over.wait()
        return heard

    async def ask(self, query="", *, caller="", body=b"", headers=()):
        loop = asyncio.get_running_loop()
        answered = loop.create_future()
        request = HttpRequest("POST" if body else "GET", "/", query, headers, body, "203.0.113.7")
        taken = self.visitors.come(Visit(request, answered.set_result, caller))
        return await answered if taken else None


class Heard(list):
    """Events; tells of the first of one kind."""

    def __init__(self, kind):
        self.kind = kind

    def append(self, event):
        super().append(event)
        if isinstance(event.record, self.kind):
            self.tell()


@asynccontextmanager
async def session(who=None, *, proves=False, events=None, **function):
    """Play one; what is yielded has ``result`` afterwards."""
    who = who or visitors()
    backend = FakeBackend(FakeFunction(warm_start), SystemClock())
    settings = {name: function.pop(name) for name in ("reserved_concurrency", "spin_down_after") if name in function}
    asked = scenario(**function).model_copy(update=settings)
    here = Session(who)
    playing = asyncio.ensure_future(
        play(
            asked,
            backend,
            clock=SystemClock(),
            sink=None if events is None else events.append,
            options=RunOptions(prove=proves, visitors=who),
        )
    )
    try:
        yield here
        who.come("end")
        here.result = await playing
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


async def test_the_talks_two_requests_are_answered_cold_and_warm_and_found_to_leak():
    async with session(proves=True) as here:
        first = await here.ask("message=hoge")
        second = await here.ask("message=fuga")

    assert (first.body, second.body) == (b"cold", b"warm, hoge")
    assert [each.start for each in here.result.invocations] == ["cold", "warm"]
    assert here.result.verdict == "leak"
    assert here.result.findings[0].reader.invocation == 2


async def test_a_streamed_answer_is_told_as_it_comes():
    async with session() as here:
        first, *rest = await here.hear("stream=plain")
    assert (first.status, dict(first.headers)["content-type"], first.body) == (200, "text/plain", b"ab")
    assert rest == [HttpPart(b"c"), HttpPart(b"", is_last=True)]
    (told,) = here.result.invocations
    assert (told.response, [each.bytes for each in told.streamed.chunks]) == ("abc", [2, 1])


async def test_a_streamed_answer_may_say_status_headers_and_cookies_before_its_body():
    async with session() as here:
        first, *rest = await here.hear("stream=http")
    headers = dict(first.headers)
    assert (first.status, headers["x-made"], headers["set-cookie"], first.body) == (201, "yes", "a=b", b"ab")
    assert rest == [HttpPart(b"c"), HttpPart(b"", is_last=True)]


@pytest.mark.parametrize("query", ["", "stream=plain", "stream=http", "stream=malformed"])
async def test_an_answer_has_what_the_url_is_set_to_say_to_other_origins(query):
    async with session(url={"cors": {"allow_origins": ["*"]}}) as here:
        first, *_ = await here.hear(query, (("origin", "https://shop.example"),))
    assert dict(first.headers)["access-control-allow-origin"] == "https://shop.example"


async def test_a_preflight_reaches_no_function():
    asks = (("origin", "https://shop.example"), ("access-control-request-method", "GET"))
    async with session(url={"cors": {"allow_origins": ["*"]}}) as here:
        await here.ask()
        (answer,) = await here.hear("", asks, "OPTIONS")
    assert (answer.status, len(here.result.invocations)) == (200, 1)


@pytest.mark.parametrize("how", ["late", "exit"])
async def test_a_streamed_answer_that_fails_after_its_first_byte_is_broken_off(how):
    async with session() as here:
        first, last = await here.hear(f"stream={how}")
    assert (first.status, first.body) == (200, b"ab")
    assert last == HttpPart(b"", is_last=True, is_broken=True)
    assert here.result.invocations[0].response == "ab"
    assert here.result.invocations[0].streamed.failure


@pytest.mark.parametrize("how", ["bare", "malformed"])
async def test_a_streamed_answer_whose_head_is_no_head_is_a_bad_gateway(how):
    async with session() as here:
        (told,) = await here.hear(f"stream={how}")
    assert (told.status, told.body) == (502, b"Internal Server Error")


async def test_what_came_is_the_scenario_of_the_result():
    async with session() as here:
        await here.ask("message=hoge", caller="alice")
        await here.ask("message=fuga")

    steps = here.result.scenario.steps
    assert [type(step) for step in steps] == [InvokeStep, InvokeStep]
    assert [step.invoke.principal for step in steps] == ["alice", None]
    assert steps[0].invoke.payload["queryStringParameters"] == {"message": "hoge"}
    assert [each.principal for each in here.result.invocations] == ["alice", "request-2"]


async def test_what_no_request_does_is_done_between_requests_and_is_a_step_of_the_result():
    async with session() as here:
        await here.ask("message=a")
        here.visitors.come("recycle")
        await here.ask("message=b")
        here.visitors.come("prepare")
        here.visitors.come("freeze")
        await here.ask("message=c")

    steps = here.result.scenario.steps
    assert [type(step) for step in steps] == [
        InvokeStep,
        RecycleStep,
        InvokeStep,
        InitializeStep,
        IdleStep,
        InvokeStep,
    ]
    assert [each.start for each in here.result.invocations] == ["cold", "cold", "warm"]
    assert [each.created_by for each in here.result.environments] == ["request", "request", "proactive"]
    last, before = here.result.events[-1], here.result.events[0]
    assert last.service_at_us - before.service_at_us >= limits.LIVE_FREEZE_S * 1_000_000


@pytest.mark.parametrize(("wish", "outcome"), [("crash", Outcome.RUNTIME_EXIT), ("timeout", Outcome.TIMEOUT)])
async def test_the_next_request_meets_the_fault_that_is_asked_for_and_no_other_does(wish, outcome):
    async with session(proves=True, timeout_s=1) as here:
        await here.ask("message=a", caller="alice")
        here.visitors.come(wish)
        met = await here.ask("message=b", caller="alice")
        after = await here.ask("message=c", caller="alice")

    assert (met.status, after.body) == (502, b"cold")
    assert [each.outcome for each in here.result.invocations] == [Outcome.SUCCESS, outcome, Outcome.SUCCESS]
    assert [each.invoke.fault for each in here.result.scenario.steps] == [None, wish, None]
    # Replayed, it meets the same: nothing of its answer depends on what was before.
    assert here.result.verdict not in ("leak", "history-dependent")


async def test_an_asynchronous_request_meets_no_fault_and_leaves_it_to_the_next():
    async with session() as here:
        here.visitors.come("crash")
        path = "/aws/2015-03-31/functions/holdover/invocations"
        headers = (("x-amz-invocation-type", "Event"),)
        loop = asyncio.get_running_loop()
        accepted = loop.create_future()
        here.visitors.come(Visit(HttpRequest("POST", path, "", headers, b"{}", "203.0.113.7"), accepted.set_result))
        assert (await accepted).status == 202
        assert (await here.ask("message=b")).status == 502
    assert [each.invoke.fault for each in here.result.scenario.steps] == [None, "crash"]


async def test_what_an_environment_holds_is_told_after_each_request_and_is_no_evidence():
    walked = asyncio.Queue()
    events = Heard(SessionWalked)
    events.tell = lambda: walked.put_nowait(events[-1])
    async with session(proves=True, events=events) as here:
        await here.ask("message=hoge", caller="alice")
        seen = [await walked.get(), await walked.get()]
        await here.ask("message=fuga", caller="bob")
        seen.append(await walked.get())

    assert [each.record.state.after_index for each in seen] == [0, 1, 2]
    assert [leaf.value for leaf in seen[1].record.state.leaves] == ["hoge"]
    # The verdict has walks of its own, which were made when the session was over.
    over = next(at for at, each in enumerate(events) if isinstance(each.record, SessionEnded))
    assert {at > over for at, each in enumerate(events) if isinstance(each.record, StateCaptured)} == {True}


async def test_callers_are_told_apart_as_the_holder_of_the_session_says():
    async with session() as here:
        await here.ask("user=a&message=a")
        here.visitors.come(CallersBy("query", "user"))
        await here.ask("user=a&message=b")
        await here.ask("user=b&message=c", caller="named")
    assert [each.principal for each in here.result.invocations] == ["request-1", "a", "named"]
    rules = [each.record for each in here.result.events if isinstance(each.record, SessionCallers)]
    assert [(each.by, each.name) for each in rules] == [("query", "user")]


async def test_nobody_who_comes_later_is_served():
    async with session() as here:
        await here.ask("message=a")
    assert await here.ask("message=b") is None
    assert len(here.result.invocations) == 1


@pytest.mark.parametrize(("limit", "why"), [("idle_s", "idle"), ("total_s", "total")])
async def test_a_session_ends_at_its_limits(limit, why):
    who = visitors(**{limit: 0.3})
    async with session(who) as here:
        await here.ask("message=a")
        await asyncio.to_thread(who.over.wait)
    ended = [each.record for each in here.result.events if isinstance(each.record, SessionEnded)]
    assert [each.why for each in ended] == [why]


async def test_a_session_is_extended_up_to_its_most():
    who = visitors(total_s=400.0)
    async with session(who) as here:
        who.come("extend")
        who.come("extend")
        await here.ask("message=a")
    records = [each.record for each in here.result.events]
    assert [each.total_s for each in records if isinstance(each, SessionOpened)] == [400.0]
    assert [each.total_s for each in records if isinstance(each, SessionExtended)] == [800.0, 1000.0]


async def test_a_session_has_as_many_requests_as_may_be_steps(monkeypatch):
    monkeypatch.setattr(limits, "LIVE_REQUESTS_MAX", 3)
    async with session() as here:
        answers = [await here.ask(f"message={number}") for number in range(3)]
        await asyncio.to_thread(here.visitors.over.wait)
    assert [each.status for each in answers] == [200, 200, 200]
    assert [each.record.why for each in here.result.events if isinstance(each.record, SessionEnded)] == ["requests"]


async def test_a_payload_over_the_limit_gets_413_and_is_listed():
    async with session() as here:
        answer = await here.ask(body=b"x" * limits.REQUEST_BYTES_MAX)
    assert answer.status == 413
    assert [each.outcome for each in here.result.invocations] == [Outcome.REQUEST_TOO_LARGE]


async def test_what_is_over_the_reserved_concurrency_gets_429():
    async with session(reserved_concurrency=0) as here:
        answer = await here.ask("message=a")
    assert answer.status == 429
    assert [each.outcome for each in here.result.invocations] == [Outcome.THROTTLED]


@pytest.mark.parametrize("how", ["exit", "timeout"])
async def test_a_function_that_fails_is_502_and_the_next_request_is_served(how):
    async with session() as here:
        failed = await here.ask(f"message=a&fail={how}")
        after = await here.ask("message=b")
    assert (failed.status, after.status, after.body) == (502, 200, b"cold")
    assert here.result.invocations[1].start == "suppressed-init"


async def test_an_environment_ends_when_nobody_used_it_for_as_long_as_the_scenario_says():
    ended, events = asyncio.Event(), Heard(EnvironmentTerminated)
    events.tell = ended.set
    async with session(events=events, spin_down_after=0.05) as here:
        await here.ask("message=a")
        await ended.wait()
        after = await here.ask("message=b")
    assert after.body == b"cold"
    assert [each.start for each in here.result.invocations] == ["cold", "cold"]


async def test_a_sandbox_that_is_lost_ends_the_session_and_leaves_nobody_waiting():
    answers = []

    async def lost():
        async with session() as here:
            answers.append(await here.ask("message=a&fail=vanish"))

    with pytest.raises(OurFailure):
        await lost()
    assert [each.status for each in answers] == [410]


async def test_a_session_without_a_request_has_no_result():
    with pytest.raises(RunCancelled):
        async with session():
            pass


async def test_a_credential_reaches_the_function_and_nothing_that_is_kept():
    events = []
    secret = "s3cret-token-of-alice"
    async with session(events=events) as here:
        await here.ask("message=a", headers=(("authorization", f"Bearer {secret}"), ("cookie", f"sid={secret}2")))

    kept = json.dumps([here.result.to_json(), [each.to_json() for each in events]])
    assert secret not in kept
    assert here.result.scenario.steps[0].invoke.payload["headers"]["authorization"] == "Bearer [credential 1]"
    assert here.result.scenario.steps[0].invoke.payload["cookies"] == ["sid=[credential 2]"]


async def test_a_query_of_thousands_of_names_ends_no_session():
    async with session() as here:
        answer = await here.ask("&".join(f"n{number}=1" for number in range(3_000)))
        after = await here.ask("message=b")
    assert (answer.status, after.status) == (200, 200)
