"""Which event a handler reads, as its code is usually written in both languages."""

import pytest

from sandbox_runner.event_templates import NAMES
from sandbox_runner.event_templates.recognising import SIGNS, lacks, read_by


@pytest.mark.parametrize(
    ("code", "template"),
    [
        ('def handler(event, context):\n    if event["httpMethod"] == "GET":', "apigateway-v1"),
        ("const { httpMethod, path } = event;", "apigateway-v1"),
        ('method = event.get("requestContext", {}).get("http", {})', "apigateway-v2"),
        ("const path = event.rawPath;", "apigateway-v2"),
        ("const data = JSON.parse(event.body);", "apigateway-v2"),
        ('message = event["queryStringParameters"]["message"]', "apigateway-v2"),
        ('for record in event["Records"]:\n    bucket = record["s3"]["bucket"]["name"]', "s3"),
        ("for (const record of event.Records) { await work(record.body); }", "sqs"),
        ('for record in event["Records"]:\n    text = record["Sns"]["Message"]', "sns"),
        ("event.Records.map((record) => record.dynamodb.NewImage)", "dynamodb"),
        ('base64.b64decode(record["kinesis"]["data"]) for record in event["Records"]', "kinesis"),
        ('order = event["detail"]["order"]', "eventbridge"),
        ('if event["RequestType"] == "Create":\n    name = event["ResourceProperties"]["Name"]', "custom-resource"),
        ('event["response"]["autoConfirmUser"] = True', "cognito-pre-sign-up"),
    ],
)
def test_code_shows_which_event_it_reads(code, template):
    assert read_by([code]).template == template


@pytest.mark.parametrize(
    "code",
    [
        "def handler(event, context):\n    return event['name']",
        "const body = await response.text(); reply.body = body; return other.body;",
        "detail = error.detail",
        "",
    ],
)
def test_code_that_asks_for_nothing_of_aws_has_no_event(code):
    assert read_by([code]) is None


def test_what_a_function_reads_is_found_in_any_of_its_files():
    assert (
        read_by(["from parts import read", 'def read(event):\n    return event["httpMethod"]']).template
        == "apigateway-v1"
    )


def test_every_sign_is_of_a_template():
    assert {sign.template for sign in SIGNS} <= set(NAMES)


@pytest.mark.parametrize(
    ("payload", "lacking"),
    [({}, True), ({"path": "/"}, True), ({"httpMethod": "GET"}, False), ([], False), ("x", False)],
)
def test_a_payload_lacks_an_event_if_it_is_an_object_without_its_key(payload, lacking):
    assert lacks(payload, read_by(['event["httpMethod"]'])) is lacking


def test_code_of_any_length_is_read_at_once():
    assert read_by(["{ body " * 20_000]) is None
