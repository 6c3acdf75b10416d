"""What a handler tries against its account: relay, TLS, moto. The run ends clearly, and the next account is whole."""

from __future__ import annotations

from textwrap import dedent

import pytest

from sandbox_runner import limits
from sandbox_runner.events.records import AccountCalled
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, invoke
from tests.playing import answers

pytestmark = pytest.mark.parametrize(
    "engine",
    [
        pytest.param("namespace", marks=pytest.mark.namespace),
        pytest.param("docker", marks=[pytest.mark.docker, pytest.mark.matrix]),
    ],
    indirect=True,
)

BEGINNING = """
import http.client, json, socket, ssl, time

def to(host, method, path, body=None, headers=None):
    connection = http.client.HTTPSConnection(host, timeout=20)
    connection.request(method, path, body, {"Authorization": SIGNED, **(headers or {})})
    return connection.getresponse()

S3 = "letters.s3.us-east-1.amazonaws.com"
SIGNED = "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
"""
RESOURCES = [
    {"s3.create_bucket": {"Bucket": "letters"}},
    {"s3.put_object": {"Bucket": "letters", "Key": "kept", "Body": "hoge"}},
]


def attacked(engine, code):
    """What the handler said, and the calls that were recorded. An account of the same kind then works."""
    result = played(engine, code)
    assert [each.outcome for each in result.invocations] == ["success"], result.invocations[0].response
    after = played(engine, "def handler(event, context):\n    return to(S3, 'GET', '/kept').read().decode()\n")
    assert answers(after) == ["hoge"]
    calls = [each.record for each in result.events if isinstance(each.record, AccountCalled)]
    return answers(result)[0], calls


def played(engine, code):
    """The result of one request."""
    function = a_function(files={"app.py": BEGINNING + dedent(code)}, timeout_s=60, memory_mb=512)
    asked = {"version": 2, "function": function, "account": {"resources": RESOURCES}, "steps": [invoke()]}
    return engine.run(Scenario.model_validate(asked), options=RunOptions(prove=False))


@pytest.mark.parametrize("path", ["/moto-api/reset", "/moto-api/data.json", "/moto-api/config", "/latest/meta-data/x"])
def test_nothing_resets_or_configures_what_answers(engine, path):
    code = f"""
        def handler(event, context):
            status = to(S3, "POST", {path!r}).status
            return [status, to(S3, "GET", "/kept").read().decode()]
    """
    (status, kept), _ = attacked(engine, code)

    assert status >= 400
    assert kept == "hoge"


def test_a_storm_of_calls_is_bounded_and_counted(engine, monkeypatch):
    monkeypatch.setattr(limits, "ACCOUNT_CALLS_MAX", 20)
    monkeypatch.setattr("sandbox_runner.account.record.ACCOUNT_RECORDS_MAX", 10)
    code = """
        def handler(event, context):
            connection = http.client.HTTPSConnection(S3)
            statuses = []
            for _ in range(30):
                connection.request("GET", "/kept", headers={"Authorization": SIGNED})
                answer = connection.getresponse()
                answer.read()
                statuses.append(answer.status)
            return statuses
    """
    statuses, calls = attacked(engine, code)

    assert statuses == [200] * 20 + [400] * 10
    assert [each.left_out for each in calls] == [0] * 10 + [19]


def test_a_body_without_end_is_refused_where_it_becomes_too_large(engine, monkeypatch):
    monkeypatch.setattr(limits, "ACCOUNT_DROPPED_BYTES_MAX", limits.MB)
    code = """
        def handler(event, context):
            line = ssl.create_default_context().wrap_socket(socket.create_connection((S3, 443)), server_hostname=S3)
            line.sendall(b"PUT /a HTTP/1.1\\r\\nHost: %s\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n" % S3.encode())
            sent = 0
            try:
                while sent < 100_000_000:
                    line.sendall(b"10000\\r\\n" + b"x" * 65536 + b"\\r\\n")
                    sent += 65536
            except OSError:
                pass
            return sent
    """
    sent, calls = attacked(engine, code)

    assert sent <= 2 * limits.ACCOUNT_REQUEST_BYTES_MAX
    assert [(each.error, each.operation) for each in calls] == [("EntityTooLarge", "PutObject")]


