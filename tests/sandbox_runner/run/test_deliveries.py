"""What Lambda sends when an asynchronous request has ended: where, with what, and which function that starts."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox_runner import limits
from sandbox_runner.account import record
from sandbox_runner.events.records import AccountCalled, RequestArrived, RequestQueued
from sandbox_runner.projections.project import project_partial
from sandbox_runner.results.model import Outcome, Verdict
from sandbox_runner.rules.requests import every_request
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function
from tests.fakes.answering import FakeAnswering
from tests.fakes.backend import FakeBackend, FakeFunction
from tests.fakes.stuck import StuckBackend

OWN = "us-east-1:123456789012"
QUEUE, TOPIC = f"arn:aws:sqs:{OWN}:jobs", f"arn:aws:sns:{OWN}:news"
BUS, BUCKET = f"arn:aws:events:{OWN}:event-bus/default", "arn:aws:s3:::kept"
URL = "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"


def function_arn(name):
    return f"arn:aws:lambda:{OWN}:function:{name}"


def fails_if_told(event, _runtime):
    """A handler."""
    if event == "fail":
        raise ValueError("no")
    return {"got": event if isinstance(event, str) else "a record"}


class Recorded(FakeAnswering):
    """What every account was asked to do, in order."""

    def __init__(self, refusing=()):
        super().__init__()
        self.operations = []
        self.refusing = refusing

    def made(self, things, carried_out):
        account = super().made(things, carried_out)
        call = account.call

        async def noted(operation, seed):
            self.operations.append(operation)
            if operation.name in self.refusing:
                account.carried_out.append(operation)
            return await call(operation, seed)

        account.call = noted
        return account


def played(payload, kind="event", refusing=(), **settings):
    """The result, and what was sent, of one request of alice's to a function with these settings."""
    functions = {"front": {**a_function(), "max_retry_attempts": 0, **settings}, "worker": a_function()}
    step = {"invoke": {"function": "front", "payload": payload, "type": kind, "as": "alice"}}
    asked = parse_scenario({"version": 2, "functions": functions, "account": {}, "steps": [step]})
    backend, answering = FakeBackend(FakeFunction(fails_if_told)), Recorded(refusing)
    options = RunOptions(prove=False)
    result = asyncio.run(play(asked, backend, clock=backend.clock, options=options, answering=answering))
    assert (backend.alive, answering.alive) == ({}, [])
    return result, answering.operations


def calls(result):
    return [(each, each.record) for each in result.events if isinstance(each.record, AccountCalled)]


def conditions(record):
    told = json.loads(record)
    return told["requestContext"]["condition"], told["requestPayload"]


def test_a_record_of_a_success_goes_to_the_queue_for_it_and_none_elsewhere():
    result, (sent,) = played("hoge", on_success=QUEUE, on_failure=TOPIC, dead_letter=QUEUE)

    assert (sent.service, sent.name, sent.parameters["QueueUrl"]) == ("sqs", "SendMessage", URL)
    assert conditions(sent.parameters["MessageBody"]) == ("Success", "hoge")
    ((event, call),) = calls(result)
    assert (call.by_lambda, call.step, event.environment, call.status_code) == ("on-success", None, None, 200)
    assert event.request_id == result.invocations[0].request_id


def test_a_failure_goes_to_its_destination_and_its_event_to_the_dead_letter_queue():
    _, (record, letter) = played("fail", on_success=QUEUE, on_failure=TOPIC, dead_letter=QUEUE)

    assert (record.service, record.name, record.parameters["TopicArn"]) == ("sns", "Publish", TOPIC)
    assert conditions(record.parameters["Message"]) == ("RetriesExhausted", "fail")
    assert (letter.name, letter.parameters["MessageBody"]) == ("SendMessage", '"fail"')
    told = {name: each["StringValue"] for name, each in letter.parameters["MessageAttributes"].items()}
    assert (told["ErrorCode"], told["ErrorMessage"]) == ("200", "no")


def test_a_dead_letter_may_be_published_to_a_topic():
    _, (letter,) = played("fail", dead_letter=TOPIC)

    assert (letter.service, letter.parameters["Message"]) == ("sns", '"fail"')
    assert set(letter.parameters["MessageAttributes"]) == {"RequestID", "ErrorCode", "ErrorMessage"}


def test_an_event_bus_gets_the_record_as_the_detail_of_an_event_of_lambda_s():
    _, (sent,) = played("fail", on_failure=BUS)

    (entry,) = sent.parameters["Entries"]
    assert (sent.name, entry["Source"], entry["EventBusName"]) == ("PutEvents", "lambda", "default")
    assert entry["DetailType"] == "Lambda Function Invocation Result - Failure"
    assert entry["Resources"] == [BUS, f"{function_arn('front')}:$LATEST"]
    assert conditions(entry["Detail"]) == ("RetriesExhausted", "fail")


def test_a_bucket_gets_an_object_named_after_function_and_day():
    _, (sent,) = played("fail", on_failure=BUCKET)

    told = sent.parameters
    stamp = json.loads(told["Body"])["timestamp"]
    assert (sent.name, told["Bucket"]) == ("PutObject", "kept")
    assert told["Key"].startswith(f"aws/lambda/async/front/{stamp[:10].replace('-', '/')}/{stamp[:10]}T")


