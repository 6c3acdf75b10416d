"""Batches of messages: what a function gets, and which answers fail which messages."""

from __future__ import annotations

import json

import pytest

from sandbox_runner.service.event_sources.batches import Message, event_of, failed_of

ARN = "arn:aws:sqs:us-east-1:123456789012:jobs"
BATCH = tuple(Message(name, f"receipt-{name}", f"body {name}", 1) for name in ("a", "b", "c"))


def test_a_record_has_the_keys_of_aws_s_page():
    message = Message(
        "id-1",
        "receipt",
        "hoge",
        2,
        "md5",
        {"ApproximateReceiveCount": "2", "MessageGroupId": "g"},
        {"kind": {"DataType": "String", "StringValue": "x"}, "data": {"DataType": "Binary", "BinaryValue": "aG9nZQ=="}},
        "md5-2",
    )

    (record,) = json.loads(event_of([message], ARN))["Records"]

    assert record == {
        "messageId": "id-1",
        "receiptHandle": "receipt",
        "body": "hoge",
        "attributes": {"ApproximateReceiveCount": "2", "MessageGroupId": "g"},
        "messageAttributes": {
            "kind": {"stringListValues": [], "binaryListValues": [], "dataType": "String", "stringValue": "x"},
            "data": {"stringListValues": [], "binaryListValues": [], "dataType": "Binary", "binaryValue": "aG9nZQ=="},
        },
        "md5OfMessageAttributes": "md5-2",
        "md5OfBody": "md5",
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
        "awsRegion": "us-east-1",
    }


def test_without_attributes_their_digest_is_null_as_it_was_recorded():
    (record,) = json.loads(event_of(BATCH[:1], ARN))["Records"]

    assert (record["messageAttributes"], record["md5OfMessageAttributes"]) == ({}, None)


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        ("null", ""),
        ('""', ""),
        ("{}", ""),
        ("", ""),
        ('{"batchItemFailures": []}', ""),
        ('{"batchItemFailures": null}', ""),
        ('{"batchItemFailures": [{"itemIdentifier": "b"}]}', "b"),
        ('{"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "c"}]}', "bc"),
        ('{"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "b"}]}', "b"),
        ('{"batchItemFailures": [{"itemIdentifier": ""}]}', "abc"),
        ('{"batchItemFailures": [{"itemIdentifier": null}]}', "abc"),
        ('{"batchItemFailures": [{"itemId": "b"}]}', "abc"),
        ('{"batchItemFailures": [{"itemIdentifier": "z"}]}', "abc"),
        ('{"batchItemFailures": ["b"]}', "abc"),
        ('{"batchItemFailures": "b"}', "abc"),
        ('"done"', "abc"),
        ("{", "abc"),
        ("[" * 5_000, "abc"),
    ],
)
def test_an_answer_says_which_messages_failed_and_one_that_says_it_wrongly_fails_all(answer, failed):
    assert failed_of(BATCH, answer.encode()) == frozenset(failed)