def test_an_object_of_100_mb_is_refused_in_words_before_it_is_sent(engine):
    code = """
        import boto3, botocore.exceptions
        def handler(event, context):
            begun = time.monotonic()
            try:
                boto3.client("s3").put_object(Bucket="letters", Key="large", Body=b"x" * 100_000_000)
            except botocore.exceptions.ClientError as problem:
                return str(problem)
    """
    said, calls = attacked(engine, code)

    assert said == (
        "An error occurred (EntityTooLarge) when calling the PutObject operation: "
        "Holdover carries 8 MB in one request, and this is more"
    )
    assert [each.request_bytes for each in calls] == [100_000_000]


def test_connections_that_say_nothing_or_nonsense_are_no_burden(engine):
    code = """
        def handler(event, context):
            silent = [socket.create_connection((S3, 443)) for _ in range(100)]
            nonsense = [b"\\x16\\x03\\x01\\x02\\x00\\x01", b"GET / HTTP/1.1\\r\\n\\r\\n", b"\\0" * 5000]
            for number, each in enumerate(silent):
                each.sendall(nonsense[number % 3])
            return to(S3, "GET", "/kept").read().decode()
    """
    kept, _ = attacked(engine, code)

    assert kept == "hoge"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/dynamodb/aws4_request"},
        {"Content-Type": "application/x-www-form-urlencoded", "X-Amz-Target": "Nothing.Nothing"},
        {"X-Amz-Content-Sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
    ],
)
def test_what_moto_trips_over_is_an_error_of_the_service(engine, headers):
    code = f"""
        def handler(event, context):
            try:
                return to(S3, "POST", "/?%ff=%00", b"\\xff" * 100, {headers!r}).status
            except (OSError, http.client.HTTPException):
                return 0
    """
    status, calls = attacked(engine, code)

    assert status in {0, *range(400, 600)}
    assert [each.is_ours for each in calls] == [each.error == "InternalFailure" for each in calls]


def test_nothing_that_answers_reaches_out(engine):
    code = """
        import boto3
        def handler(event, context):
            sns = boto3.client("sns")
            topic = sns.create_topic(Name="out")["TopicArn"]
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://192.0.2.1/")
            begun = time.monotonic()
            try:
                sns.publish(TopicArn=topic, Message="hoge")
            except Exception:
                pass
            return time.monotonic() - begun
    """
    seconds, _ = attacked(engine, code)

    assert seconds < 30


def test_a_function_that_invokes_itself_without_end_is_stopped_and_the_run_ends(engine, monkeypatch):
    monkeypatch.setattr(limits, "CALLED_REQUESTS_MAX", 4)
    code = """
        def handler(event, context):
            path = f"/2015-03-31/functions/{context.function_name}/invocations"
            as_event = {"Authorization": SIGNED.replace("/s3/", "/lambda/"), "X-Amz-Invocation-Type": "Event"}
            answers = [to("lambda.us-east-1.amazonaws.com", "POST", path, b"{}", as_event) for _ in range(2)]
            return [answer.read().decode() for answer in answers if answer.status != 202]
    """
    result = played(engine, code)

    made = [each for each in result.invocations if each.called_by is not None]
    assert len(made) == limits.CALLED_REQUESTS_MAX
    assert [each.outcome for each in result.invocations] == ["success"] * len(result.invocations)
    assert any("Holdover plays 4 invocations" in each.response for each in made)
    after = played(engine, "def handler(event, context):\n    return to(S3, 'GET', '/kept').read().decode()\n")
    assert answers(after) == ["hoge"]
