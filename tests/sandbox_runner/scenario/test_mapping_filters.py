"""Filters of event source mappings: which messages and records their function gets.

The cases of queues are those of localstack/localstack, test_sqs_event_filter in
tests/aws/services/lambda_/event_source_mapping/test_lambda_integration_sqs.py, recorded on AWS.
"""

from __future__ import annotations

import base64
import json

import pytest

from sandbox_runner.scenario.account.mapping_filters import wants_message, wants_record


def wants(pattern, body):
    return wants_message((json.dumps(pattern),), {"body": body if isinstance(body, str) else json.dumps(body)})


@pytest.mark.parametrize(
    ("asked", "fitting", "other"),
    [
        ({"k": ["v"]}, {"k": "v"}, {"k": "w"}),
        ({"k": ["v", "w"]}, {"k": "w"}, {"k": "x"}),
        ({"k": ["u", "v"], "l": ["w"]}, {"k": "v", "l": "w"}, {"k": "x", "l": "w"}),
        ({"k": [{"exists": True}]}, {"k": "any"}, {"l": "any"}),
        ({"n": [{"numeric": [">", 100]}]}, {"n": 101}, {"n": 100}),
        ({"n": [{"numeric": ["<", 100]}]}, {"n": 99}, {"n": 100}),
        ({"n": [{"numeric": [">=", 100, "<", 200]}]}, {"n": 100}, {"n": 200}),
        ({"k": [{"prefix": "yes"}]}, {"k": "yes-v"}, {"k": "no-v"}),
        ({"k": ["v"]}, {"k": "v"}, "plain"),
        (["plain"], "plain", {"k": "plain"}),
    ],
)
def test_a_message_s_body_is_json_where_a_pattern_looks_into_it(asked, fitting, other):
    assert wants({"body": asked}, fitting)
    assert not wants({"body": asked}, other)


def test_one_of_several_filters_is_enough_and_none_lets_everything_through():
    filters = ('{"body": {"k": ["a"]}}', '{"body": {"k": ["b"]}}')

    assert wants_message(filters, {"body": '{"k": "b"}'})
    assert not wants_message(filters, {"body": '{"k": "c"}'})
    assert wants_message((), {"body": "anything"})


def test_a_way_of_or_looks_into_the_body_too():
    pattern = {"$or": [{"messageId": ["7"]}, {"body": {"k": ["v"]}}]}

    assert wants(pattern, {"k": "v"})
    assert not wants(pattern, {"k": "w"})


def test_what_kinesis_holds_is_decoded_and_what_dynamodb_holds_is_not_touched():
    def kinesis(data):
        return {"kinesis": {"partitionKey": "p", "data": base64.b64encode(data).decode()}, "eventSource": "aws:kinesis"}

    assert wants_record("kinesis", ('{"data": {"k": ["v"]}}',), kinesis(b'{"k": "v"}'))
    assert not wants_record("kinesis", ('{"data": {"k": ["v"]}}',), kinesis(b"\xff\xfe"))
    assert wants_record("kinesis", ('{"partitionKey": ["p"]}',), kinesis(b"\xff\xfe"))
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": {"n": {"N": "7"}}}}
    assert wants_record(
        "dynamodb", ('{"eventName": ["INSERT"], "dynamodb": {"NewImage": {"n": {"N": ["7"]}}}}',), record
    )
    assert not wants_record("dynamodb", ('{"eventName": ["REMOVE"]}',), record)
    assert wants_record("dynamodb", (), record)
