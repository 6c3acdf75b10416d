"""Event source mappings of streams among an account's resources: what is read, and what is refused with its field."""

from __future__ import annotations

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.account.queue_mappings import mappings
from sandbox_runner.scenario.account.stream_mappings import StreamMapping
from sandbox_runner.scenario.destinations import Destination
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, invoke

OWN = "us-east-1:123456789012"
STREAM = {"kinesis.create_stream": {"StreamName": "orders", "ShardCount": 1}}
TABLE = {
    "dynamodb.create_table": {
        "TableName": "users",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    }
}
OF_TABLE = f"arn:aws:dynamodb:{OWN}:table/users/stream/2026-01-01T00:00:00.000"
PLACE = "account.resources[2].lambda.create_event_source_mapping"


def mapped(arn=f"arn:aws:kinesis:{OWN}:stream/orders", **fields):
    asked = {"EventSourceArn": arn, "FunctionName": "worker", "StartingPosition": "TRIM_HORIZON", **fields}
    asked = {key: value for key, value in asked.items() if value is not None}
    resources = [STREAM, TABLE, {"lambda.create_event_source_mapping": asked}]
    return parse_scenario(
        {"version": 2, "functions": {"worker": a_function()}, "account": {"resources": resources}, "steps": [invoke()]}
    )


def test_a_mapping_has_lambda_s_defaults():
    (found,) = mappings(mapped().account)

    assert found == StreamMapping("kinesis", "orders", "worker", batch_size=100)
    assert found.arn == f"arn:aws:kinesis:{OWN}:stream/orders"


def test_what_is_asked_for_is_read():
    queue = f"arn:aws:sqs:{OWN}:lost"
    scenario = mapped(
        OF_TABLE,
        BatchSize=7,
        MaximumBatchingWindowInSeconds=5,
        StartingPosition="LATEST",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
        MaximumRecordAgeInSeconds=60,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    wanted = {"from_start": False, "bisects": True, "reports_failures": True, "retries_max": 0, "age_s_max": 60}

    (found,) = mappings(scenario.account)
    assert found == StreamMapping("dynamodb", "users", "worker", 7, 5, on_failure=Destination(queue), **wanted)
    assert found.arn == OF_TABLE


def test_a_bound_of_minus_one_is_none():
    (found,) = mappings(mapped(MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=-1).account)
    assert (found.retries_max, found.age_s_max) == (None, None)


@pytest.mark.parametrize(
    ("arn", "fields", "field", "words"),
    [
        (f"arn:aws:kinesis:{OWN}:stream/other", {}, "EventSourceArn", "which does not exist yet; create it first"),
        (OF_TABLE.replace("users", "other"), {}, "EventSourceArn", "which does not exist yet; create it first"),
        (f"arn:aws:dynamodb:{OWN}:table/users", {}, "EventSourceArn", "write the ARN of a stream"),
        (OF_TABLE, {"FunctionName": "wroker"}, "FunctionName", "did you mean worker?"),
        (OF_TABLE, {"StartingPosition": None}, "StartingPosition", "must say where to start"),
        (
            OF_TABLE,
            {"StartingPosition": "AT_TIMESTAMP"},
            "StartingPosition",
            "cannot be AT_TIMESTAMP; it can be LATEST",
        ),
        (
            OF_TABLE,
            {"ParallelizationFactor": 2},
            "ParallelizationFactor",
            "is not played here; a mapping has BatchSize",
        ),
        (OF_TABLE, {"MaximumRecordAgeInSeconds": 59}, "MaximumRecordAgeInSeconds", "60"),
        (OF_TABLE, {"MaximumBatchingWindowInSeconds": 301}, "MaximumBatchingWindowInSeconds", "300"),
        (
            OF_TABLE,
            {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::Kept"}}},
            "DestinationConfig.OnFailure.Destination",
            "a standard queue or topic of this account or a bucket",
        ),
    ],
)
def test_what_lambda_refuses_or_nobody_plays_is_refused_with_its_field(arn, fields, field, words):
    with pytest.raises(ScenarioError) as refused:
        mapped(arn, **fields)

    assert f"{PLACE}.{field}".startswith(refused.value.field)
    assert words in str(refused.value)


def test_a_second_mapping_of_a_stream_to_the_same_function_is_refused():
    told = mapped(OF_TABLE).to_json()
    resources = told["account"]["resources"]

    with pytest.raises(ScenarioError, match=r"maps arn:\S+ to worker a second time"):
        parse_scenario({**told, "account": {"resources": [*resources, resources[-1]]}})