def test_a_function_is_invoked_with_the_record_for_the_same_caller():
    result, sent = played("hoge", on_success=function_arn("worker"))

    first, second = result.invocations
    assert (sent, second.function, second.principal, second.outcome) == ([], "worker", "alice", Outcome.SUCCESS)
    assert (second.cause.kind, second.cause.name, second.cause.request) == ("on-success", "front", 1)
    assert (first.cause, second.called_by, second.invocation_type) == (None, None, "event")
    assert json.loads(second.payload)["responsePayload"] == {"got": "hoge"}
    ((_, call),) = calls(result)
    assert (call.service, call.operation, call.status_code, call.by_lambda) == ("lambda", "Invoke", 202, "on-success")


def test_a_function_that_is_its_own_destination_is_stopped():
    result, _ = played("hoge", on_success=function_arn("front"))

    assert len(result.invocations) == limits.RECURSION_MAX + 1
    *_, last = result.invocations
    assert (last.outcome, last.status_code, last.error_type) == (Outcome.THROTTLED, 400, "RecursiveLoop")
    assert {each.error for _, each in calls(result)} == {""}


def test_a_run_plays_so_many_and_says_so_of_the_next(monkeypatch):
    monkeypatch.setattr(limits, "CALLED_REQUESTS_MAX", 2)

    result, _ = played("hoge", on_success=function_arn("front"))

    assert len(result.invocations) == 3
    assert [each.error for _, each in calls(result)] == ["", "", "LimitExceededException"]


def test_with_nothing_reserved_it_is_sent_at_once():
    result, (record, letter) = played("hoge", reserved_concurrency=0, on_failure=QUEUE, dead_letter=QUEUE)

    assert conditions(record.parameters["MessageBody"]) == ("ZeroReservedConcurrency", "hoge")
    assert letter.parameters["MessageAttributes"]["ErrorCode"]["StringValue"] == "429"
    assert result.asynchronous[0].attempts == 0


def test_what_a_service_refuses_is_recorded_and_not_tried_again():
    result, operations = played("hoge", on_success=QUEUE, refusing={"SendMessage"})

    ((_, call),) = calls(result)
    assert (len(operations), call.status_code, call.error) == (1, 400, "AlreadyExists")


@pytest.mark.parametrize("payload", ["hoge", "fail"])
def test_of_a_synchronous_request_nothing_is_sent(payload):
    result, sent = played(payload, "sync", on_success=QUEUE, on_failure=QUEUE, dead_letter=QUEUE)

    assert (sent, calls(result)) == ([], [])


def test_a_request_that_is_tried_again_is_sent_once():
    _, sent = played("fail", max_retry_attempts=2, on_failure=QUEUE)

    assert json.loads(sent[0].parameters["MessageBody"])["requestContext"]["approximateInvokeCount"] == 3
    assert len(sent) == 1


def test_a_request_of_a_destination_is_among_those_that_are_proven_and_shown():
    result, _ = played("hoge", on_success=function_arn("worker"))

    *_, (index, principal, request) = every_request(result.scenario, result.events)
    assert (index, principal, request.function, request.type) == (2, "alice", "worker", "event")
    assert [each.index for each in project_partial(result.scenario, result.events).invocations] == [1, 2]
    arrived = [each.record for each in result.events if isinstance(each.record, RequestArrived)]
    assert [each.is_of_scenario for each in arrived] == [True, False]
    assert [each.record.index for each in result.events if isinstance(each.record, RequestQueued)] == [1, 2]


def test_requests_of_two_callers_destinations_are_proven_as_any_others():
    functions = {"front": {**a_function(), "on_success": function_arn("worker")}, "worker": a_function()}
    steps = [
        {"invoke": {"function": "front", "payload": {"name": f"{who}-7Qx"}, "type": "event", "as": who}}
        for who in ("alice", "bob")
    ]
    steps.insert(1, {"idle": "1m"})
    asked = parse_scenario({"version": 2, "functions": functions, "account": {}, "steps": steps})
    backend = FakeBackend(FakeFunction(lambda event, _runtime: event))

    result = asyncio.run(play(asked, backend, clock=backend.clock, answering=FakeAnswering()))

    assert [each.function for each in result.invocations] == ["front", "front", "worker", "worker"]
    assert (result.verdict, result.proof.stopped) == (Verdict.CLEAN, None)


def test_a_run_whose_time_is_over_says_how_many_calls_were_left_out(monkeypatch):
    monkeypatch.setattr(record, "ACCOUNT_RECORDS_MAX", 1)
    sent = {"call": {"sqs.list_queues": {}, "as": "alice"}}
    steps = [sent, sent, sent, {"invoke": {}}]
    asked = parse_scenario({"version": 2, "function": a_function(), "account": {}, "steps": steps})
    backend, answering = StuckBackend(), Recorded()
    options = RunOptions(prove=False, wall_s=0.3)

    result = asyncio.run(play(asked, backend, clock=backend.clock, options=options, answering=answering))

    told = [call for _, call in calls(result)]
    made = len(answering.operations)
    assert result.ended == "out-of-time"
    # One may be under way when time is over.
    assert len(told) + sum(each.left_out for each in told) in {made, made - 1}
