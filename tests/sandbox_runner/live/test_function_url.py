"""A function's URL: what a request becomes, and what an answer does."""

import base64
import json
from datetime import UTC, datetime

import pytest

from sandbox_runner.environment.answers import Answer
from sandbox_runner.live.function_url import Told, answer_of, payload_of
from sandbox_runner.live.http import HttpAnswer, HttpPart, HttpRequest, told_of_bytes
from sandbox_runner.results.model import Outcome
from sandbox_runner.service.admission import OVER_RESERVED

TOLD = Told(
    request_id="9e1c0a4e-0000-4000-8000-000000000000",
    trace="Root=1-695b0a50-000000000000000000000001;Parent=1;Sampled=0",
    at=datetime(2026, 1, 5, 1, 0, tzinfo=UTC),
    host="abc.lambda-url.us-east-1.on.aws",
)


def sent(**varied):
    usual = {"method": "GET", "path": "/", "query": "", "headers": (), "body": b"", "source_ip": "203.0.113.7"}
    return payload_of(HttpRequest(**usual | varied), TOLD)


def answered(value):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return answer_of(Answer(Outcome.SUCCESS, body, len(body)))


def test_a_request_becomes_payload_format_2():
    headers = (
        ("host", "localhost:8000"),
        ("user-agent", "curl/8"),
        ("x-one", "a"),
        ("x-one", "b"),
        ("cookie", "a=1; b=2"),
    )
    payload = sent(path="/p/%7Eq", query="message=hoge&n=1&n=2&empty=", headers=headers)

    assert payload == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/p/%7Eq",
        "rawQueryString": "message=hoge&n=1&n=2&empty=",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "user-agent": "curl/8",
            "x-one": "a,b",
            "host": "abc.lambda-url.us-east-1.on.aws",
            "x-amzn-trace-id": "Root=1-695b0a50-000000000000000000000001",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "queryStringParameters": {"message": "hoge", "n": "1,2", "empty": ""},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "domainName": "abc.lambda-url.us-east-1.on.aws",
            "domainPrefix": "abc",
            "http": {
                "method": "GET",
                "path": "/p/%7Eq",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "curl/8",
            },
            "requestId": "9e1c0a4e-0000-4000-8000-000000000000",
            "routeKey": "$default",
            "stage": "$default",
            "time": "05/Jan/2026:01:00:00 +0000",
            "timeEpoch": 1767574800000,
        },
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    ("kind", "body", "carried"),
    [
        ("application/json", b'{"a":1}', ('{"a":1}', False)),
        ("application/vnd.api+json; charset=utf-8", b"{}", ("{}", False)),
        ("text/plain", "zażółć".encode(), ("zażółć", False)),
        ("application/x-www-form-urlencoded", b"a=1", ("a=1", False)),
        ("image/png", b"\x89PNG", (base64.b64encode(b"\x89PNG").decode(), True)),
        ("text/plain", b"\xff", ("/w==", True)),
        ("", b"plain", ("plain", False)),
    ],
)
def test_a_body_is_text_or_base64(kind, body, carried):
    payload = sent(method="POST", body=body, headers=(("content-type", kind),))
    assert (payload["body"], payload["isBase64Encoded"]) == carried


def test_what_belongs_to_the_connection_does_not_reach_the_function():
    headers = (("connection", "upgrade"), ("upgrade", "websocket"), ("x-forwarded-for", "6.6.6.6"), ("te", "trailers"))
    names = set(sent(headers=headers)["headers"])
    assert names == {"host", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"}
    assert sent(headers=headers)["headers"]["x-forwarded-for"] == "203.0.113.7"


@pytest.mark.parametrize(
    ("connection", "upgrade", "more"),
    [("Upgrade", "websocket", "sec-websocket-key"), ("keep-alive, Upgrade, HTTP2-Settings", "h2c", "x-kept")],
    ids=["websocket", "http-2"],
)
def test_an_upgrade_reaches_the_function_as_any_other_request(connection, upgrade, more):
    headers = (("connection", connection), ("upgrade", upgrade), ("http2-settings", "AAMA"), (more, "v"))
    names = set(sent(headers=headers)["headers"])
    assert names >= {more}
    assert not {"connection", "upgrade"} & names
    assert ("http2-settings" in names) == (upgrade == "websocket")


JSON = (("content-type", "application/json"),)


@pytest.mark.parametrize(
    ("value", "status", "headers", "body"),
    [
        ("hoge", 200, JSON, b'"hoge"'),
        ({"message": "hoge"}, 200, JSON, b'{"message": "hoge"}'),
        (None, 200, JSON, b"null"),
        ({"statusCode": 201, "body": "made"}, 201, JSON, b"made"),
        ({"statusCode": "404"}, 404, JSON, b""),
        (
            {"statusCode": 200, "headers": {"Content-Type": "text/html", "X-N": 1}, "body": "<p>"},
            200,
            (("content-type", "text/html"), ("x-n", "1")),
            b"<p>",
        ),
        ({"statusCode": 200, "body": "iVBORw==", "isBase64Encoded": True}, 200, JSON, b"\x89PNG"),
        (
            {"statusCode": 302, "cookies": ["a=1", "b=2"]},
            302,
            (("set-cookie", "a=1"), ("set-cookie", "b=2"), *JSON),
            b"",
        ),
        (
            {"statusCode": 200, "headers": {"Connection": "close", "Date": "x"}},
            200,
            (("x-amzn-remapped-date", "x"), *JSON),
            b"",
        ),
    ],
)
def test_an_answer_becomes_what_the_client_gets(value, status, headers, body):
    assert answered(value) == HttpAnswer(status, headers, body)


@pytest.mark.parametrize(
    "value",
    [
        b"not JSON",
        {"statusCode": 99},
        {"statusCode": 101},
        {"statusCode": 600},
        {"statusCode": True},
        {"statusCode": "ok"},
        {"statusCode": 200, "headers": []},
        {"statusCode": 200, "headers": {"x": "a\r\nSet-Cookie: b"}},
        {"statusCode": 200, "headers": {"a b": "c"}},
        {"statusCode": 200, "body": "!", "isBase64Encoded": True},
        {"statusCode": 200, "cookies": "a=1"},
    ],
)
def test_what_is_no_answer_is_a_bad_gateway(value):
    assert answered(value) == HttpAnswer(502, JSON, b"Internal Server Error")


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.SUCCESS])
def test_a_function_that_fails_is_a_bad_gateway(outcome):
    assert answer_of(Answer(outcome, b'{"errorType":"E"}', 17)).status == 502


def test_a_throttled_request_is_429():
    assert answer_of(OVER_RESERVED).status == 429


def test_request_and_answer_are_what_they_were_in_another_process():
    request = HttpRequest("PUT", "/ü", "a=%20", (("x", "é"), ("x", "f")), b"\x00\xff", "::1", "HTTP/1.0")
    told = [
        HttpAnswer(200, (("set-cookie", "a"), ("set-cookie", "b")), b"\x00\xff", is_whole=False),
        HttpPart(b"\x00\xff", is_last=True, is_broken=True),
    ]
    assert HttpRequest.of_bytes(request.to_bytes()) == request
    assert [told_of_bytes(each.to_bytes()) for each in told] == told
