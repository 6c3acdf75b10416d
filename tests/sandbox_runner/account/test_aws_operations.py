"""What is told of a request: the service, the operation by its API name, the parameters, the error."""

from __future__ import annotations

import json

import pytest

from sandbox_runner.account import aws_names
from sandbox_runner.account.base import AwsAnswer, AwsRequest
from sandbox_runner.account.operations import asked_for, elsewhere, error_of
from sandbox_runner.limits import ACCOUNT_TEXT_CHARACTERS_MAX

SCOPE = "AWS4-HMAC-SHA256 Credential=ASIA/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"


def asked(method, host, target, body=b"", **headers):
    """Service, operation and parameters."""
    told = (("Host", host), *((name.replace("_", "-"), value) for name, value in headers.items()))
    found = asked_for(AwsRequest(method, target, told, body))
    return found.service, found.operation, json.loads(found.parameters or "{}")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (("GET", "b.s3.amazonaws.com", "/k/l"), ("s3", "GetObject", {"Bucket": "b", "Key": "k/l"})),
        (("GET", "s3.us-east-1.amazonaws.com", "/b/k"), ("s3", "GetObject", {"Bucket": "b", "Key": "k"})),
        (("HEAD", "a.b.s3.eu-west-1.amazonaws.com", "/k"), ("s3", "HeadObject", {"Bucket": "a.b", "Key": "k"})),
        (
            ("GET", "b.s3.amazonaws.com", "/?list-type=2&prefix=x"),
            ("s3", "ListObjectsV2", {"Bucket": "b", "Prefix": "x"}),
        ),
        (("DELETE", "b.s3.amazonaws.com", "/k"), ("s3", "DeleteObject", {"Bucket": "b", "Key": "k"})),
        (("GET", "s3.amazonaws.com", "/"), ("s3", "ListBuckets", {})),
        (("GET", "scheduler.us-east-1.amazonaws.com", "/schedules"), ("scheduler", "ListSchedules", {})),
        (("GET", "lambda.us-east-1.amazonaws.com", "/2015-03-31/functions/"), ("lambda", "ListFunctions", {})),
        (("GET", "batch.us-east-1.amazonaws.com", "/"), ("", "GET", {})),
    ],
)
def test_an_operation_is_known_by_method_and_address(request_, expected):
    assert asked(*request_) == expected


def test_an_operation_is_known_by_its_target():
    told = asked(
        "POST",
        "dynamodb.us-east-1.amazonaws.com",
        "/",
        b'{"TableName": "t"}',
        authorization=SCOPE.format("dynamodb"),
        x_amz_target="DynamoDB_20120810.GetItem",
    )

    assert told == ("dynamodb", "GetItem", {"TableName": "t"})


def test_an_operation_is_known_by_its_form():
    told = asked(
        "POST",
        "sns.us-east-1.amazonaws.com",
        "/",
        b"Action=Publish&Version=2010-03-31&Message=ho+ge",
        content_type="application/x-www-form-urlencoded; charset=utf-8",
    )

    assert told == ("sns", "Publish", {"Message": "ho ge"})


def test_a_signature_says_more_than_a_name():
    streams = asked(
        "POST",
        "streams.dynamodb.us-east-1.amazonaws.com",
        "/",
        b"{}",
        authorization=SCOPE.format("dynamodb"),
        x_amz_target="DynamoDBStreams_20120810.ListStreams",
    )
    signed = "/k?X-Amz-Credential=ASIA%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"

    assert streams[:2] == ("dynamodbstreams", "ListStreams")
    assert asked("GET", "b.s3.amazonaws.com", signed)[:2] == ("s3", "GetObject")


def test_a_body_in_signed_chunks_is_told_without_their_frames():
    told = asked(
        "PUT", "b.s3.amazonaws.com", "/k", b"4\r\nhoge\r\n0\r\nx-amz-checksum:0\r\n\r\n", content_encoding="aws-chunked"
    )

    assert told[2]["Body"] == "hoge"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (AwsAnswer(200, (), b'{"__type": "no error"}'), ""),
        (AwsAnswer(400, (), b'{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}'),) * 1
        + ("ResourceNotFoundException",),
        (AwsAnswer(404, (), b"<Error><Code>NoSuchKey</Code></Error>"), "NoSuchKey"),
        (AwsAnswer(400, (("X-Amzn-ErrorType", "ValidationException:http://x"),)), "ValidationException"),
        (AwsAnswer(500, (), b"\xff\xfe"), "500"),
        (AwsAnswer(500, (), b"[" * 10_000), "500"),
    ],
)
def test_an_error_is_told_by_its_code(answer, code):
    assert error_of(answer) == code


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_whatever_is_sent_is_told_within_bounds(size):
    for target in ("/", "/?" + "a=b&" * size, "/" + "%ff" * size):
        found = asked_for(AwsRequest("GET", target, (("Host", "b.s3.amazonaws.com"),), b"\xff" * size))
        assert len(found.parameters) <= ACCOUNT_TEXT_CHARACTERS_MAX
        found.parameters.encode()


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("sqs.us-east-1.amazonaws.com", True),
        ("a.b.s3.us-east-1.amazonaws.com", True),
        ("b.s3.dualstack.eu-west-1.amazonaws.com", True),
        ("s3-eu-west-1.amazonaws.com", True),
        ("123456789012.ddb.us-east-1.amazonaws.com", True),
        ("sts.amazonaws.com", True),
        ("lambda.us-east-1.amazonaws.com", True),
        ("batch.us-east-1.amazonaws.com", False),
        ("evil.com", False),
        ("sqs.us-east-1.amazonaws.com.evil.com", False),
        ("amazonaws.com", False),
    ],
)
def test_names_of_the_services_lead_to_them_and_no_others_do(name, is_one):
    assert aws_names.is_reached_as(name) is is_one
    assert bool(aws_names.of_host(name)) is is_one or not is_one


@pytest.mark.parametrize(("region", "expected"), [("us-east-1", ""), ("eu-west-1", "eu-west-1")])
def test_a_request_is_signed_for_a_region(region, expected):
    scope = f"AWS4-HMAC-SHA256 Credential=ASIA/20260101/{region}/sqs/aws4_request, Signature=0"

    assert elsewhere(AwsRequest("POST", "/", (("Authorization", scope),))) == expected
    presigned = f"/?X-Amz-Credential=ASIA%2F20260101%2F{region}%2Fs3%2Faws4_request"
    assert elsewhere(AwsRequest("GET", presigned, ())) == expected
