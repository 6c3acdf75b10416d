"""What came by way of an AWS service is said as that, with the calls that carried it, and is no leak."""

from __future__ import annotations

import json

import pytest

from sandbox_runner.events.account_calls import Place, place_of
from sandbox_runner.events.records import ReplayStarted
from sandbox_runner.messages import render_all
from sandbox_runner.results.model import Verdict
from sandbox_runner.verdict.findings.service_passages import PASSAGES_MAX, PROVEN_MAX, account_plan
from tests.sandbox_runner.verdict.built_runs import BuiltRun
from tests.told import codes

NOTE = "hello alice-7Qx"
STORED = {"TableName": "notes", "Item": {"id": {"S": "shared-71"}, "note": {"S": NOTE}}}
ASKED = {"TableName": "notes", "Key": {"id": {"S": "shared-71"}}}
GOT = {"Item": {"note": {"S": NOTE}}}


def shared_table(*, answer=None, stored=STORED, got=GOT, reader="tenant-b", writes="PutItem", **reading):
    """Alice stores a note, and somebody reads it."""
    run = BuiltRun(({"id": "shared-71", "note": NOTE}, "tenant-a"), ({"id": "shared-71"}, reader))
    run.called(1, writes, json.dumps(stored)).answered(1, "ok")
    run.called(2, "GetItem", json.dumps(ASKED), json.dumps(got), **reading)
    return run.answered(2, {"note": NOTE} if answer is None else answer)


def alike(run):
    """It is answered the same alone."""
    return run.alone(2, {"note": NOTE}, {"note": NOTE})


def test_what_was_read_back_is_told_with_the_service_the_table_the_key_and_both_requests():
    judged = alike(shared_table()).put_back(2, 1, None).judged()

    (passage,) = judged.passages
    assert (passage.service, passage.thing, passage.name, passage.key) == ("dynamodb", "table", "notes", "id=shared-71")
    assert (passage.writer.invocation, passage.writer.leaf, passage.stored_by) == (1, "note", "PutItem")
    assert (passage.reader.invocation, passage.reader.output_path, passage.read_by) == (2, "note", "GetItem")
    assert render_all(passage.messages) == (
        "tenant-b received tenant-a's `note` (hello alice-7Qx) by way of DynamoDB table notes, id=shared-71: "
        "tenant-a's request stored it with PutItem, and tenant-b's request read it with GetItem. "
        "With the account as it was before tenant-a's request, it is gone: no environment held it over."
    )


def test_it_is_no_leak_and_the_verdict_says_so():
    judged = alike(shared_table()).put_back(2, 1, None).judged()

    assert (judged.verdict, judged.findings) == (Verdict.CLEAN, ())
    assert render_all(judged.messages) == (
        "Compared 1 of 1 warm answer with cold starts: it matches, so no environment held anything over. "
        "One value of another caller came by way of AWS's services."
    )


def test_it_is_proven_where_it_is_gone_with_the_account_as_it_was_before_the_writer():
    proven, there, untried = (
        alike(shared_table()).put_back(2, 1, None).judged().passages[0],
        alike(shared_table()).put_back(2, 1, {"note": NOTE}).judged().passages[0],
        alike(shared_table()).judged().passages[0],
    )

    assert [each.confidence for each in (proven, there, untried)] == ["proven", "strong", "strong"]
    assert [codes(each)[1:] for each in (proven, there, untried)] == [("gone-before",), ("there-before",), ()]
    assert [seen.text for seen in proven.evidence[0].observations] == [NOTE, NOTE, None]


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(shared_table(got={}), id="it was not in what it read"),
        pytest.param(shared_table(stored={"TableName": "notes"}), id="the other did not store it"),
        pytest.param(shared_table(writes="GetItem"), id="the other only read"),
        pytest.param(shared_table(status_code=400), id="the read failed"),
    ],
)
def test_without_both_calls_nothing_is_said_of_a_service(run):
    assert alike(run).judged().passages == ()


def test_what_a_cold_start_does_not_get_is_a_leak_whatever_was_read():
    judged = shared_table().alone(2, None, None).judged()

    assert (judged.verdict, judged.passages) == (Verdict.LEAK, ())


def test_before_a_replay_has_shown_anything_what_was_read_back_is_not_accused():
    judged = shared_table().judged()

    assert (judged.findings, judged.passages[0].confidence) == ((), "suspected")


def test_what_was_not_read_back_is_accused_as_before():
    assert shared_table(got={}).judged().verdict == Verdict.LEAK


def test_a_caller_s_own_value_is_nobody_else_s():
    assert alike(shared_table(reader="tenant-a")).judged().passages == ()


def test_a_request_that_shares_no_environment_with_the_writer_is_told_as_well():
    run = BuiltRun(({"note": NOTE}, "tenant-a"), ({"id": "x"}, "tenant-b"))
    run.called(1, "PutItem", json.dumps(STORED)).answered(1, "ok")
    run.called(2, "GetItem", json.dumps(ASKED), json.dumps(GOT)).answered(2, NOTE, environment="env-2")

    judged = run.judged()
    assert (judged.verdict, judged.passages[0].confidence) == (Verdict.NOTHING_TO_COMPARE, "strong")


def test_each_place_that_it_was_read_from_is_named_once():
    run = BuiltRun(({"note": NOTE}, "tenant-a"), ({"id": "x"}, "tenant-b"))
    letters = json.dumps({"Bucket": "letters", "Key": "k", "Body": NOTE})
    run.called(1, "PutItem", json.dumps(STORED)).called(1, "PutObject", letters, service="s3").answered(1, "ok")
    run.called(2, "GetObject", letters, NOTE, service="s3").called(2, "GetItem", json.dumps(ASKED), json.dumps(GOT))
    run.called(2, "GetItem", json.dumps(ASKED), json.dumps(GOT)).answered(2, NOTE, environment="env-2")

    assert {(each.service, each.name, each.stored_by) for each in run.judged().passages} == {
        ("dynamodb", "notes", "PutItem"),
        ("s3", "letters", "PutObject"),
    }
    assert len(run.judged().passages) == 2


