"""Topics, buckets and event buses in an account of moto's that send events to functions: shape, cause and caller."""

from __future__ import annotations

import json

from sandbox_runner.event_templates.caller import Caller
from sandbox_runner.event_templates.registry import made as made_event
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario

OWN = "us-east-1:123456789012"
WORKER = f"arn:aws:lambda:{OWN}:function:worker"
SENDER = """
import json
import boto3

def handler(event, context):
    s3 = boto3.client("s3")
    for key in ("in/a b.txt", "in/a.bin", "out/a.txt"):
        s3.put_object(Bucket="files", Key=key, Body=b"hoge")
    s3.delete_object(Bucket="files", Key="in/a b.txt")
    entry = {"Source": "shop", "DetailType": "paid", "Detail": json.dumps({"order": 7}), "EventBusName": "orders"}
    boto3.client("events").put_events(Entries=[entry, {**entry, "Source": "other"}])
"""
ECHO = """
def handler(event, context):
    return event
"""
RESOURCES = [
    {"sns.create_topic": {"Name": "news"}},
    {"sns.subscribe": {"TopicArn": f"arn:aws:sns:{OWN}:news", "Protocol": "lambda", "Endpoint": WORKER}},
    {"s3.create_bucket": {"Bucket": "files"}},
    {
        "s3.put_bucket_notification_configuration": {
            "Bucket": "files",
            "NotificationConfiguration": {
                "LambdaFunctionConfigurations": [
                    {
                        "Id": "texts",
                        "LambdaFunctionArn": WORKER,
                        "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"],
                        "Filter": {
                            "Key": {
                                "FilterRules": [
                                    {"Name": "prefix", "Value": "in/"},
                                    {"Name": "suffix", "Value": ".txt"},
                                ]
                            }
                        },
                    }
                ]
            },
        }
    },
    {"events.create_event_bus": {"Name": "orders"}},
    {
        "events.put_rule": {
            "Name": "paid",
            "EventBusName": "orders",
            "EventPattern": '{"source": [{"wildcard": "s*p"}]}',
        }
    },
    {"events.put_targets": {"Rule": "paid", "EventBusName": "orders", "Targets": [{"Id": "1", "Arn": WORKER}]}},
]


def function(code, **settings):
    runtime = {"runtime": "python3.13", "handler": "app.handler", "memory_mb": 512, "timeout_s": 60}
    return {**runtime, "files": {"app.py": code}, **settings}


def keys_of(event):
    """The keys of an event and of what is in it, but not of what its sender made up."""
    if isinstance(event, list):
        return keys_of(event[0]) if event else None
    free = {"Message", "MessageAttributes", "detail", "resources"}
    return (
        {key: None if key in free else keys_of(each) for key, each in event.items()}
        if isinstance(event, dict)
        else None
    )


def test_topics_buckets_and_rules_send_their_events_to_a_function_for_whoever_led_to_them(engine):
    functions = {"sender": function(SENDER), "worker": function(ECHO)}
    publish = {"TopicArn": f"arn:aws:sns:{OWN}:news", "Message": "hello", "Subject": "s"}
    steps = [
        {"call": {"sns.publish": publish, "as": "alice"}},
        {"invoke": {"function": "sender", "as": "bob"}},
    ]
    asked = {"version": 2, "functions": functions, "account": {"resources": RESOURCES}, "steps": steps}

    result = engine.run(parse_scenario(asked), options=RunOptions(prove=False))

    rows = [each for each in result.invocations if each.function == "worker"]
    assert [(each.cause.kind, each.cause.name, each.cause.request, each.principal) for each in rows] == [
        ("sns", "news", 0, "alice"),
        ("s3", "files", 1, "bob"),
        ("s3", "files", 1, "bob"),
        ("eventbridge", "paid", 1, "bob"),
    ]
    assert {each.invocation_type for each in rows} == {"event"}
    sent = [json.loads(each.payload) for each in rows]
    assert sent[0]["Records"][0]["Sns"]["Message"] == "hello"
    objects = [each["Records"][0] for each in sent[1:3]]
    assert [(each["eventName"], each["s3"]["object"]["key"]) for each in objects] == [
        ("ObjectCreated:Put", "in/a+b.txt"),
        ("ObjectRemoved:Delete", "in/a+b.txt"),
    ]
    assert (sent[3]["source"], sent[3]["detail"]) == ("shop", {"order": 7})
    templates = [
        {"template": "sns"},
        {"template": "s3"},
        {"template": "s3", "event_name": "ObjectRemoved:Delete"},
        {"template": "eventbridge"},
    ]
    assert [keys_of(each) for each in sent] == [keys_of(made_event(each, Caller("bob", 1))) for each in templates]
