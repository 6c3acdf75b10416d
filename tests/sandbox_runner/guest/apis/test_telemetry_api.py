"""Subscribing to telemetry: what is taken, what is refused and in which words, and when it is too late."""

import json

import pytest

from sandbox_runner.guest.apis.http_requests import Request
from sandbox_runner.guest.apis.telemetry import Subscription, TelemetryApi
from tests.sandbox_runner.guest.apis.test_extensions_api import Extensions, read

HTTP = {"protocol": "HTTP", "URI": "http://sandbox.localdomain:4243/taken?by=me"}
USUAL = {"schemaVersion": "2022-12-13", "types": ["function", "platform"], "destination": HTTP}
URI_SHAPE = "URI should be http://sandbox.localdomain:PORT/PATH"
PATHS = {"telemetry": "/2022-07-01/telemetry", "logs": "/2020-08-15/logs"}


class Telemetry:
    """The APIs, an extension that registered, and its requests to them."""

    def __init__(self, refusal=""):
        self.extensions = Extensions("tap")
        self.identifier = self.extensions.registered("tap")
        self.taken, self.forgotten, self._refusal = [], 0, refusal
        self.api = TelemetryApi(self.extensions.api, self)

    def subscribe(self, subscription):
        self.taken.append(subscription)
        return self._refusal

    def forget(self):
        self.forgotten += 1

    def ask(self, asked, api="telemetry", method="PUT", identifier=None):
        headers = {b"lambda-extension-identifier": (self.identifier if identifier is None else identifier).encode()}
        request = Request(method.encode(), PATHS[api].encode(), headers, keep_alive=True)
        request.body = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
        return read(self.api.answer(request))


def test_who_subscribes_is_told_ok_and_has_the_usual_buffering():
    telemetry = Telemetry()

    reply = telemetry.ask(USUAL)

    assert (reply.status, reply.body) == (200, '"OK"')
    assert telemetry.taken == [
        Subscription(
            *("tap", "telemetry", "2022-12-13", ("platform", "function"), 4243, "POST", "/taken?by=me"),
            items_max=10_000,
            bytes_max=262_144,
            timeout_ms=1_000,
        )
    ]


@pytest.mark.parametrize("schema", ["2022-07-01", "2022-12-13", "2025-01-29"])
def test_each_schema_is_taken(schema):
    telemetry = Telemetry()

    assert telemetry.ask(USUAL | {"schemaVersion": schema}).status == 200
    assert telemetry.taken[0].schema == schema


def test_tcp_has_a_port_and_the_logs_api_a_schema_of_its_own():
    telemetry = Telemetry()
    asked = {"types": ["extension"], "destination": {"protocol": "TCP", "port": 4244}}

    assert telemetry.ask(asked, "logs").status == 200
    told = telemetry.taken[0]
    assert (told.api, told.schema, told.port, told.method) == ("logs", "2020-08-15", 4244, "")


