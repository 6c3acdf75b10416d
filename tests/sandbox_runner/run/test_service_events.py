"""Events that services send to functions: accepted for whoever led to them, or refused with a record that says why."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox_runner import limits
from sandbox_runner.account.base import AwsAnswer, Pushed, Reply
from sandbox_runner.events.records import AccountCalled, RequestDiscarded
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function
from tests.fakes.answering import FakeAnswering
from tests.fakes.backend import FakeBackend, FakeFunction

OWN = "us-east-1:123456789012"
ARN = f"arn:aws:lambda:{OWN}:function:"
CALL = {"sns.publish": {"TopicArn": f"arn:aws:sns:{OWN}:news", "Message": "hoge"}}


def pushed(source="sns", function="worker", payload=b'{"n": 7}'):
    return Pushed(source, "news", ARN + function, payload)


class Pushing(FakeAnswering):
    """Every operation has services send these events, but for a message to the queue ``lost``."""

    def __init__(self, *events):
        super().__init__()
        self.events = events

    def made(self, things, carried_out):
        account = super().made(things, carried_out)

        async def call(operation, _seed):
            is_lost = operation.parameters.get("QueueUrl", "").endswith("/lost")
            return Reply("", AwsAnswer(200, (), b"{}", () if is_lost else self.events))

        account.call = call
        return account


def played(*events, resources=(), steps=({"call": {**CALL, "as": "alice"}},), **worker):
    """The result of these steps, and what was called."""
    functions = {"worker": {**a_function(), **worker}}
    account = {"resources": list(resources)}
    last = {"invoke": {"function": "worker", "payload": 1, "as": "bob"}}
    asked = parse_scenario({"version": 2, "functions": functions, "account": account, "steps": [*steps, last]})
    backend, answering = FakeBackend(FakeFunction(lambda event, _: {"got": event})), Pushing(*events)
    options = RunOptions(prove=False)
    result = asyncio.run(play(asked, backend, clock=backend.clock, options=options, answering=answering))
    assert (backend.alive, answering.alive) == ({}, [])
    return result, [each.record for each in result.events if isinstance(each.record, AccountCalled)]


@pytest.mark.parametrize("source", ["sns", "s3", "eventbridge"])
def test_an_event_is_an_asynchronous_request_of_the_caller_s(source):
    result, _ = played(pushed(source))

    (row,) = [each for each in result.invocations if each.cause]
    assert (row.cause.kind, row.cause.name, row.cause.request) == (source, "news", 0)
    assert (row.principal, row.invocation_type, row.index) == ("alice", "event", 2)
    assert json.loads(row.response) == {"got": {"n": 7}}
    assert len(result.asynchronous) == 1


def test_one_because_of_a_resource_waits_for_the_run_to_begin_and_is_nobody_s():
    result, _ = played(pushed(), resources=[CALL], steps=())

    (row,) = [each for each in result.invocations if each.cause]
    assert (row.principal, json.loads(row.response)) == ("request-2", {"got": {"n": 7}})


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (pushed(function="wroker"), "ResourceNotFoundException"),
        (pushed(function="worker:live"), "ResourceNotFoundException"),
        (pushed(payload=None), "LimitExceededException"),
        (pushed(payload=b'"' + b"x" * limits.ASYNC_REQUEST_BYTES_MAX + b'"'), "RequestTooLargeException"),
    ],
)
def test_what_lambda_does_not_take_is_recorded_as_the_service_s_call(event, error):
    result, calls = played(event)

    assert [each for each in result.invocations if each.cause] == []
    (refused,) = [each for each in calls if each.by_lambda]
    assert (refused.by_lambda, refused.operation, refused.error) == ("sns", "Invoke", error)


@pytest.mark.parametrize(("source", "dropped"), [("sns", 1), ("s3", 1), ("eventbridge", 0)])
def test_a_loop_is_dropped_after_sixteen_times_where_lambda_sees_it(monkeypatch, source, dropped):
    monkeypatch.setattr(limits, "CALLED_REQUESTS_MAX", 20)
    on_success, on_failure = (f"arn:aws:sqs:{OWN}:{name}" for name in ("done", "lost"))
    # Each success sends its record, which has the service send the next event.
    result, calls = played(pushed(source), on_success=on_success, on_failure=on_failure)

    ended = [each.record for each in result.events if isinstance(each.record, RequestDiscarded)]
    assert [each.condition for each in ended] == ["RecursiveLoop"] * dropped
    assert sum(each.by_lambda == "on-failure" for each in calls) == dropped
    assert sum(each.response != "" for each in result.invocations if each.cause) == (16 if dropped else 20)
    refused = [each.error for each in calls if each.by_lambda == source]
    assert refused == ([] if dropped else ["LimitExceededException"])
