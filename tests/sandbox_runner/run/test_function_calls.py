"""Lambda's API as a function reaches it: invocations of other functions, played on the same service and clock."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest

from sandbox_runner import limits
from sandbox_runner.account.base import AwsRequest
from sandbox_runner.environment.guest_link import Serving
from sandbox_runner.errors import SandboxLost
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import RequestArrived, RequestDelivered, ServiceWaited
from sandbox_runner.projections.invocations import invocation_results
from sandbox_runner.projections.log import log_entries
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.function_calls import FunctionCalls
from sandbox_runner.scenario.reader import parse_scenario
from sandbox_runner.service.function_service import IncomingRequest
from sandbox_runner.service.service import LambdaService
from tests.builders import a_function
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, SandboxVanishes

PATH = "/2015-03-31/functions/{}/invocations"
STEPS = [{"invoke": {"function": "front", "payload": 1, "as": "alice"}}]


def echoed(event, runtime):
    """A handler that answers with what it was given."""
    runtime.log(f"got {event}")
    if event == "fail":
        raise ValueError("no")
    if event == "vanish":
        raise SandboxVanishes
    if event == "exit":
        raise RuntimeExits("exit status 1")
    return {"got": event}


class World:
    """A service of two functions whose first has served a request of alice's, which may now call the other."""

    def __init__(self, **worker):
        functions = {"front": a_function(), "worker": {**a_function(), **worker}}
        self.scenario = parse_scenario({"version": 2, "functions": functions, "account": {}, "steps": STEPS})
        self.backend = FakeBackend(FakeFunction(echoed))
        self.log = EventLog(self.backend.clock)
        self.service = LambdaService(self.scenario, self.backend, self.log, self.backend.clock, owner="test")
        self.calls = FunctionCalls(self.scenario, self.log, self.service.called)

    async def __aenter__(self):
        await self.service.prepare()
        await self.service.invoke([IncomingRequest(*each) for each in self.scenario.requests()])
        return self

    async def __aexit__(self, *_):
        await self.service.destroy()
        assert self.backend.alive == {}

    async def ask(self, payload="{}", name="worker", by=1, **headers):
        """One call of a request's."""
        told = tuple((f"X-Amz-{key.replace('_', '-')}", value) for key, value in headers.items())
        body = payload if isinstance(payload, bytes) else payload.encode()
        request = AwsRequest("POST", PATH.format(name), told, body)
        return await self.calls.answer(request, Serving(by, "id") if by else None)

    @property
    def rows(self):
        """The attempts at every request."""
        settings = None
        return invocation_results(self.scenario, self.log.events, log_entries(self.log.events, settings))

    @property
    def made(self):
        """The requests that functions made."""
        arrived = (each.record for each in self.log.events if isinstance(each.record, RequestArrived))
        return [each for each in arrived if each.called_by is not None]


def header(answer, name):
    """A header's value; nothing without it."""
    return dict(answer.headers).get(name)


async def test_a_function_gets_the_answer_of_the_one_that_it_invokes():
    async with World() as world:
        answer = await world.ask('{"n": 7}')

        assert (answer.status, answer.body) == (200, b'{"got": {"n": 7}}')
        assert header(answer, "x-amz-executed-version") == "$LATEST"
        assert header(answer, "x-amz-function-error") is None
        assert header(answer, "x-amzn-requestid") == world.rows[-1].request_id


async def test_the_request_counts_on_is_made_for_the_same_caller_and_has_an_environment_of_its_own_function():
    async with World() as world:
        await world.ask('{"n": 7}')
        await world.ask('{"n": 8}', by=2)

        front, *made = world.rows
        assert [(each.index, each.called_by, each.principal, each.function, each.payload) for each in made] == [
            (2, 1, "alice", "worker", '{"n":7}'),
            (3, 2, "alice", "worker", '{"n":8}'),
        ]
        assert front.environment != made[0].environment == made[1].environment
        assert [each.start for each in made] == ["cold", "warm"]


async def test_a_call_of_module_code_is_nobody_s():
    async with World() as world:
        await world.ask(by=None)

        assert [(each.called_by, each.principal) for each in world.made] == [(0, "request-2")]


@pytest.mark.parametrize(
    ("payload", "error_type", "outcome"),
    [('"fail"', "ValueError", Outcome.FUNCTION_ERROR), ('"exit"', "Runtime.ExitError", Outcome.RUNTIME_EXIT)],
)
async def test_an_error_of_the_function_s_comes_with_status_200_and_a_header(payload, error_type, outcome):
    async with World() as world:
        answer = await world.ask(payload)

        assert (answer.status, header(answer, "x-amz-function-error")) == (200, "Unhandled")
        assert json.loads(answer.body)["errorType"] == error_type
        assert world.rows[-1].outcome == outcome


async def test_the_tail_of_the_log_comes_if_it_is_asked_for():
    async with World() as world:
        answer = await world.ask('"hoge"', Log_Type="Tail")
        without = await world.ask('"hoge"')

        tail = base64.b64decode(header(answer, "x-amz-log-result")).decode()
        assert "got hoge\n" in tail
        assert tail.startswith("START RequestId: ")
        assert "REPORT RequestId: " in tail
        assert header(without, "x-amz-log-result") is None


async def test_an_event_is_accepted_at_once_and_retried_by_the_service_with_one_id():
    async with World() as world:
        answer = await world.ask('"fail"', Invocation_Type="Event")
        assert (answer.status, answer.body) == (202, b"")

        await world.service.drain()

        rows = world.rows[1:]
        assert [(each.attempt, each.called_by, each.outcome) for each in rows] == [
            (number, 1, Outcome.FUNCTION_ERROR) for number in (1, 2, 3)
        ]
        assert {each.request_id for each in rows} == {header(answer, "x-amzn-requestid")}


