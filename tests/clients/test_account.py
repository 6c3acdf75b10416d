"""Handlers as people paste them find their tables and buckets: AWS's own SDKs, nothing told to them but a region."""

from __future__ import annotations

import pytest

from sandbox_runner.events.records import AccountCalled, AccountRefused
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, invoke
from tests.playing import answers

TABLE = {
    "dynamodb.create_table": {
        "TableName": "users",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
}
ALICE = {"dynamodb.put_item": {"TableName": "users", "Item": {"id": {"S": "1"}, "name": {"S": "Alice"}}}}
RESOURCES = [
    TABLE,
    ALICE,
    {"s3.create_bucket": {"Bucket": "letters"}},
    {"s3.put_object": {"Bucket": "letters", "Key": "to/you.txt", "Body": "hoge"}},
    {"sqs.create_queue": {"QueueName": "jobs"}},
    {"secretsmanager.create_secret": {"Name": "token", "SecretString": "s3cret"}},
    {"ssm.put_parameter": {"Name": "/app/stage", "Value": "test", "Type": "String"}},
]
PYTHON = """
import json
import urllib.request
import boto3

table = boto3.resource("dynamodb").Table("users")
s3, sqs = boto3.client("s3"), boto3.client("sqs")

def handler(event, context):
    url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(event))
    s3.put_object(Bucket="letters", Key="copy", Body=b"x" * 100_000)
    signed = s3.generate_presigned_url("get_object", Params={"Bucket": "letters", "Key": "to/you.txt"})
    return {
        "name": table.get_item(Key={"id": event["id"]})["Item"]["name"],
        "letter": s3.get_object(Bucket="letters", Key="to/you.txt")["Body"].read().decode(),
        "signed": urllib.request.urlopen(signed).read().decode(),
        "size": s3.head_object(Bucket="letters", Key="copy")["ContentLength"],
        "url": url,
        "message": sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"],
        "secret": boto3.client("secretsmanager").get_secret_value(SecretId="token")["SecretString"],
        "stage": boto3.client("ssm").get_parameter(Name="/app/stage")["Parameter"]["Value"],
    }
"""
NODE = """
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { S3Client, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { SQSClient, GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { SecretsManagerClient, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { SSMClient, GetParameterCommand } from "@aws-sdk/client-ssm";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const s3 = new S3Client({}), sqs = new SQSClient({});

export const handler = async (event) => {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "jobs" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }));
  await s3.send(new PutObjectCommand({ Bucket: "letters", Key: "copy", Body: "x".repeat(100_000) }));
  const letter = new GetObjectCommand({ Bucket: "letters", Key: "to/you.txt" });
  const secret = new GetSecretValueCommand({ SecretId: "token" });
  const stage = new GetParameterCommand({ Name: "/app/stage" });
  return {
    name: (await table.send(new GetCommand({ TableName: "users", Key: { id: event.id } }))).Item.name,
    letter: await (await s3.send(letter)).Body.transformToString(),
    signed: await (await fetch(await getSignedUrl(s3, letter))).text(),
    size: (await s3.send(new HeadObjectCommand({ Bucket: "letters", Key: "copy" }))).ContentLength,
    url: QueueUrl,
    message: (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages[0].Body,
    secret: (await new SecretsManagerClient({}).send(secret)).SecretString,
    stage: (await new SSMClient({}).send(stage)).Parameter.Value,
  };
};
"""
EXPECTED = {
    "name": "Alice",
    "letter": "hoge",
    "signed": "hoge",
    "size": 100_000,
    "url": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs",
    "secret": "s3cret",
    "stage": "test",
}
ABSENT = """
import boto3, botocore.config, os
CALLS = {"athena": "ListDataCatalogs", "sts": "GetCallerIdentity"}
def handler(event, context):
    quick = botocore.config.Config(retries={"max_attempts": 0})
    try:
        boto3.client(event, config=quick)._make_api_call(CALLS[event], {})
    except Exception as problem:
        return [type(problem).__name__, [name for name in os.environ if "BUNDLE" in name or "ENDPOINT" in name]]
"""


def play(engine, code, *payloads, resources=RESOURCES, prove=False, runtime="python3.13", **account):
    """The result of a request for each payload, with these resources."""
    file = "app.mjs" if "export const" in code else "app.py"
    function = a_function(files={file: code}, runtime=runtime, timeout_s=60, memory_mb=512)
    asked = {
        "version": 2,
        "function": function,
        "account": {"resources": resources, **account},
        "steps": [invoke(each) for each in payloads],
    }
    return engine.run(Scenario.model_validate(asked), options=RunOptions(prove=prove))


def calls(result):
    """What was called, in order."""
    return [each.record for each in result.events if isinstance(each.record, AccountCalled)]


@pytest.mark.parametrize(
    ("code", "runtime"),
    [
        pytest.param(PYTHON, "python3.13", marks=pytest.mark.smoke),
        pytest.param(NODE, "nodejs22.x", marks=pytest.mark.smoke),
        (NODE, "nodejs24.x"),
    ],
)
def test_a_pasted_handler_finds_its_resources(engine, code, runtime):
    result = play(engine, code, {"id": "1"}, runtime=runtime)

    (answer,) = answers(result)
    assert answer.pop("message").replace(" ", "") == '{"id":"1"}'
    assert answer == EXPECTED
    named = [f"{each.service} {each.operation}" for each in calls(result)]
    assert named[:3] == ["sqs GetQueueUrl", "sqs SendMessage", "s3 PutObject"]
    assert "dynamodb GetItem" in named
    assert {each.status_code for each in calls(result)} == {200}


def test_every_call_is_of_the_request_or_the_init_that_made_it(engine):
    code = """
import boto3
s3 = boto3.client("s3")
s3.list_buckets()
def handler(event, context):
    s3.get_object(Bucket="letters", Key="to/you.txt")
"""
    result = play(engine, code, 1, 2)

    first, second = (each.request_id for each in result.invocations)
    found = [
        (each.record.operation, each.request_id) for each in result.events if isinstance(each.record, AccountCalled)
    ]
    assert found == [("ListBuckets", None), ("GetObject", first), ("GetObject", second)]


def test_a_service_that_an_account_has_not_is_as_unreachable_as_before(engine):
    result = play(engine, ABSENT, "athena")

    assert answers(result) == [["EndpointConnectionError", []]]
    assert calls(result) == []


def test_only_the_services_that_are_offered_are_reached(engine):
    result = play(engine, ABSENT, "sts", services=["s3"], resources=[])

    assert answers(result) == [["EndpointConnectionError", []]]


def test_without_an_account_nothing_of_aws_is_reached(engine):
    function = a_function(files={"app.py": ABSENT}, timeout_s=60)
    asked = Scenario.model_validate({"version": 2, "function": function, "steps": [invoke("sts")]})

    assert answers(engine.run(asked, options=RunOptions(prove=False))) == [["EndpointConnectionError", []]]


def test_a_resource_that_a_service_refuses_is_told_and_nothing_is_played(engine):
    result = play(engine, PYTHON, {"id": "1"}, resources=[TABLE, TABLE])

    (refused,) = (each.record.why for each in result.events if isinstance(each.record, AccountRefused))
    assert (refused.params["field"], refused.params["operation"]) == ("account.resources[1]", "dynamodb.create_table")
    assert "users" in str(refused.params["said"])
    assert result.verdict_messages == (refused,)
    assert [each.outcome for each in result.invocations] == ["not-played"]


READS_ITS_QUEUE = """
import boto3
sqs = boto3.client("sqs")
def handler(event, context):
    url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    return [each["Body"] for each in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]
"""


def test_what_a_caller_sends_from_outside_is_there_for_the_requests_after_it(engine):
    send = {"call": {"sqs.send_message": {"QueueUrl": "jobs", "MessageBody": "hoge"}, "as": "alice"}}
    wrong = {"call": {"sqs.send_message": {"QueueUrl": "jibs", "MessageBody": "hoge"}}}
    function = a_function(files={"app.py": READS_ITS_QUEUE}, timeout_s=60, memory_mb=512)
    asked = {
        "version": 2,
        "function": function,
        "account": {"resources": [{"sqs.create_queue": {"QueueName": "jobs"}}]},
    }
    steps = [invoke(1, "bob"), send, wrong, invoke(2, "carol")]

    result = engine.run(Scenario.model_validate({**asked, "steps": steps}))

    assert answers(result) == [[], ["hoge"]]
    sent, refused = (each for each in calls(result) if each.step is not None)
    assert (sent.operation, sent.principal, sent.status_code, "MessageId" in sent.answer) == (
        "SendMessage",
        "alice",
        200,
        True,
    )
    assert (refused.status_code, refused.error, "does not exist" in refused.answer) == (
        400,
        "QueueDoesNotExist",
        True,
    )
    assert (result.verdict, result.findings) == ("clean", ())
