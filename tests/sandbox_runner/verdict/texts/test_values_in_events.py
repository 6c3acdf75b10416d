"""Leaves of AWS's events are found, changed and proven where real handlers read them: inside strings, and twice."""

import base64
import json

import pytest

from sandbox_runner.verdict.texts.markers import markers_of
from sandbox_runner.verdict.texts.outputs import bounded_leaves
from sandbox_runner.verdict.texts.payload_changes import alternatives, changed
from tests.sandbox_runner.verdict.played_handlers import proved
from tests.told import sentence


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def http(body, **more):
    return {"version": "2.0", "headers": {"content-type": "application/json"}, "body": body, **more}


def sqs(body):
    return {"Records": [{"messageId": "m-1", "body": body, "eventSource": "aws:sqs"}]}


def sns(message):
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "m-1", "Message": message}}]}


def kinesis(data):
    return {"Records": [{"kinesis": {"partitionKey": "p", "sequenceNumber": "1", "data": encoded(data)}}]}


def firehose(data):
    return {"records": [{"recordId": "r-1", "data": encoded(data)}]}


def kafka(value):
    return {"records": {"t-0": [{"topic": "t", "partition": 0, "offset": 1, "value": encoded(value)}]}}


def card(number):
    return json.dumps({"user": {"card": number}})


PLACES = [
    ("a body", lambda n: http(card(n)), lambda e: e["body"], "body.user.card"),
    (
        "a body in base64",
        lambda n: http(encoded(card(n)), isBase64Encoded=True),
        lambda e: base64.b64decode(e["body"]),
        "body.user.card",
    ),
    ("a message of SQS", lambda n: sqs(card(n)), lambda e: e["Records"][0]["body"], "Records[0].body.user.card"),
    (
        "a message of SNS",
        lambda n: sns(card(n)),
        lambda e: e["Records"][0]["Sns"]["Message"],
        "Records[0].Sns.Message.user.card",
    ),
    (
        "a message of SNS in one of SQS",
        lambda n: sqs(json.dumps({"Type": "Notification", "Message": card(n)})),
        lambda e: json.loads(e["Records"][0]["body"])["Message"],
        "Records[0].body.Message.user.card",
    ),
    (
        "a record of Kinesis",
        lambda n: kinesis(card(n)),
        lambda e: base64.b64decode(e["Records"][0]["kinesis"]["data"]),
        "Records[0].kinesis.data.user.card",
    ),
    (
        "a record of Firehose",
        lambda n: firehose(card(n)),
        lambda e: base64.b64decode(e["records"][0]["data"]),
        "records[0].data.user.card",
    ),
    (
        "a record of Kafka",
        lambda n: kafka(card(n)),
        lambda e: base64.b64decode(e["records"]["t-0"][0]["value"]),
        "records.t-0[0].value.user.card",
    ),
]


@pytest.mark.parametrize(("what", "event", "read", "leaf"), PLACES)
def test_a_value_of_json_within_an_event_is_proven_and_shown_as_it_was_sent(what, event, read, leaf):
    def fresh():
        kept = []

        def handler(payload, _):
            kept.append(json.loads(read(payload))["user"]["card"])
            return {"cards": kept[:-1]}

        return handler

    judgement, _, _ = proved(fresh, (event("4111-2222"), "alice"), (event("5500-3333"), "bob"))
    finding = judgement.findings[0]
    assert (finding.confidence, finding.writer.leaf) == ("proven", leaf), what
    as_it_was, instead = finding.evidence[0].observations
    assert as_it_was.condition.params["value"] == as_it_was.text == "4111-2222"
    assert instead.condition.params["value"] == instead.text != "4111-2222"


