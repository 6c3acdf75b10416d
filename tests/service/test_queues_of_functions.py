"""Queues in an account of moto's whose messages are sent to functions: batches, failures, dead letters, order."""

from __future__ import annotations

import json

from sandbox_runner.events.records import MessagesHandled
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario

OWN = "us-east-1:123456789012"
SENDER = """
import boto3
import json

def handler(event, context):
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=event["queue"])["QueueUrl"]
    for group, body in event["messages"]:
        more = {"MessageGroupId": group, "MessageDeduplicationId": body} if group else {}
        sqs.send_message(QueueUrl=url, MessageBody=body, **more)
"""
# Says which messages failed: those whose body says so.
WORKER = """
def handler(event, context):
    failed = [each["messageId"] for each in event["Records"] if each["body"] == "poison"]
    print(sorted(each["body"] for each in event["Records"]))
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
"""
ECHO = """
def handler(event, context):
    return [each["body"] for each in event["Records"]]
"""


def function(code, **settings):
    runtime = {"runtime": "python3.13", "handler": "app.handler", "memory_mb": 512, "timeout_s": 30}
    return {**runtime, "files": {"app.py": code}, **settings}


def queue(name, **attributes):
    told = {key: value if isinstance(value, str) else json.dumps(value) for key, value in attributes.items()}
    return {"sqs.create_queue": {"QueueName": name, **({"Attributes": told} if told else {})}}


def mapping(name, to, **fields):
    asked = {"EventSourceArn": f"arn:aws:sqs:{OWN}:{name}", "FunctionName": to, **fields}
    return {"lambda.create_event_source_mapping": asked}


def test_a_poisoned_message_comes_back_until_it_is_a_dead_letter_and_the_others_once(engine):
    redrive = {"deadLetterTargetArn": f"arn:aws:sqs:{OWN}:dead", "maxReceiveCount": 3}
    resources = [
        queue("dead"),
        queue("jobs", RedrivePolicy=redrive),
        queue("ordered.fifo", FifoQueue="true"),
        mapping("jobs", "worker", FunctionResponseTypes=["ReportBatchItemFailures"]),
        mapping("dead", "buried"),
        mapping(
            "ordered.fifo", "ordered", BatchSize=1, FilterCriteria={"Filters": [{"Pattern": '{"body": ["1", "2"]}'}]}
        ),
    ]
    functions = {
        "sender": function(SENDER),
        "worker": function(WORKER),
        "buried": function(ECHO),
        "ordered": function(ECHO),
    }
    entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(("a", "poison", "b"))]
    told = {"queue": "ordered.fifo", "messages": [["g", "1"], ["g", "unwanted"], ["g", "2"], ["g", "1"]]}
    steps = [
        {"call": {"sqs.send_message_batch": {"QueueUrl": "jobs", "Entries": entries}, "as": "alice"}},
        {"invoke": {"function": "sender", "payload": told, "as": "bob"}},
    ]
    asked = {"version": 2, "functions": functions, "account": {"resources": resources}, "steps": steps}

    result = engine.run(parse_scenario(asked), options=RunOptions(prove=False))

    served = {}
    for each in result.invocations:
        served.setdefault(each.function, []).append(each)
    assert [row.outcome for row in served["sender"]] == [Outcome.SUCCESS]
    batches = [[message.received for message in row.cause.messages] for row in served["worker"]]
    assert batches == [[1, 1, 1], [2], [3]]
    assert {row.principal for row in served["worker"]} == {"alice"}
    assert [json.loads(row.response) for row in served["buried"]] == [["poison"]]
    assert [json.loads(row.response) for row in served["ordered"]] == [["1"], ["2"]]
    assert {(row.principal, row.cause.request) for row in served["ordered"]} == {("bob", 1)}
    handled = [each.record for each in result.events if isinstance(each.record, MessagesHandled)]
    assert [(len(each.deleted), len(each.returned)) for each in handled if each.queue == "jobs"] == [
        (2, 1),
        (0, 1),
        (0, 1),
    ]
    deleted = [each.record for each in result.events if each.record.type == "account.called" and each.request_id == ""]
    assert [(each.operation, each.by_lambda, each.status_code) for each in deleted] == [
        ("DeleteMessageBatch", "event-source", 200)
    ]
    at_s = [round(each.service_at_us / 1e6) for each in result.events if each.record.type == "request.arrived"]
    assert max(at_s) >= 90
