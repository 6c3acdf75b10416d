"""Lambda's API at a session's address, read and answered with botocore's own model and exceptions."""

import asyncio
import base64
import json
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from sandbox_runner import limits
from sandbox_runner.clock import SystemClock
from sandbox_runner.live.http import HttpAnswer, HttpRequest
from sandbox_runner.live.visitors import Visit, Visitors
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, Streams

ENDPOINT = "http://holdover.test/live/x/aws"
# It reads the model of Lambda's API once, for every client that it makes.
SESSION = get_session()


def handler(event, runtime):
    runtime.log(f"got {event}")
    if event == "fail":
        raise ValueError("no")
    if event == "exit":
        raise RuntimeExits("exit status 1")
    if event == "stream":
        return Streams((b"ab", b"c"), content_type="text/plain")
    if event == "late":
        return Streams((b"ab",), fails="LateError")
    if event == "set":
        return {name: runtime.environment.get(name) for name in ("STAGE", "AWS_LAMBDA_FUNCTION_NAME", "_HANDLER")}
    if event == "who":
        return runtime.headers.get("Lambda-Runtime-Client-Context")
    return {"got": event, "before": runtime.globals.setdefault("first", event)}


class Raw(BytesIO):
    """A body as botocore reads one."""

    def stream(self, **_):
        yield self.read()


