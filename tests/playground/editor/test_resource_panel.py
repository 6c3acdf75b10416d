"""The panel that writes resources into the account of the form."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from django.urls import reverse

from playground.editor.form_state import FileRow, FormState, StepRow
from playground.editor.resource_panel import CONTENTS_MAX, KINDS, ResourceForm, panel_of, with_resource, with_wanted
from playground.editor.to_scenario import scenario_of

CODE = """
import os, boto3

table = boto3.resource("dynamodb").Table(os.environ["USERS_TABLE"])
s3 = boto3.client("s3")

def handler(event, context):
    return s3.get_object(Bucket="letters", Key="a")
"""
FORM = {
    "runtime": "python3.13",
    "handler": "app.handler",
    "memory_mb": "128",
    "timeout_s": "3",
    "file_name": "app.py",
    "file_text": CODE,
}
ITEMS = '{"id": "1", "age": 30, "rate": 1.5, "tags": ["a", null], "is": {"new": true}}\n\n{"id": "2"}\n'


def added(account="", **fields):
    """The operations of a form's account once the panel was used."""
    state, told = with_resource(FormState(account=account), ResourceForm(**fields))
    assert told.error == ""
    return yaml.safe_load(state.account)


def state_with(account="", **fields):
    files, steps = (FileRow("app.py", CODE),), (StepRow("invoke", payload="{}"),)
    return FormState(handler="app.handler", files=files, steps=steps, account=account, **fields)


def test_a_table_is_made_with_its_items_in_dynamodb_s_own_form():
    made, first, second = added(kind="table", name="users", contents=ITEMS)

    assert made["dynamodb.create_table"]["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert first["dynamodb.put_item"]["Item"] == {
        "id": {"S": "1"},
        "age": {"N": "30"},
        "rate": {"N": "1.5"},
        "tags": {"L": [{"S": "a"}, {"NULL": True}]},
        "is": {"M": {"new": {"BOOL": True}}},
    }
    assert second["dynamodb.put_item"]["Item"] == {"id": {"S": "2"}}


def test_a_table_s_keys_have_the_types_of_the_first_item():
    (made, _) = added(kind="table", name="users", key="id, at", contents='{"id": "1", "at": 7}')

    told = made["dynamodb.create_table"]
    assert [each["KeyType"] for each in told["KeySchema"]] == ["HASH", "RANGE"]
    assert [each["AttributeType"] for each in told["AttributeDefinitions"]] == ["S", "N"]


@pytest.mark.parametrize(
    ("kind", "name", "contents", "written"),
    [
        ("bucket", "letters", "a/b.txt: dear: you", {"Bucket": "letters", "Key": "a/b.txt", "Body": "dear: you"}),
        ("queue", "jobs", "one", {"QueueUrl": "jobs", "MessageBody": "one"}),
        (
            "queue",
            "jobs.fifo",
            "one",
            {"QueueUrl": "jobs.fifo", "MessageBody": "one", "MessageGroupId": "1", "MessageDeduplicationId": "1"},
        ),
        ("secret", "token", "a\nb", {"Name": "token", "SecretString": "a\nb"}),
        ("parameter", "/a/b", "7", {"Name": "/a/b", "Value": "7", "Type": "String"}),
        (
            "topic",
            "news",
            "jobs",
            {
                "TopicArn": "arn:aws:sns:us-east-1:123456789012:news",
                "Protocol": "sqs",
                "Endpoint": "arn:aws:sqs:us-east-1:123456789012:jobs",
            },
        ),
    ],
    ids=["bucket", "queue", "fifo queue", "secret", "parameter", "topic"],
)
def test_other_kinds_are_made_with_what_is_in_them(kind, name, contents, written):
    (said,) = added(kind=kind, name=name, contents=contents)[-1].values()

    assert said == written


@pytest.mark.parametrize(("kind", "_label", "_hint"), KINDS)
def test_a_scenario_can_have_whatever_the_panel_writes(kind, _label, _hint):
    contents = '{"id": "1"}' if kind == "table" else "a: b"
    contents = "jobs" if kind == "topic" else contents
    state, _ = with_resource(state_with(), ResourceForm(kind, "a-name", contents=contents))

    assert len(scenario_of(state).account.resources) in {1, 2}


def test_comments_and_settings_of_the_account_stay():
    listed, _ = with_resource(FormState(account="# mine\n- s3.create_bucket: {Bucket: a}"), ResourceForm("queue", "b"))
    mapped, _ = with_resource(FormState(account="services: [s3, sqs]"), ResourceForm("queue", "b"))

    assert listed.account == "# mine\n- s3.create_bucket: {Bucket: a}\n- sqs.create_queue:\n    QueueName: b\n"
    assert yaml.safe_load(mapped.account) == {
        "services": ["s3", "sqs"],
        "resources": [{"sqs.create_queue": {"QueueName": "b"}}],
    }


@pytest.mark.parametrize(
    ("account", "typed", "said"),
    [
        ("", {"name": ""}, "It needs a name."),
        ("", {"name": "a", "contents": "no"}, "Line 1 is not a JSON object."),
        ("", {"name": "a", "contents": "[" * 9_000}, "Line 1 is not a JSON object."),
        ("", {"name": "a", "contents": '{"a": 1}'}, "Item 1 has no id."),
        ("", {"name": "a", "key": "a,b,c"}, "A table has a partition key and at most one sort key."),
        ("", {"name": "a", "kind": "castle"}, "Choose what to add."),
        ("- [", {"name": "a"}, "The YAML below cannot be read; fix it first."),
        ("", {"name": "a", "contents": "{}\n" * (CONTENTS_MAX + 1)}, "That is 51 lines, over the 50 that fit here."),
    ],
    ids=["no name", "no JSON", "deep JSON", "no key", "three keys", "no kind", "no YAML", "too many"],
)
def test_what_cannot_be_written_is_said_and_nothing_is_changed(account, typed, said):
    before = FormState(account=account)

    after, told = with_resource(before, ResourceForm(**typed))

    assert (after, told.error) == (before, said)
    assert replace(told, error="") == ResourceForm(**typed)


def test_what_the_code_names_is_offered_until_it_is_there():
    assert panel_of(state_with()).wanted == ("users", "letters")
    assert panel_of(state_with("- s3.create_bucket: {Bucket: letters}")).wanted == ("users",)
    assert panel_of(state_with("- [")).wanted == ()


def test_what_the_code_asks_for_is_added_to_what_is_there_with_its_variables():
    after, told = with_wanted(state_with("- s3.create_bucket: {Bucket: letters}", environment="A=b"))

    assert [next(iter(each)) for each in yaml.safe_load(after.account)] == ["s3.create_bucket", "dynamodb.create_table"]
    assert (after.environment, told.said) == ("A=b\nUSERS_TABLE=users", "users was added.")
    assert with_wanted(after)[0] == after


@pytest.mark.django_db
def test_the_page_s_button_adds_it_without_scripts(client):
    typed = {"resource_kind": "bucket", "resource_name": "<b>", "resource_contents": "a: b", "action": "add-resource"}

    page = client.post(reverse("home"), FORM | typed).content.decode()

    assert "Bucket: &lt;b&gt;" in page
    assert "&lt;b&gt; was added." in page


@pytest.mark.django_db
def test_what_was_typed_into_the_panel_survives_a_mistake(client):
    typed = {"resource_kind": "queue", "resource_name": "", "resource_contents": "hello", "action": "add-resource"}

    page = client.post(reverse("home"), FORM | typed).content.decode()

    assert "It needs a name." in page
    assert '<option value="queue" selected>' in page
    assert "\nhello</textarea>" in page
