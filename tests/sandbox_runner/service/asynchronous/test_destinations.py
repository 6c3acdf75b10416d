"""What a destination and a dead-letter queue get."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.service.asynchronous.destinations import (
    Ended,
    Response,
    dead_letter,
    destination_record,
    json_or_text,
)

FAILED = Ended(
    function="demo",
    request_id="id-1",
    payload='{"k":"v"}',
    condition="RetriesExhausted",
    invokes=3,
    epoch_ms=1_767_575_100_007,
    response=Response(200, '{"errorMessage":"no","errorType":"ValueError"}', "Unhandled"),
)


def test_a_destinations_record_has_request_response_and_condition():
    assert destination_record(FAILED) == {
        "version": "1.0",
        "timestamp": "2026-01-05T01:05:00.007Z",
        "requestContext": {
            "requestId": "id-1",
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:demo:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": {"k": "v"},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "no", "errorType": "ValueError"},
    }


def test_a_success_names_no_error():
    record = destination_record(replace(FAILED, condition="Success", response=Response(200, '"done"')))
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert record["responsePayload"] == "done"


def test_of_a_request_that_was_never_invoked_there_is_no_response():
    record = destination_record(replace(FAILED, condition="ZeroReservedConcurrency", invokes=0, response=None))
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert not {"responseContext", "responsePayload"} & record.keys()


def test_a_throttled_requests_response_is_its_status():
    record = destination_record(replace(FAILED, condition="EventAgeExceeded", response=Response(429)))
    assert record["responseContext"] == {"statusCode": 429}
    assert "responsePayload" not in record


def test_a_dead_letter_is_the_event_unchanged_with_three_attributes():
    assert dead_letter(FAILED) == {
        "body": '{"k":"v"}',
        "messageAttributes": {
            "RequestID": {"dataType": "String", "stringValue": "id-1"},
            "ErrorCode": {"dataType": "Number", "stringValue": "200"},
            "ErrorMessage": {"dataType": "String", "stringValue": "no"},
        },
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (json.dumps({"errorMessage": "x" * 5000}), "x" * 1024),
        (json.dumps({"errorMessage": "あ" * 5000}, ensure_ascii=False), "あ" * 341),
        ('{"errorMessage": 5}', ""),
        ("[]", ""),
        ("no JSON", ""),
    ],
)
def test_a_dead_letters_message_is_text_of_at_most_one_kb(body, message):
    attributes = dead_letter(replace(FAILED, response=Response(200, body, "Unhandled")))["messageAttributes"]
    assert attributes["ErrorMessage"]["stringValue"] == message


@pytest.mark.parametrize("text", ['{"a": NaN}', "1e999", '"\\ud800"', "[" * 5000, "[" * 200 + "]" * 200, "", "{"])
def test_what_a_result_cannot_hold_as_json_stays_text(text):
    assert json_or_text(text) == text


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")), st.lists))
def test_json_is_taken_as_what_it_is(value):
    assert json_or_text(json.dumps(value)) == value
