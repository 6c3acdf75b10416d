"""Destinations and dead-letter queues in an account of moto's: what arrives there, and who reads it."""

from __future__ import annotations

import json

from sandbox_runner.events.records import AccountCalled
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario

OWN = "us-east-1:123456789012"
FAILING = """
def handler(event, context):
    raise ValueError("no")
"""
READER = """
import json
import boto3

def handler(event, context):
    sqs = boto3.client("sqs")
    found = {}
    for name in ("failed", "dead", "published"):
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        for each in sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", []):
            attributes = {k: v["StringValue"] for k, v in each.get("MessageAttributes", {}).items()}
            found[name] = [json.loads(each["Body"]), attributes]
    kept = boto3.client("s3").list_objects_v2(Bucket="kept").get("Contents", [])
    return {**found, "kept": [each["Key"] for each in kept]}
"""


def function(code, **settings):
    runtime = {"runtime": "python3.13", "handler": "app.handler", "memory_mb": 512, "timeout_s": 60}
    return {**runtime, "files": {"app.py": code}, **settings}


def test_what_lambda_sends_is_in_the_account_s_queues_topics_and_buckets(engine):
    resources = [
        *({"sqs.create_queue": {"QueueName": name}} for name in ("failed", "dead", "published")),
        {"sns.create_topic": {"Name": "news"}},
        {
            "sns.subscribe": {
                "TopicArn": f"arn:aws:sns:{OWN}:news",
                "Protocol": "sqs",
                "Endpoint": f"arn:aws:sqs:{OWN}:published",
                "Attributes": {"RawMessageDelivery": "true"},
            }
        },
        {"s3.create_bucket": {"Bucket": "kept"}},
    ]
    sent = {"max_retry_attempts": 0, "dead_letter": f"arn:aws:sqs:{OWN}:dead"}
    functions = {
        "first": function(FAILING, **sent, on_failure=f"arn:aws:sqs:{OWN}:failed"),
        "second": function(FAILING, max_retry_attempts=0, on_failure="arn:aws:s3:::kept"),
        "third": function(FAILING, max_retry_attempts=0, on_failure=f"arn:aws:sns:{OWN}:news"),
        "lost": function(FAILING, max_retry_attempts=0, on_failure=f"arn:aws:sqs:{OWN}:nowhere"),
        "reader": function(READER),
    }
    events = ({"function": name, "type": "event", "payload": {"of": name}} for name in list(functions)[:-1])
    steps = [{"concurrent": list(events)}, {"idle": "1h"}, {"invoke": {"function": "reader"}}]
    asked = {"version": 2, "functions": functions, "account": {"resources": resources}, "steps": steps}

    result = engine.run(parse_scenario(asked), options=RunOptions(prove=False))

    (reader,) = [each for each in result.invocations if each.function == "reader"]
    assert reader.outcome is Outcome.SUCCESS
    found = json.loads(reader.response)
    assert found["failed"][0]["requestContext"]["condition"] == "RetriesExhausted"
    assert found["failed"][0]["responsePayload"]["errorMessage"] == "no"
    assert found["dead"][0] == {"of": "first"}
    assert (found["dead"][1]["ErrorCode"], found["dead"][1]["ErrorMessage"]) == ("200", "no")
    assert found["published"][0]["requestPayload"] == {"of": "third"}
    assert [key.rpartition("/")[0].rpartition("/")[0][:23] for key in found["kept"]] == ["aws/lambda/async/second"]
    told = {
        (each.record.by_lambda, each.record.service): each.record.error
        for each in result.events
        if isinstance(each.record, AccountCalled) and each.record.by_lambda and each.record.error
    }
    assert len(told) == 1
    assert "NonExistentQueue" in told["on-failure", "sqs"] or "QueueDoesNotExist" in told["on-failure", "sqs"]