async def test_an_event_that_ends_well_is_delivered():
    async with World() as world:
        await world.ask('"hoge"', Invocation_Type="Event")
        await world.service.drain()

        (record,) = (each.record for each in world.log.events if isinstance(each.record, RequestDelivered))
        assert record.destination["requestPayload"] == "hoge"


async def test_a_dry_run_invokes_nothing():
    async with World() as world:
        answer = await world.ask(Invocation_Type="DryRun")

        assert (answer.status, world.made) == (204, [])


@pytest.mark.parametrize(
    "name",
    [
        "worker",
        "worker:$LATEST",
        "123456789012:function:worker",
        "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aworker",
        "function:worker",
    ],
)
async def test_a_function_is_known_by_its_name_and_by_its_arn(name):
    async with World() as world:
        assert (await world.ask(name=name)).status == 200


@pytest.mark.parametrize(
    ("name", "arn"),
    [("wroker", "function:wroker"), ("worker:7", "function:worker:7"), ("worker:live", "function:worker:live")],
)
async def test_a_function_or_a_version_that_there_is_not_is_not_found(name, arn):
    async with World() as world:
        answer = await world.ask(name=name)

        assert (answer.status, header(answer, "x-amzn-errortype")) == (404, "ResourceNotFoundException")
        assert json.loads(answer.body) == {
            "Type": "User",
            "message": f"Function not found: arn:aws:lambda:us-east-1:123456789012:{arn}",
        }
        assert world.made == []


@pytest.mark.parametrize(
    ("payload", "kind", "status", "error_type"),
    [
        (b"{", "RequestResponse", 400, "InvalidRequestContentException"),
        (b"\xff", "Event", 400, "InvalidRequestContentException"),
        (b"[" * 100_000, "RequestResponse", 400, "InvalidRequestContentException"),
        (b"{}", "Later", 400, "InvalidParameterValueException"),
        (b"1" * (limits.REQUEST_BYTES_MAX + 1), "RequestResponse", 413, "RequestTooLargeException"),
        (b"1" * (limits.ASYNC_REQUEST_BYTES_MAX + 1), "Event", 413, "RequestTooLargeException"),
    ],
)
async def test_what_lambda_refuses_invokes_nothing(payload, kind, status, error_type):
    async with World() as world:
        answer = await world.ask(payload, Invocation_Type=kind)

        assert (answer.status, header(answer, "x-amzn-errortype")) == (status, error_type)
        assert world.made == []


async def test_another_operation_of_lambda_s_is_answered_as_what_holdover_has_not():
    async with World() as world:
        answer = await world.calls.answer(AwsRequest("GET", "/2015-03-31/functions/", ()), Serving(1, "id"))

        assert (answer.status, b"Holdover answers Invoke" in answer.body) == (501, True)


async def test_without_concurrency_left_it_is_throttled_and_the_reason_is_told():
    async with World(reserved_concurrency=0) as world:
        answer = await world.ask()

        assert (answer.status, header(answer, "x-amzn-errortype")) == (429, "TooManyRequestsException")
        assert json.loads(answer.body)["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
        assert world.rows[-1].outcome == Outcome.THROTTLED


async def test_functions_that_call_each_other_in_a_circle_are_stopped():
    async with World() as world:
        answers = [await world.ask(by=1 + number) for number in range(limits.RECURSION_MAX + 1)]

        assert [each.status for each in answers] == [200] * limits.RECURSION_MAX + [400]
        assert header(answers[-1], "x-amzn-errortype") == "RecursiveInvocationException"
        assert len(world.made) == limits.RECURSION_MAX


async def test_so_many_calls_in_a_run_are_played_and_the_next_is_told_why_not(monkeypatch):
    monkeypatch.setattr(limits, "CALLED_REQUESTS_MAX", 2)
    async with World() as world:
        answers = [await world.ask() for _ in range(3)]

        assert [each.status for each in answers] == [200, 200, 400]
        assert b"Holdover plays 2 invocations" in answers[-1].body


async def test_large_payloads_are_kept_for_replays_until_they_are_too_much_together(monkeypatch):
    monkeypatch.setattr(limits, "CALLED_PAYLOADS_BYTES_MAX", 600_000)
    large = json.dumps("x" * 300_000)
    async with World() as world:
        for payload in (large, large, "1"):
            await world.ask(payload)

        assert [len(each.payload) for each in world.made] == [len(large), limits.RESULT_ANSWER_BYTES_MAX, 1]
        assert [each.payload_bytes for each in world.made] == [len(large), len(large), 1]


async def test_a_run_ends_after_the_invocations_whose_caller_has_gone():
    async with World() as world:
        asking = asyncio.ensure_future(world.ask('"hoge"'))
        await asyncio.sleep(0)
        asking.cancel()
        await world.service.drain()

        assert [each.outcome for each in world.rows] == [Outcome.SUCCESS, Outcome.SUCCESS]


async def test_a_sandbox_that_is_lost_after_the_caller_has_gone_is_told_all_the_same():
    async with World() as world:
        asking = asyncio.ensure_future(world.ask('"vanish"'))
        await asyncio.sleep(0)
        asking.cancel()

        with pytest.raises(SandboxLost):
            await world.service.drain()


async def test_service_time_does_not_jump_while_an_invocation_runs_whose_caller_has_gone():
    async with World() as world:
        held = asyncio.Event()
        running = asyncio.ensure_future(_ended(held))
        world.service.called._running.add(running)

        waiting = asyncio.ensure_future(world.service.wait(600))
        for _ in range(20):
            await asyncio.sleep(0)
        jumped = [each for each in world.log.events if isinstance(each.record, ServiceWaited)]
        held.set()
        await waiting

        assert jumped == []


async def _ended(event):
    await event.wait()