REFUSED = {
    "the example of the page": (
        {"types": [], "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain"}},
        "types should not be empty; URI port is not provided",
    ),
    "no schema": ({"schemaVersion": None}, "schemaVersion should be one of 2022-07-01, 2022-12-13, 2025-01-29"),
    "a schema of the Logs API": (
        {"schemaVersion": "2021-03-18"},
        "schemaVersion should be one of 2022-07-01, 2022-12-13, 2025-01-29",
    ),
    "an unknown type": (
        {"types": ["platform", "all"]},
        "types should be a list of platform, function, extension",
    ),
    "types that are no list": ({"types": {"a": 1}}, "types should be a list of platform, function, extension"),
    "no destination": ({"destination": None}, "destination is not provided"),
    "another protocol": ({"destination": {"protocol": "UDP"}}, "protocol should be HTTP or TCP"),
    "another method": ({"destination": HTTP | {"method": ["GET"]}}, "method should be POST or PUT"),
    "a foreign address": (
        {"destination": HTTP | {"URI": "http://169.254.169.254:80/"}},
        "URI host must be sandbox.localdomain",
    ),
    "a foreign name": (
        {"destination": HTTP | {"URI": "http://example.com:80/"}},
        "URI host must be sandbox.localdomain",
    ),
    "a name that only begins so": (
        {"destination": HTTP | {"URI": "http://sandbox.localdomain.example.com:80/"}},
        "URI host must be sandbox.localdomain",
    ),
    "a user before the host": ({"destination": HTTP | {"URI": "http://sandbox:1@example.com:80/"}}, URI_SHAPE),
    "another scheme": ({"destination": HTTP | {"URI": "https://sandbox.localdomain:4243/"}}, URI_SHAPE),
    "a line end in the path": (
        {"destination": HTTP | {"URI": "http://sandbox.localdomain:4243/\r\nX: y"}},
        URI_SHAPE,
    ),
    "the API's own port": (
        {"destination": HTTP | {"URI": "http://sandbox.localdomain:9001/"}},
        "URI port 9001 is reserved",
    ),
    "the API's own port by TCP": ({"destination": {"protocol": "TCP", "port": 9001}}, "port 9001 is reserved"),
    "a port that is none": (
        {"destination": {"protocol": "TCP", "port": True}},
        "port should be a number from 1 to 65535",
    ),
    "too little": (
        {"buffering": {"maxItems": 999, "maxBytes": 262_143, "timeoutMs": 24}},
        (
            "maxItems should be a number from 1000 to 10000; maxBytes should be a number from 262144 to 1048576; "
            "timeoutMs should be a number from 25 to 30000"
        ),
    ),
    "too much": (
        {"buffering": {"maxItems": 10_001, "maxBytes": 1_048_577, "timeoutMs": 30_001}},
        (
            "maxItems should be a number from 1000 to 10000; maxBytes should be a number from 262144 to 1048576; "
            "timeoutMs should be a number from 25 to 30000"
        ),
    ),
    "buffering that is no object": ({"buffering": 7}, "buffering should be an object"),
}


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused_in_full(change, said):
    telemetry = Telemetry()

    reply = telemetry.ask(USUAL | change)

    assert (reply.status, reply.json) == (400, {"errorType": "ValidationError", "errorMessage": said})
    assert not telemetry.taken


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b"\xff"])
def test_what_is_no_object_is_refused(body):
    assert Telemetry().ask(body).status == 400


def test_the_logs_api_has_an_error_type_of_its_own():
    assert Telemetry().ask({"types": []}, "logs").json["errorType"] == "Logs.ValidationError"


def test_who_is_not_registered_is_refused():
    telemetry = Telemetry()
    unknown = "00000000-0000-4000-8000-000000000001"

    assert telemetry.ask(USUAL, identifier="").json["errorType"] == "Extension.MissingExtensionIdentifier"
    assert telemetry.ask(USUAL, identifier="x").json["errorType"] == "Extension.InvalidExtensionIdentifier"
    reply = telemetry.ask(USUAL, identifier=unknown)
    assert (reply.status, reply.json["errorMessage"]) == (403, f"Unknown extension {unknown}")


@pytest.mark.parametrize(("api", "title"), [("telemetry", "Telemetry"), ("logs", "Logs")])
def test_after_the_init_it_is_too_late(api, title):
    telemetry = Telemetry()
    telemetry.api.close()

    reply = telemetry.ask(USUAL, api)

    assert reply.status == 403
    assert reply.json == {
        "errorMessage": f"{title} API subscription is closed already",
        "errorType": f"{title}.SubscriptionClosed",
    }


def test_a_second_time_is_no_second_subscription_and_the_other_api_is_refused():
    telemetry = Telemetry()
    telemetry.ask(USUAL)

    again, other = telemetry.ask(USUAL), telemetry.ask({"types": ["platform"], "destination": HTTP}, "logs")

    assert (again.status, again.body) == (200, '"AlreadySubcribed"')
    assert (other.status, other.json["errorType"]) == (400, "Logs.ValidationError")
    assert len(telemetry.taken) == 1


def test_a_destination_that_does_not_listen_leaves_room_for_another_try():
    telemetry = Telemetry(refusal="connection refused")

    for _ in range(2):
        reply = telemetry.ask(USUAL)
        assert (reply.status, reply.json["errorMessage"]) == (400, "Invalid destination: connection refused")


def test_new_processes_subscribe_anew():
    telemetry = Telemetry()
    telemetry.ask(USUAL)
    telemetry.api.close()

    telemetry.api.renew()

    assert telemetry.forgotten == 1
    assert telemetry.ask(USUAL).body == '"OK"'