class Account:
    """A client of botocore's whose requests go to a session instead of over a network."""

    def __init__(self, visitors):
        self.visitors = visitors
        self.loop = asyncio.get_running_loop()
        self.client = SESSION.create_client(
            "lambda",
            region_name="us-east-1",
            endpoint_url=ENDPOINT,
            aws_access_key_id="ASIAHOLDOVEREXAMPLE0",
            aws_secret_access_key="x" * 40,
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.client.meta.events.register("before-send.lambda", self._send)

    def _send(self, request, **_):
        path, _, query = request.url.removeprefix("http://holdover.test/live/x").partition("?")
        headers = tuple(
            (name.lower(), value.decode() if isinstance(value, bytes) else str(value))
            for name, value in request.headers.items()
        )
        body = request.body or b""
        asked = HttpRequest(
            request.method, path, query, headers, body if isinstance(body, bytes) else body.encode(), "::1"
        )
        answered = asyncio.run_coroutine_threadsafe(self._asked(asked), self.loop).result()
        return _response(answered)

    async def _asked(self, request):
        told, over = [], asyncio.Event()

        def tell(each):
            told.append(each)
            if each.is_last:
                over.set()

        assert self.visitors.come(Visit(request, tell))
        await over.wait()
        return HttpAnswer(told[0].status, told[0].headers, b"".join(each.body for each in told))

    async def call(self, operation, **parameters):
        """What an operation gives; a payload is read."""
        return await asyncio.to_thread(self._call, operation, parameters)

    def _call(self, operation, parameters):
        told = getattr(self.client, operation)(**parameters)
        if "Payload" in told:
            told["Payload"] = told["Payload"].read()
        if "EventStream" in told:
            told["EventStream"] = list(told["EventStream"])
        return told


def _response(answer):
    return AWSResponse("", answer.status, dict(answer.headers), Raw(answer.body))


@asynccontextmanager
async def account(*, proves=False, single=False, dependencies=None, **varied):
    visitors = Visitors(idle_s=60.0, total_s=600.0, at_most_s=600.0)
    functions = {"front": {**a_function(), "environment": {"STAGE": "dev"}, **varied}, "other": a_function()}
    scenario = parse_scenario({"version": 2, "functions": functions, "steps": [{"invoke": {"function": "front"}}]})
    if single:
        scenario = parse_scenario({"function": a_function(), "steps": [{"invoke": {}}]})
    backend = FakeBackend(FakeFunction(handler))
    playing = asyncio.ensure_future(
        play(
            scenario,
            backend,
            clock=SystemClock(),
            options=RunOptions(prove=proves, visitors=visitors),
            dependencies=dependencies,
        )
    )
    here = Account(visitors)
    try:
        yield here
        visitors.come("end")
        here.result = await playing
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


async def test_an_invocation_is_answered_as_by_lambda_and_is_a_step_of_the_result():
    async with account() as here:
        told = await here.call("invoke", FunctionName="front", Payload=b'{"a": 1}', LogType="Tail")

    assert (told["StatusCode"], told["ExecutedVersion"], "FunctionError" in told) == (200, "$LATEST", False)
    assert json.loads(told["Payload"])["got"] == {"a": 1}
    assert "got {'a': 1}" in base64.b64decode(told["LogResult"]).decode()
    assert here.result.scenario.steps[0].invoke.payload == {"a": 1}
    assert here.result.invocations[0].function == "front"


@pytest.mark.parametrize(("payload", "kind"), [("fail", "ValueError"), ("exit", "Runtime.ExitError")])
async def test_a_function_that_fails_is_a_function_error(payload, kind):
    async with account() as here:
        told = await here.call("invoke", FunctionName="front", Payload=json.dumps(payload).encode())
    assert (told["StatusCode"], told["FunctionError"]) == (200, "Unhandled")
    assert json.loads(told["Payload"])["errorType"] == kind


async def test_an_event_is_accepted_at_once_and_served_beside():
    async with account() as here:
        told = await here.call("invoke", FunctionName="other", InvocationType="Event", Payload=b"1")
        after = await here.call("invoke", FunctionName="other", Payload=b"2")
    assert (told["StatusCode"], told["Payload"], after["StatusCode"]) == (202, b"", 200)
    assert [each.invocation_type for each in here.result.invocations] == ["event", "sync"]
    assert {each.outcome for each in here.result.invocations} == {Outcome.SUCCESS}


async def test_a_stream_of_events_has_the_parts_of_an_answer_and_its_end():
    async with account() as here:
        told = await here.call("invoke_with_response_stream", FunctionName="front", Payload=b'"stream"', LogType="Tail")
    *chunks, complete = told["EventStream"]
    assert [each["PayloadChunk"]["Payload"] for each in chunks] == [b"ab", b"c"]
    assert (told["StatusCode"], told["ExecutedVersion"]) == (200, "$LATEST")
    assert told["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    assert set(complete["InvokeComplete"]) == {"LogResult"}
    assert "got stream" in base64.b64decode(complete["InvokeComplete"]["LogResult"]).decode()


async def test_an_answer_that_is_not_streamed_is_one_part_of_a_stream_of_events():
    async with account() as here:
        told = await here.call("invoke_with_response_stream", FunctionName="front", Payload=b"1")
    chunk, complete = told["EventStream"]
    assert json.loads(chunk["PayloadChunk"]["Payload"])["got"] == 1
    assert complete == {"InvokeComplete": {}}


@pytest.mark.parametrize(("payload", "parts", "kind"), [("late", [b"ab"], "LateError"), ("fail", [], "ValueError")])
async def test_the_end_of_a_stream_of_events_says_what_failed(payload, parts, kind):
    async with account() as here:
        asked = json.dumps(payload).encode()
        told = await here.call("invoke_with_response_stream", FunctionName="front", Payload=asked)
    *chunks, complete = told["EventStream"]
    assert [each["PayloadChunk"]["Payload"] for each in chunks] == parts
    assert complete["InvokeComplete"]["ErrorCode"] == kind
    assert json.loads(complete["InvokeComplete"]["ErrorDetails"])["errorType"] == kind


async def test_an_invocation_that_does_not_stream_gets_a_streamed_answer_as_a_whole():
    async with account() as here:
        whole = await here.call("invoke", FunctionName="front", Payload=b'"stream"')
        failed = await here.call("invoke", FunctionName="front", Payload=b'"late"')
    assert (whole["Payload"], "FunctionError" in whole) == (b"abc", False)
    assert (json.loads(failed["Payload"])["errorType"], failed["FunctionError"]) == ("LateError", "Unhandled")


async def test_a_dry_run_runs_nothing():
    async with account() as here:
        told = await here.call("invoke", FunctionName="front", InvocationType="DryRun")
        await here.call("invoke", FunctionName="front")
    assert told["StatusCode"] == 204
    assert len(here.result.invocations) == 1


async def test_a_client_context_reaches_who_is_waited_for_and_is_replayed():
    said = base64.b64encode(b'{"custom": {"who": "\xc3\xa9"}}').decode()
    async with account(proves=True) as here:
        await here.call("invoke", FunctionName="front", Payload=b"1")
        told = await here.call("invoke", FunctionName="front", Payload=b'"who"', ClientContext=said)
        await here.call("invoke", FunctionName="front", Payload=b'"who"', ClientContext=said, InvocationType="Event")

    assert json.loads(told["Payload"]) == '{"custom":{"who":"\\u00e9"}}'
    _, waited, queued = here.result.scenario.steps
    assert waited.invoke.client_context == {"custom": {"who": "é"}}
    assert (queued.invoke.client_context, here.result.invocations[2].response) == (None, "null")
    assert (here.result.verdict, here.result.findings) == ("clean", ())


async def test_functions_are_listed_and_described():
    async with account(reserved_concurrency=5) as here:
        listed = await here.call("list_functions")
        one = await here.call("get_function", FunctionName="front")
        same = await here.call("get_function_configuration", FunctionName=one["Configuration"]["FunctionArn"])
        await here.call("invoke", FunctionName="front")

    assert [each["FunctionName"] for each in listed["Functions"]] == ["front", "other"]
    assert one["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    assert {**same, "ResponseMetadata": 0} == {**one["Configuration"], "ResponseMetadata": 0}
    assert (same["Runtime"], same["MemorySize"], same["State"]) == ("python3.13", 128, "Active")
    assert same["Environment"] == {"Variables": {"STAGE": "dev"}}


async def test_reserved_concurrency_is_put_read_and_deleted_and_the_environment_stays():
    async with account() as here:
        none = await here.call("get_function_concurrency", FunctionName="front")
        await here.call("invoke", FunctionName="front", Payload=b"1")
        put = await here.call("put_function_concurrency", FunctionName="front", ReservedConcurrentExecutions=0)
        told = await here.call("get_function", FunctionName="front")
        with pytest.raises(here.client.exceptions.TooManyRequestsException):
            await here.call("invoke", FunctionName="front", Payload=b"2")
        await here.call("delete_function_concurrency", FunctionName="front")
        after = await here.call("invoke", FunctionName="front", Payload=b"3")

    assert ("ReservedConcurrentExecutions" in none, put["ReservedConcurrentExecutions"]) == (False, 0)
    assert told["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    assert json.loads(after["Payload"]) == {"got": 3, "before": 1}
    assert [type(each).__name__ for each in here.result.scenario.steps] == [
        "InvokeStep",
        "ReserveStep",
        "InvokeStep",
        "ReserveStep",
        "InvokeStep",
    ]


async def test_what_came_plays_again_with_the_concurrency_that_was_put_in_between():
    async with account() as here:
        await here.call("put_function_concurrency", FunctionName="front", ReservedConcurrentExecutions=0)
        with pytest.raises(here.client.exceptions.TooManyRequestsException):
            await here.call("invoke", FunctionName="front", Payload=b"1")
        await here.call("delete_function_concurrency", FunctionName="front")
        await here.call("invoke", FunctionName="front", Payload=b"2")

    read = parse_scenario(json.loads(json.dumps(here.result.scenario.to_json())))
    again = await play(read, FakeBackend(FakeFunction(handler)), options=RunOptions(prove=False))
    assert [each.outcome for each in again.invocations] == [Outcome.THROTTLED, Outcome.SUCCESS]


async def test_provisioned_environments_are_there_for_the_next_request_until_they_are_deleted():
    named = {"FunctionName": "front", "Qualifier": "$LATEST"}
    async with account() as here:
        put = await here.call("put_provisioned_concurrency_config", **named, ProvisionedConcurrentExecutions=2)
        told = await here.call("get_provisioned_concurrency_config", **named)
        await here.call("invoke", FunctionName="front", Payload=b"1")
        await here.call("put_provisioned_concurrency_config", **named, ProvisionedConcurrentExecutions=1)
        await here.call("delete_provisioned_concurrency_config", **named)
        with pytest.raises(here.client.exceptions.ProvisionedConcurrencyConfigNotFoundException):
            await here.call("get_provisioned_concurrency_config", **named)
        await here.call("invoke", FunctionName="front", Payload=b"2")

    assert (put["Status"], put["AllocatedProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 0)
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert (told["Status"], told["AvailableProvisionedConcurrentExecutions"]) == ("READY", 2)
    assert [each.start for each in here.result.invocations] == ["provisioned", "cold"]
    assert [each.created_by for each in here.result.environments] == ["provisioned", "provisioned", "request"]


REFUSED = {
    "another function": ("invoke", {"FunctionName": "none"}, "ResourceNotFoundException", 404),
    "another version": ("invoke", {"FunctionName": "front", "Qualifier": "7"}, "ResourceNotFoundException", 404),
    "no JSON": ("invoke", {"FunctionName": "front", "Payload": b"{"}, "InvalidRequestContentException", 400),
    "half a character": (
        "invoke",
        {"FunctionName": "front", "Payload": rb'"\ud800"'},
        "InvalidRequestContentException",
        400,
    ),
    "nested deeply": (
        "invoke",
        {"FunctionName": "front", "Payload": b"[" * 900 + b"]" * 900},
        "InvalidRequestContentException",
        400,
    ),
    "a client context that is none": (
        "invoke",
        {"FunctionName": "front", "ClientContext": "string"},
        "InvalidRequestContentException",
        400,
    ),
    "a client context over its size": (
        "invoke",
        {"FunctionName": "front", "ClientContext": base64.b64encode(b'{"a":"%s"}' % (b"x" * 2680)).decode()},
        "InvalidRequestContentException",
        400,
    ),
    "too large an event": (
        "invoke",
        {"FunctionName": "front", "InvocationType": "Event", "Payload": b"1" * (limits.ASYNC_REQUEST_BYTES_MAX + 1)},
        "RequestTooLargeException",
        413,
    ),
    "more reserved than an account has": (
        "put_function_concurrency",
        {"FunctionName": "front", "ReservedConcurrentExecutions": 901},
        "InvalidParameterValueException",
        400,
    ),
    "concurrency of none": ("get_function_concurrency", {"FunctionName": "none"}, "ResourceNotFoundException", 404),
    "provisioned concurrency of a version that is not there": (
        "put_provisioned_concurrency_config",
        {"FunctionName": "front", "Qualifier": "1", "ProvisionedConcurrentExecutions": 1},
        "ResourceNotFoundException",
        404,
    ),
    "more provisioned than are kept": (
        "put_provisioned_concurrency_config",
        {"FunctionName": "front", "Qualifier": "$LATEST", "ProvisionedConcurrentExecutions": 1000},
        "InvalidParameterValueException",
        400,
    ),
    "a description of none": ("get_function", {"FunctionName": "none"}, "ResourceNotFoundException", 404),
    "an operation that is not here": ("list_layers", {}, "NotImplementedException", 501),
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED.keys())
async def test_a_refusal_is_botocores_own_exception_and_the_session_goes_on(refused):
    operation, parameters, code, status = refused
    async with account() as here:
        with pytest.raises(ClientError) as raised:
            await here.call(operation, **parameters)
        await here.call("invoke", FunctionName="front")
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert len(here.result.invocations) == 1


async def test_reserved_and_provisioned_concurrency_do_not_contradict_each_other():
    named = {"FunctionName": "front", "Qualifier": "$LATEST"}
    async with account(reserved_concurrency=1) as here:
        with pytest.raises(here.client.exceptions.InvalidParameterValueException):
            await here.call("put_provisioned_concurrency_config", **named, ProvisionedConcurrentExecutions=2)
        await here.call("put_provisioned_concurrency_config", **named, ProvisionedConcurrentExecutions=1)
        with pytest.raises(here.client.exceptions.InvalidParameterValueException):
            await here.call("put_function_concurrency", FunctionName="front", ReservedConcurrentExecutions=0)
        await here.call("invoke", FunctionName="front")


@pytest.mark.parametrize("operation", ["invoke", "invoke_with_response_stream"])
async def test_a_throttled_invocation_is_too_many_requests(operation):
    async with account(reserved_concurrency=0) as here:
        with pytest.raises(ClientError) as raised:
            await here.call(operation, FunctionName="front")
    assert raised.value.response["Error"]["Code"] == "TooManyRequestsException"
