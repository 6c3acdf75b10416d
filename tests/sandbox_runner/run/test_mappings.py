"""Event source mappings that steps make: Lambda's answers, and that their queues are polled from then on."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox_runner.account.base import AwsAnswer, Reply
from sandbox_runner.events.records import AccountCalled
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function
from tests.fakes.answering import FakeAnswering
from tests.fakes.backend import FakeBackend, FakeFunction

OWN = "us-east-1:123456789012"
QUEUE, STREAM = f"arn:aws:sqs:{OWN}:jobs", f"arn:aws:kinesis:{OWN}:stream/orders"
MESSAGE = {"MessageId": "m", "ReceiptHandle": "r", "Body": "hoge", "Attributes": {}}


class Queueing(FakeAnswering):
    """One queue with one message; ``visible_s`` is nothing where there is no queue."""

    def __init__(self, visible_s):
        super().__init__()
        self.visible_s = visible_s
        self.messages = [MESSAGE]

    def made(self, things, carried_out):
        account = super().made(things, carried_out)

        async def call(operation, _seed):
            if self.visible_s is None:
                return Reply("no queue", AwsAnswer(400))
            told = {"Attributes": {"VisibilityTimeout": str(self.visible_s)}}
            if operation.name == "ReceiveMessage":
                told = {"Messages": self.messages}
                self.messages = []
            return Reply("", AwsAnswer(200, (), json.dumps(told).encode()))

        account.call = call
        return account


def played(*arns, visible_s=30, **fields):
    """The answers to mappings of these that steps make, and the result."""
    asked = {"FunctionName": "worker", **fields}
    made = [{"call": {"lambda.create_event_source_mapping": {**asked, "EventSourceArn": arn}}} for arn in arns]
    functions = {"worker": {**a_function(), "timeout_s": 20}}
    steps = [*made, {"invoke": {"function": "worker", "payload": 1}}]
    scenario = parse_scenario({"version": 2, "functions": functions, "account": {}, "steps": steps})
    backend, answering = FakeBackend(FakeFunction(lambda *_: {})), Queueing(visible_s)
    options = RunOptions(prove=False)
    result = asyncio.run(play(scenario, backend, clock=backend.clock, options=options, answering=answering))
    calls = [each.record for each in result.events if isinstance(each.record, AccountCalled)]
    return [each for each in calls if each.operation == "CreateEventSourceMapping"], result


def test_its_queue_is_polled_from_then_on():
    (answer,), result = played(QUEUE)

    assert (answer.service, answer.status_code, answer.step) == ("lambda", 202, 0)
    assert json.loads(answer.answer)["State"] == "Creating"
    assert [each.cause.name for each in result.invocations if each.cause] == ["jobs"]


def test_it_is_answered_with_the_defaults_of_what_was_not_asked_for():
    (answer,), _ = played(QUEUE, BatchSize=5)

    told = json.loads(answer.answer)
    assert told.pop("LastModified") > 0
    assert told == {
        "BatchSize": 5,
        "EventSourceArn": QUEUE,
        "EventSourceMappingArn": f"arn:aws:lambda:{OWN}:event-source-mapping:{told['UUID']}",
        "FunctionArn": f"arn:aws:lambda:{OWN}:function:worker",
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
        "UUID": told["UUID"],
    }


def test_one_that_is_not_enabled_is_made_and_polls_nothing():
    (answer,), result = played(QUEUE, Enabled=False)

    assert json.loads(answer.answer)["State"] == "Disabled"
    assert [each for each in result.invocations if each.cause] == []


@pytest.mark.parametrize(
    ("arns", "fields", "error", "words"),
    [
        ((QUEUE, QUEUE), {}, "ResourceConflictException", f'mapping with SQS arn (\\" {QUEUE} \\") and function'),
        ((QUEUE,), {"visible_s": None}, "InvalidParameterValueException", "The specified queue does not exist"),
        ((QUEUE,), {"visible_s": 19}, "InvalidParameterValueException", "19 seconds is less than Function timeout: 20"),
        ((STREAM,), {"StartingPosition": "LATEST"}, "InvalidParameterValueException", "Stream not found"),
    ],
)
def test_what_lambda_refuses_is_its_answer_and_the_run_goes_on(arns, fields, error, words):
    answers, result = played(*arns, **fields)

    assert answers[-1].error == error
    assert words in answers[-1].answer
    assert result.invocations[0].response == "{}"
