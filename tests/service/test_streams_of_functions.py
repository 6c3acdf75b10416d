"""A table's stream and one of Kinesis's in an account of moto's, and mappings that a step makes."""

from __future__ import annotations

import base64
import json

from sandbox_runner.event_templates.caller import Caller
from sandbox_runner.event_templates.registry import made as made_event
from sandbox_runner.events.records import AccountCalled
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario

OWN = "us-east-1:123456789012"
TABLE = f"arn:aws:dynamodb:{OWN}:table/users/stream/2026-01-01T00:00:00.000"
STREAM = f"arn:aws:kinesis:{OWN}:stream/orders"
QUEUE = f"arn:aws:sqs:{OWN}:jobs"
WRITER = """
import boto3

def handler(event, context):
    table = boto3.resource("dynamodb").Table("users")
    table.put_item(Item={"id": "1", "name": "bob"})
    table.delete_item(Key={"id": "1"})
    kinesis = boto3.client("kinesis")
    for data in (b"a", b"poison"):
        kinesis.put_record(StreamName="orders", Data=data, PartitionKey="k")
"""
ECHO = """
def handler(event, context):
    return event
"""
FAILING = """
import base64

def handler(event, context):
    for each in event["Records"]:
        if base64.b64decode(each["kinesis"]["data"]) == b"poison":
            return {"batchItemFailures": [{"itemIdentifier": each["kinesis"]["sequenceNumber"]}]}
"""


def function(code, **settings):
    runtime = {"runtime": "python3.13", "handler": "app.handler", "memory_mb": 512, "timeout_s": 30}
    return {**runtime, "files": {"app.py": code}, **settings}


def mapping(arn, to, **fields):
    return {"lambda.create_event_source_mapping": {"EventSourceArn": arn, "FunctionName": to, **fields}}


def keys_of(event):
    """The keys of an event and of what is in it, but not of what its sender wrote."""
    if isinstance(event, list):
        return keys_of(event[0]) if event else None
    if not isinstance(event, dict):
        return None
    free = {"Keys", "NewImage", "OldImage"}
    return {key: None if key in free else keys_of(each) for key, each in event.items()}


def test_records_of_streams_come_in_order_for_whoever_wrote_them_and_a_poisoned_one_is_given_up(engine):
    key = {"AttributeName": "id"}
    table = {
        "TableName": "users",
        "KeySchema": [{**key, "KeyType": "HASH"}],
        "AttributeDefinitions": [{**key, "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    }
    parts = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 1}
    lost = {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
    resources = [
        {"dynamodb.create_table": table},
        {"kinesis.create_stream": {"StreamName": "orders", "ShardCount": 1}},
        {"sqs.create_queue": {"QueueName": "jobs"}},
        mapping(TABLE, "changes", StartingPosition="TRIM_HORIZON", MaximumBatchingWindowInSeconds=5),
        mapping(STREAM, "orders", StartingPosition="LATEST", MaximumBatchingWindowInSeconds=5, **parts, **lost),
    ]
    functions = {
        "writer": function(WRITER),
        "changes": function(ECHO),
        "orders": function(FAILING),
        "lost": function(ECHO),
    }
    item = {"TableName": "users", "Item": {"id": {"S": "2"}}}
    steps = [
        {"invoke": {"function": "writer", "as": "bob"}},
        {"idle": 60},
        {"call": {"dynamodb.put_item": item, "as": "alice"}},
        {"call": {**mapping(QUEUE, "lost"), "as": "alice"}},
        {"call": {**mapping(QUEUE, "lost"), "as": "alice"}},
    ]
    asked = {"version": 2, "functions": functions, "account": {"resources": resources}, "steps": steps}

    result = engine.run(parse_scenario(asked), options=RunOptions(prove=False))

    served = {}
    for each in result.invocations:
        served.setdefault(each.function, []).append(each)
    changes = [json.loads(each.payload)["Records"] for each in served["changes"]]
    assert [[record["eventName"] for record in each] for each in changes] == [["INSERT", "REMOVE"], ["INSERT"]]
    assert [(each.principal, each.cause.request) for each in served["changes"]] == [("bob", 1), ("alice", 0)]
    assert changes[0][0]["dynamodb"]["NewImage"] == {"id": {"S": "1"}, "name": {"S": "bob"}}
    orders = [json.loads(each.payload)["Records"] for each in served["orders"]]
    data = [[base64.b64decode(record["kinesis"]["data"]) for record in each] for each in orders]
    assert data == [[b"a", b"poison"], [b"poison"]]
    for sent, template in ((changes[0][:1], "dynamodb"), (orders[0], "kinesis")):
        assert keys_of({"Records": sent}) == keys_of(made_event({"template": template}, Caller("bob", 1)))
    (given_up,) = [json.loads(each.payload)["Records"][0]["body"] for each in served["lost"]]
    told = json.loads(given_up)
    context = told["requestContext"]
    assert (context["condition"], told["KinesisBatchInfo"]["batchSize"]) == ("RetryAttemptsExhausted", 1)
    assert context["functionArn"].endswith(":function:orders")
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}
    calls = [each.record for each in result.events if isinstance(each.record, AccountCalled)]
    made = [each for each in calls if each.operation == "CreateEventSourceMapping"]
    assert [(each.status_code, each.error) for each in made] == [(202, ""), (409, "ResourceConflictException")]