@pytest.mark.parametrize(("what", "event", "read", "leaf"), PLACES)
def test_one_leaf_is_changed_and_put_back_as_it_was_encoded(what, event, read, leaf):
    after = changed(event("4111-2222"), {leaf: "9999-0000"})
    assert after == event("9999-0000"), what


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("spaces after signs", '{"a": 1, "b": [2, 3]}'),
        ("no spaces", '{"a":1,"b":[2,3]}'),
        ("indented", json.dumps({"a": 1, "b": [2, 3]}, indent=2)),
        ("escaped letters", '{"a":1,"b":"\\u5c71"}'),
        ("letters as they are", '{"a":1,"b":"山"}'),
    ],
)
def test_the_rest_of_a_body_stays_as_it_was_written(what, body):
    assert changed({"body": body}, {"body.a": 7})["body"] == body.replace("1", "7", 1), what


@pytest.mark.parametrize("event", [kinesis, firehose, kafka, lambda text: http(encoded(text), isBase64Encoded=True)])
def test_text_that_an_event_carries_as_base64_is_a_leaf_and_stays_base64(event):
    leaves = dict(bounded_leaves(event("hello alice-7Qx"))[0])
    path = next(path for path, value in leaves.items() if value == "hello alice-7Qx")
    assert changed(event("hello alice-7Qx"), {path: "bye"}) == event("bye")


@pytest.mark.parametrize(
    ("what", "payload"),
    [
        ("a word of letters", {"data": "dGVzdHRlc3Q="}),
        ("bytes that are no text", {"recordId": "r", "data": base64.b64encode(b"\xff\xfe\x00\x01").decode()}),
        ("a body that is not said to be base64", {"body": encoded("hello there"), "isBase64Encoded": False}),
    ],
)
def test_text_is_taken_for_base64_only_where_an_event_has_base64(what, payload):
    path = "data" if "data" in payload else "body"
    assert dict(bounded_leaves(payload)[0])[path] == payload[path], what


def test_a_value_that_an_event_repeats_is_proven_where_the_handler_reads_it():
    """API Gateway's first version has every parameter twice, and once more in the path."""

    def event(user):
        return {
            "path": f"/users/{user}",
            "queryStringParameters": {"user": user},
            "multiValueQueryStringParameters": {"user": [user]},
            "requestContext": {"path": f"/prod/users/{user}"},
        }

    def fresh():
        kept = []

        def handler(payload, _):
            kept.append(payload["multiValueQueryStringParameters"]["user"][0])
            return {"before": kept[:-1]}

        return handler

    judgement, _, _ = proved(fresh, (event("alice-7Qx"), "alice"), (event("bob-91Kz"), "bob"))
    finding = judgement.findings[0]
    assert (finding.confidence, finding.writer.leaf) == ("proven", "multiValueQueryStringParameters.user[0]")
    assert "changing alice's `multiValueQueryStringParameters.user[0]`" in sentence(judgement)


def test_a_value_that_a_handler_takes_out_of_a_longer_one_is_proven_there():
    def event(user):
        return {"pathParameters": {"proxy": user}, "rawPath": f"/users/{user}"}

    def fresh():
        kept = []

        def handler(payload, _):
            kept.append(payload["rawPath"].rpartition("/")[2])
            return {"before": kept[:-1]}

        return handler

    judgement, _, _ = proved(fresh, (event("alice-7Qx"), "alice"), (event("bob-91Kz"), "bob"))
    assert (judgement.findings[0].confidence, judgement.findings[0].writer.leaf) == ("proven", "rawPath")


@pytest.mark.parametrize(
    ("what", "text", "kept"),
    [
        ("a query", "message=hoge&page=7", ("message=", "&page=")),
        ("a cookie", "session=a1b2c3d4e; theme=dark", ("session=", "; theme=")),
        ("a token", "Bearer abc.def", ("Bearer ",)),
    ],
)
def test_what_a_handler_looks_for_in_a_value_stays_when_the_value_is_changed(what, text, kept):
    first = alternatives({"v": text}, "v", {})[0].value
    assert all(part in first for part in kept), what
    assert first != text


def test_a_value_in_base64_is_a_marker_as_it_reads():
    texts = {marker.text for marker in markers_of(kinesis(card("4111-2222")))}
    assert "4111-2222" in texts
