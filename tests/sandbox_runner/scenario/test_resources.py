"""An account in a scenario is checked against AWS's own model, and an error says which field and which key is near."""

from __future__ import annotations

import pytest

from sandbox_runner.account.aws_names import SERVICES as ANSWERED
from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.account import SERVICES
from sandbox_runner.scenario.reader import parse_scenario, read_scenario
from tests.builders import a_function, invoke

TABLE = {
    "TableName": "users",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ITEM = {"TableName": "users", "Item": {"id": {"S": "1"}, "name": {"S": "hoge"}}}
PLACE = "account.resources[0]"


def a_scenario(*resources, version=2, **account):
    """A scenario with these resources."""
    told = {"resources": list(resources), **account}
    return {"version": version, "function": a_function(), "account": told, "steps": [invoke()]}


def refused(*resources, **account):
    """The field and the sentence of what is wrong."""
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(a_scenario(*resources, **account))
    return raised.value.field, raised.value.problem


def test_resources_are_operations_with_their_own_parameters():
    read = parse_scenario(
        a_scenario({"dynamodb.create_table": TABLE}, {"dynamodb.put_item": ITEM}, {"s3.create_bucket": {"Bucket": "b"}})
    )

    assert read.account is not None
    assert [operation.written for operation, _ in read.account.operations()] == [
        "dynamodb.create_table",
        "dynamodb.put_item",
        "s3.create_bucket",
    ]


def test_a_scenario_without_an_account_says_nothing_of_one():
    read = parse_scenario({"version": 2, "function": a_function(), "steps": [invoke()]})

    assert read.account is None
    assert "account" not in read.to_json()


def test_a_scenario_with_an_account_reads_back_as_it_is():
    read = parse_scenario(a_scenario({"sqs.create_queue": {"QueueName": "jobs"}}, services=["sqs"]))

    assert parse_scenario(read.to_json()) == read


def test_the_services_that_are_named_are_those_that_are_answered_for():
    assert set(SERVICES) == set(ANSWERED)


@pytest.mark.parametrize(
    ("resource", "field", "said"),
    [
        ({"dinamodb.create_table": TABLE}, PLACE, "did you mean dynamodb?"),
        ({"lambda.create_function": {}}, PLACE, "lambda is no service that an account has here"),
        ({"dynamodb.create_tabel": TABLE}, PLACE, "did you mean dynamodb.create_table?"),
        ({"dynamodb": TABLE}, PLACE, "dynamodb has no operation"),
        ({"sqs.create_queue": {"QueueNmae": "jobs"}}, f"{PLACE}.sqs.create_queue.QueueNmae", "did you mean QueueName?"),
        ({"sqs.create_queue": {}}, f"{PLACE}.sqs.create_queue", 'Missing required parameter in input: "QueueName"'),
        (
            {"sqs.create_queue": {"QueueName": 7}},
            f"{PLACE}.sqs.create_queue",
            "Invalid type for parameter QueueName, value: 7",
        ),
        (
            {"dynamodb.put_item": {"TableName": "t", "Item": {"id": {"Str": "1"}}}},
            f"{PLACE}.dynamodb.put_item.Item.id.Str",
            "unknown key Str",
        ),
        ({"s3.create_bucket": {"Bucket": "a"}, "sqs.create_queue": {}}, PLACE, "must be one operation"),
        ({}, PLACE, "must be one operation"),
    ],
)
def test_what_no_sdk_would_send_is_refused_with_its_field(resource, field, said):
    place, sentence = refused(resource)

    assert place == field
    assert said in sentence


def test_an_unknown_service_among_the_offered_is_refused():
    field, sentence = refused(services=["s4"])

    assert (field, "did you mean s3?" in sentence) == ("account.services[0]", True)


def test_an_account_needs_version_2():
    with pytest.raises(ScenarioError, match="account needs version: 2"):
        parse_scenario(a_scenario(version=1))


def test_an_unknown_key_of_the_account_is_refused():
    with pytest.raises(ScenarioError, match="did you mean resources"):
        parse_scenario({**a_scenario(), "account": {"resource": []}})


def test_an_error_leads_to_the_line_of_its_operation():
    text = """\
version: 2
function: {runtime: python3.13, handler: app.handler, files: {app.py: "def handler(event, context): pass"}}
account:
  resources:
    - sqs.create_queue: {QueueName: jobs}
    - sqs.create_queue:
        QueueNam: other
steps: [{invoke: {}}]
"""
    with pytest.raises(ScenarioError) as raised:
        read_scenario(text)

    assert raised.value.line == 6
