"""Real clients over a real network: curl and AWS's SDK for Python; and what clients do that they should not."""

import json
import socket
import subprocess
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from playground.experiments.live_session import LiveSession
from playground.infrastructure import redis_client
from playground.runs.live import relay
from tests.fakes.backend import FakeFunction, Streams
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db(transaction=True)]


def handler(event, runtime):
    if event == "fail" or event.get("rawPath") == "/fail":
        raise ValueError("no")
    if event.get("rawPath") == "/stream" or event.get("stream"):
        return Streams((b"ab", b"c"), content_type="text/plain")
    if event.get("rawPath") == "/late":
        return Streams((b"ab",), fails="LateError")
    before = runtime.globals.get("message")
    runtime.globals["message"] = before or event.get("queryStringParameters", {}).get("message")
    return f"warmstart, message={before}" if before else "coldstart"


@pytest.fixture
def url(site, working):
    """The URL of a session that takes requests."""
    session = LiveSession.objects.create(run=a_run(), client="")
    working(FakeFunction(handler))
    while not redis_client.redis().exists(relay.lease_key(session.address)):
        pass
    return f"{site}/live/{session.address}"


def curl(*arguments):
    """What curl prints, and its exit status."""
    done = subprocess.run(["curl", "-sS", "--max-time", "60", *arguments], capture_output=True, text=True, check=False)
    return done.stdout, done.returncode


def spoken(url, text):
    """What comes back for bytes that are sent as they stand, until the connection is closed."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
        connection.sendall(text.replace("ADDRESS", place.path).encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def test_curl_has_the_talks_two_answers_and_what_is_streamed(url):
    assert curl(f"{url}/?message=hoge") == ('"coldstart"', 0)
    assert curl(f"{url}/?message=fuga") == ('"warmstart, message=hoge"', 0)
    assert curl(f"{url}/stream", "-w", " %{http_code} %{content_type}") == ("abc 200 text/plain", 0)
    assert curl(f"{url}/fail", "-w", " %{http_code}") == ("Internal Server Error 502", 0)


def test_curl_sees_that_an_answer_was_broken_off(url):
    answer, status = curl(f"{url}/late")
    assert (answer, status) == ("ab", 18)


def test_the_sdk_invokes_and_streams_and_raises_its_own_exceptions(url):
    client = get_session().create_client(
        "lambda",
        region_name="us-east-1",
        endpoint_url=f"{url}/aws",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    (function,) = client.list_functions()["Functions"]
    name = function["FunctionName"]
    told = client.invoke(FunctionName=name, Payload=b"{}", LogType="Tail")
    failed = client.invoke(FunctionName=name, Payload=b'"fail"')
    streamed = client.invoke_with_response_stream(FunctionName=name, Payload=json.dumps({"stream": 1}))

    assert json.loads(told["Payload"].read()) == "coldstart"
    assert (failed["FunctionError"], json.loads(failed["Payload"].read())["errorType"]) == ("Unhandled", "ValueError")
    *parts, end = streamed["EventStream"]
    assert ([each["PayloadChunk"]["Payload"] for each in parts], end) == ([b"ab", b"c"], {"InvokeComplete": {}})
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="none")
    with pytest.raises(client.exceptions.InvalidRequestContentException):
        client.invoke(FunctionName=name, Payload=b"{")
    with pytest.raises(ClientError) as raised:
        client.list_layers()
    assert raised.value.response["Error"]["Code"] == "NotImplementedException"


def test_a_client_of_http_1_0_is_answered_without_chunks(url):
    answer = spoken(url, "GET ADDRESS/stream HTTP/1.0\r\n\r\n")
    head, _, body = answer.partition("\r\n\r\n")
    assert head.split()[1] == "200"
    assert "transfer-encoding" not in head.lower()
    assert body == "abc"


def test_requests_that_are_sent_ahead_are_answered_in_turn(url):
    one = "GET ADDRESS/?message={} HTTP/1.1\r\nHost: x\r\n{}\r\n"
    answer = spoken(url, one.format("a", "") + one.format("b", "Connection: close\r\n"))
    assert answer.index("coldstart") < answer.index("warmstart, message=a")


def test_a_request_to_upgrade_is_answered_as_any_other(url):
    asked = "GET ADDRESS/?message=a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n"
    assert spoken(url, asked).split()[1] == "200"


def test_a_client_that_disappears_leaves_others_served(url):
    place = urlsplit(url)
    for sent in ("POST ADDRESS/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf", "GET ADDRESS/?mess"):
        with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
            connection.sendall(sent.replace("ADDRESS", place.path).encode())
    assert curl(f"{url}/?message=hoge") == ('"coldstart"', 0)


def test_a_body_over_six_megabytes_is_refused(url, tmp_path):
    (tmp_path / "large").write_bytes(b"x" * (6 * 1024 * 1024 + 1))
    answer, _ = curl(f"{url}/", "--data-binary", f"@{tmp_path / 'large'}", "-w", " %{http_code}")
    assert answer.endswith(" 413")
