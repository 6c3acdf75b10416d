"""An account in a scenario is checked against AWS's own model, and an error says which field and which key is near."""

from __future__ import annotations

import pytest

from playground.editor.scenario_yaml import scenario_yaml
from sandbox_runner.account.aws_names import SERVICES as ANSWERED
from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.account.settings import SERVICES
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
        ({"lambda.create_function": {}}, PLACE, "lambda is not one of the services here"),
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


# --- calls between the requests -------------------------------------------------------------------------------------

MESSAGE = {"QueueUrl": "jobs", "MessageBody": "hoge"}


def calling(call, **varied):
    """A scenario whose first step makes a call."""
    return {**a_scenario(), "steps": [{"call": call}, invoke()], **varied}


def test_a_call_is_an_operation_with_its_parameters_and_who_makes_it():
    read = parse_scenario(calling({"sqs.send_message": MESSAGE, "as": "alice"}))

    call = read.steps[0].call
    assert (call.operation.written, call.parameters, call.principal) == ("sqs.send_message", MESSAGE, "alice")


def test_calls_alone_make_a_scenario_whose_requests_are_those_of_its_services():
    read = parse_scenario({**a_scenario(), "steps": [{"call": {"sqs.send_message": MESSAGE}}, {"idle": 1}]})

    assert list(read.requests()) == []


@pytest.mark.parametrize("call", [{"sqs.send_message": MESSAGE, "as": "alice"}, {"s3.list_buckets": {}}])
def test_a_scenario_with_a_call_reads_back_as_it_is(call):
    read = parse_scenario(calling(call))

    assert read.to_json()["steps"][0] == {"call": call}
    assert parse_scenario(read.to_json()) == read
    assert read_scenario(scenario_yaml(read)) == read


@pytest.mark.parametrize(
    ("call", "field", "said"),
    [
        ({"sqz.send_message": MESSAGE}, "steps[0].call", "did you mean sqs?"),
        ({"sqs.send_mesage": MESSAGE}, "steps[0].call", "did you mean sqs.send_message?"),
        (
            {"sqs.send_message": {"QueueUrl": "jobs"}},
            "steps[0].call.sqs.send_message",
            'Missing required parameter in input: "MessageBody"',
        ),
        (
            {"sqs.send_message": {**MESSAGE, "Queue": "jobs"}},
            "steps[0].call.sqs.send_message.Queue",
            "did you mean QueueUrl?",
        ),
        ({"sqs.send_message": "hoge"}, "steps[0].call.sqs.send_message", "must be a mapping"),
        ({"as": "alice"}, "steps[0].call", "must be one operation"),
        ({"s3.list_buckets": {}, "sqs.list_queues": {}}, "steps[0].call", "must be one operation"),
        ({"sqs.send_message": MESSAGE, "as": ""}, "steps[0].call.as", "as"),
        ({"sqs.send_message": MESSAGE, "as": "\ud83d"}, "steps[0].call.as", "half a character"),
        (
            {"sqs.send_message": {**MESSAGE, "MessageBody": "\ud83d"}},
            "steps[0].call.sqs.send_message",
            "half a character",
        ),
        ("sqs.send_message", "steps[0].call", "call"),
    ],
)
def test_a_call_that_no_sdk_would_send_is_refused_with_its_field(call, field, said):
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(calling(call))

    assert raised.value.field == field
    assert said in raised.value.problem


def test_parameters_may_be_no_deeper_than_a_payload():
    deep = {"S": "end"}
    for _ in range(400):
        deep = {"L": [deep]}
    item = {"TableName": "users", "Item": {"id": deep}}

    with pytest.raises(ScenarioError, match="nested more than"):
        parse_scenario(calling({"dynamodb.put_item": item}))
    assert "nested more than" in refused({"dynamodb.put_item": item})[1]


@pytest.mark.parametrize("account", [None, {"services": "none"}])
def test_a_call_needs_an_account_to_call(account):
    scenario = calling({"sqs.send_message": MESSAGE})
    scenario |= {"account": account} if account else {}
    if account is None:
        del scenario["account"]

    with pytest.raises(ScenarioError, match=r"calls sqs\.send_message, but the scenario has no AWS services") as raised:
        parse_scenario(scenario)
    assert raised.value.field == "steps[0].call"


def test_a_call_needs_version_2():
    scenario = calling({"sqs.send_message": MESSAGE}, version=1)
    del scenario["account"]

    with pytest.raises(ScenarioError, match=r"steps\[0\].call needs version: 2"):
        parse_scenario(scenario)


def test_resources_of_no_services_are_a_contradiction():
    field, said = refused({"sqs.create_queue": {"QueueName": "jobs"}}, services="none")

    assert field == "account.services"
    assert "with account.services set to none, nothing answers for what account.resources creates" in said


def test_an_account_s_resources_are_in_the_region_that_it_names():
    asked = {"version": 2, "function": a_function(), "account": {"region": "eu-west-1"}, "steps": [invoke(1)]}
    scenario = parse_scenario(asked)

    assert scenario.account.region == "eu-west-1"
    assert parse_scenario(scenario.to_json()) == scenario
    assert "region" not in parse_scenario({**asked, "account": {}}).to_json()["account"]


def test_a_region_that_there_is_not_and_a_mapping_elsewhere_are_refused():
    queue = "arn:aws:sqs:us-east-1:123456789012:jobs"
    mapping = {"lambda.create_event_source_mapping": {"FunctionName": "holdover", "EventSourceArn": queue}}

    field, said = refused(region="ap-norteast-1")
    assert (field, "did you mean ap-northeast-1?" in said) == ("account.region", True)
    field, said = refused({"sqs.create_queue": {"QueueName": "jobs"}}, mapping, region="eu-west-1")
    assert field.startswith("account.resources[1]")
    assert "needs a source in us-east-1, the region of the functions" in said