def test_what_went_on_from_one_service_to_another_is_told_with_both():
    run = BuiltRun(({"note": NOTE}, "tenant-a"), ({"id": "x"}, "tenant-b"))
    run.called(1, "Publish", NOTE, service="sns").answered(1, "ok")
    queue = json.dumps({"QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/jobs"})
    run.called(2, "ReceiveMessage", queue, NOTE, service="sqs").answered(2, NOTE, environment="env-2")

    (passage,) = run.judged().passages
    assert "by way of SQS queue jobs: tenant-a's request stored it with sns Publish" in render_all(passage.messages)


def test_the_checks_say_how_many_calls_were_looked_at():
    judged = alike(shared_table()).put_back(2, 1, None).judged()

    assert [render_all(each.messages) for each in judged.checks if each.oracle == "account"] == [
        "Looked at 2 calls to AWS's services: one value of another caller came by way of them; 1 proven in one replay."
    ]


def test_without_calls_there_is_no_such_check():
    assert "account" not in [each.oracle for each in BuiltRun((1, "a")).answered(1, 1).judged().checks]


# --- the plan -------------------------------------------------------------------------------------------------------


def test_each_pair_is_asked_for_once_with_the_account_before_the_writer():
    run = alike(shared_table())

    assert [(each.purpose, each.indexes, each.as_of) for each in account_plan(run.case())] == [("account", (2,), 1)]
    assert account_plan(run.put_back(2, 1, None).case()) == ()


def test_however_many_there_are_replays_and_sentences_are_bounded():
    values = [f"value-of-alice-{number}" for number in range(PASSAGES_MAX + 5)]
    run = BuiltRun(*(({"note": each}, "tenant-a") for each in values), ({"all": 1}, "tenant-b"))
    for index, each in enumerate(values, 1):
        run.called(index, "PutItem", each).answered(index, "ok")
    run.called(len(values) + 1, "Scan", answer=" ".join(values)).answered(len(values) + 1, values)

    assert len(account_plan(run.case())) == PROVEN_MAX
    assert len(run.judged().passages) == PASSAGES_MAX


def test_a_replay_without_an_account_is_stored_without_its_field():
    started = ReplayStarted(purpose="history", indexes=(1,), round=1)

    assert "as_of" not in started.model_dump(mode="json")
    assert ReplayStarted(purpose="account", indexes=(2,), round=1, as_of=1).model_dump(mode="json")["as_of"] == 1


# --- where a call went -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "parameters", "place"),
    [
        ("dynamodb", ASKED, ("table", "notes", "id=shared-71")),
        ("dynamodb", {"TableName": "n", "Key": {"a": {"S": "x"}, "b": {"N": "1"}}}, ("table", "n", "a=x, b=1")),
        ("s3", {"Bucket": "letters", "Key": "to/you.txt"}, ("bucket", "letters", "to/you.txt")),
        ("sqs", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"}, ("queue", "jobs", "")),
        ("sns", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:news"}, ("topic", "news", "")),
        ("secretsmanager", {"SecretId": "token"}, ("secret", "token", "")),
        ("ssm", {"Name": "/app/stage"}, ("parameter", "/app/stage", "")),
        ("sts", {"Name": "x"}, ("", "", "")),
        ("dynamodb", ["TableName"], ("", "", "")),
    ],
)
def test_a_call_s_place_is_what_its_parameters_name(service, parameters, place):
    assert place_of(call(service, json.dumps(parameters))) == Place(service, *place)


def test_a_name_is_found_in_parameters_that_are_cut_and_not_inside_another_text():
    cut = json.dumps({"Body": json.dumps({"Bucket": "inner"}), "Bucket": "letters", "Key": "k"})[:-1]

    assert place_of(call("s3", cut)) == Place("s3", "bucket", "letters", "k")


def call(service, parameters):
    """One, with these parameters."""
    run = BuiltRun((1, "a")).called(1, "X", parameters, service=service)
    return run.events[-1].record


# --- by way of a function --------------------------------------------------------------------------------------------


def called_function():
    """Alice's request sends a note to a function, and another's gets it with that function's answer."""
    run = BuiltRun(({"id": "shared-71", "note": NOTE}, "tenant-a"), ({"id": "shared-71"}, "tenant-b"))
    sent = json.dumps({"FunctionName": "worker", "Payload": json.dumps({"note": NOTE})})
    asked = json.dumps({"FunctionName": "worker", "Payload": "{}"})
    run.called(1, "Invoke", sent, "{}", service="lambda").answered(1, "ok")
    run.called(2, "Invoke", asked, json.dumps({"note": NOTE}), service="lambda")
    return run.answered(2, {"note": NOTE})


def test_what_came_with_the_answer_of_a_called_function_is_told_as_that_and_no_account_is_put_back():
    run = alike(called_function())
    judged = run.judged()

    (passage,) = judged.passages
    assert (passage.service, passage.thing, passage.name, passage.confidence) == (
        "lambda",
        "function",
        "worker",
        "strong",
    )
    assert render_all(passage.messages) == (
        "tenant-b received tenant-a's `note` (hello alice-7Qx) by way of the function worker: tenant-a's request sent "
        "it there, and tenant-b's request got it with that function's answer."
    )
    assert judged.findings == ()
    assert account_plan(run.case()) == ()


def test_before_a_replay_has_shown_anything_the_caller_of_a_function_is_not_accused():
    assert called_function().judged().findings == ()
