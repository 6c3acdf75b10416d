"""What code asks of AWS's services, as it is usually written in both languages."""

import pytest

from sandbox_runner.handler_code.aws_resources import objects_of, wanted_by
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, invoke

PYTHON = """
import os, boto3
table = boto3.resource("dynamodb").Table(os.environ.get("TABLE_NAME", "orders"))
def handler(event, context):
    return table.get_item(Key={"id": event["id"]})
"""
NODE = """
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
const TABLE = process.env.ORDERS_TABLE;
export const handler = (event) => documents.send(new GetCommand({ TableName: TABLE, Key: { pk: event.pk, sk } }));
"""


def made(code, **environment):
    return {next(iter(each)): next(iter(each.values())) for each in wanted_by([code], environment).resources}


def test_a_table_has_the_key_that_the_code_gives():
    table = made(PYTHON)["dynamodb.create_table"]
    assert (table["TableName"], table["KeySchema"]) == ("orders", [{"AttributeName": "id", "KeyType": "HASH"}])


def test_an_environment_variable_says_the_name():
    assert made(PYTHON, TABLE_NAME="prod-orders")["dynamodb.create_table"]["TableName"] == "prod-orders"


def test_a_variable_that_nobody_set_gets_a_name_and_two_keys_are_hash_and_range():
    wanted = wanted_by([NODE], {})
    table = wanted.resources[0]["dynamodb.create_table"]
    assert (wanted.variables, table["TableName"]) == ({"ORDERS_TABLE": "orders"}, "orders")
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]


@pytest.mark.parametrize(
    ("code", "operation", "name"),
    [
        ('boto3.client("s3").put_object(Bucket="letters", Key="a")', "s3.create_bucket", "letters"),
        ('import "@aws-sdk/client-s3"; new GetObjectCommand({ Bucket: "letters" })', "s3.create_bucket", "letters"),
        ('boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE_URL"])', "sqs.create_queue", "jobs"),
        ('boto3.client("sns").publish(TopicArn=os.environ["NEWS_TOPIC_ARN"])', "sns.create_topic", "news"),
        ('boto3.client("secretsmanager").get_secret_value(SecretId="db")', "secretsmanager.create_secret", "db"),
        ('boto3.client("ssm").get_parameter(Name="/app/key")', "ssm.put_parameter", "/app/key"),
        (
            'sfn = boto3.client("stepfunctions"); sfn.start_execution(stateMachineArn=os.environ["ORDERS_ARN"])',
            "stepfunctions.create_state_machine",
            "orders",
        ),
    ],
)
def test_every_kind_of_resource_is_made_by_its_operation(code, operation, name):
    resource = made(code)[operation]
    assert name in resource.values()


@pytest.mark.parametrize(
    "code",
    [
        PYTHON,
        NODE,
        'boto3.client("sqs"); QueueUrl=os.environ["Q"]',
        'boto3.client("stepfunctions"); stateMachineArn=os.environ["M"]',
    ],
)
def test_what_is_offered_is_what_an_sdk_would_send(code):
    account = {"resources": wanted_by([code], {}).resources}
    parse_scenario({"version": 2, "function": a_function(), "account": account, "steps": [invoke(1)]})


def test_a_queues_url_is_what_its_variable_gets():
    code = 'boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE_URL"])'
    assert wanted_by([code], {}).variables == {"QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"}


@pytest.mark.parametrize("code", ["def handler(event, context): return event", 'Table("orders")', ""])
def test_code_that_uses_no_service_wants_nothing(code):
    assert wanted_by([code], {}) == wanted_by([], {})


def test_what_an_event_of_s3_is_about_is_put_there_first():
    record = {"s3": {"bucket": {"name": "letters"}, "object": {"key": "a+b%2F1.txt"}}}
    bucket, put = objects_of([{"Records": [record, record, {"s3": 1}]}, {"Records": 1}, []])
    assert bucket == {"s3.create_bucket": {"Bucket": "letters"}}
    assert put["s3.put_object"]["Key"] == "a b/1.txt"


def test_the_same_table_is_made_once():
    assert len(wanted_by([PYTHON, PYTHON], {}).resources) == 1


def test_code_of_any_length_is_read_at_once():
    assert wanted_by(["dynamodb Key={ " * 10_000, "TableName = " * 10_000], {}).resources == ()
