"""What a run's account holds in the end, and what each request changed in it, as moto has it."""

from __future__ import annotations

from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario

WRITER = """
import boto3

table = boto3.resource("dynamodb").Table("users")
s3, sqs, sns = (boto3.client(name) for name in ("s3", "sqs", "sns"))
secrets, ssm, kinesis = (boto3.client(name) for name in ("secretsmanager", "ssm", "kinesis"))

def handler(event, context):
    table.put_item(Item={"id": "1", "name": event["name"], "tags": ["a"]})
    if event["name"] != "first":
        return
    s3.put_object(Bucket="letters", Key="text", Body=b"dear")
    s3.put_object(Bucket="letters", Key="picture", Body=bytes([0x89, 0xFF, 0x00]))
    sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="jobs")["QueueUrl"])
    secrets.put_secret_value(SecretId="token", SecretString="hush-2")
    ssm.put_parameter(Name="limit", Value="10", Type="String", Overwrite=True)
    kinesis.put_record(StreamName="clicks", Data=b"click", PartitionKey="alice")
"""
TOPIC = "arn:aws:sns:us-east-1:123456789012:news"
KEY = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
RESOURCES = [
    {
        "dynamodb.create_table": {
            "TableName": "users",
            **KEY,
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
    },
    {"s3.create_bucket": {"Bucket": "letters"}},
    {"sqs.create_queue": {"QueueName": "jobs"}},
    {"sqs.send_message": {"QueueUrl": "jobs", "MessageBody": "job"}},
    {"sns.create_topic": {"Name": "news"}},
    {"sns.subscribe": {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:123456789012:jobs"}},
    {"secretsmanager.create_secret": {"Name": "token", "SecretString": "hush-1"}},
    {"ssm.put_parameter": {"Name": "limit", "Value": "5", "Type": "String"}},
    {"ssm.put_parameter": {"Name": "password", "Value": "hush-3", "Type": "SecureString"}},
    {"kinesis.create_stream": {"StreamName": "clicks", "ShardCount": 1}},
    {"events.put_rule": {"Name": "nightly", "ScheduleExpression": "rate(1 day)"}},
]


def told(value):
    return value and (value.text, value.state)


def test_each_request_says_what_changed_and_the_end_what_there_is(engine):
    function = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": WRITER}}
    names = ("first", "second")
    steps = [{"invoke": {"payload": {"name": name}, "as": name}} for name in names]
    asked = {
        "version": 2,
        "function": {**function, "memory_mb": 512, "timeout_s": 60},
        "account": {"resources": RESOURCES},
        "steps": steps,
    }

    result = engine.run(parse_scenario(asked), options=RunOptions(prove=False))

    account = result.account
    first, second = account.changes
    held = {f"{each.thing} {each.name}": [told(entry.value) for entry in each.entries] for each in account.things}
    changed = {(each.thing, each.key): (told(each.before), told(each.after)) for each in first.changes}
    (item,) = second.changes

    assert [[(each.index, each.attempt) for each in look.during] for look in (first, second)] == [[(1, 1)], [(2, 1)]]
    assert (item.name, item.key) == ("users", "id=1")
    assert ("first" in item.before.text, "second" in item.after.text) == (True, True)
    assert held["bucket letters"] == [("if8A", "binary"), ("dear", "")]
    assert held["queue jobs"] == [("job", "in-flight")]
    assert held["parameter limit"] == [("10", "")]
    assert held["parameter password"] == [("***", "")]
    assert held["stream clicks"] == [("click", "alice")]
    assert sorted(held["secret token"]) == [("***", "AWSCURRENT"), ("***", "AWSPREVIOUS")]
    assert [len(held[name]) for name in ("topic news", "bus default")] == [1, 1]
    assert changed["bucket", "text"] == (None, ("dear", ""))
    assert ("visible", "in-flight") in [(b[1], a[1]) for b, a in changed.values() if b and a]
    assert "hush" not in "".join(str(look) for look in account.changes) + str(account.things)
