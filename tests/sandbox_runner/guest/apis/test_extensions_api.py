"""The Extensions API by its requests: every reply in full, every rule, every bound."""

import json
import re

import pytest

from sandbox_runner.guest.apis.extension_states import ExtensionState
from sandbox_runner.guest.apis.extensions import AboutFunction, ExtensionsApi
from sandbox_runner.guest.apis.http_requests import Request

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
UNKNOWN = "00000000-0000-4000-8000-000000000001"
HEADERS = {
    "Lambda-Runtime-Aws-Request-Id": "id-1",
    "Lambda-Runtime-Deadline-Ms": "1760000003000",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
    "Lambda-Runtime-Trace-Id": "Root=1-2;Parent=3;Sampled=0",
}
BOTH = '{"events":["INVOKE","SHUTDOWN"]}'
INVOKE_ONLY = '{"events":["INVOKE"]}'


class Extensions:
    """The API, what it told, and an extension's requests to it."""

    def __init__(self, *external):
        self.told = []
        self.api = ExtensionsApi(self)
        self.api.renew(AboutFunction("f", "$LATEST", "app.handler", "123456789012"))
        for name in external:
            self.api.expect(name)

    def extension_registered(self, extension):
        self.told.append((extension.name, "registered", tuple(extension.events)))

    def extension_ready(self, extension):
        self.told.append((extension.name, "ready"))

    def extension_reported(self, extension):
        self.told.append((extension.name, "reported", extension.error))

    def extension_told(self, extension):
        self.told.append((extension.name, "told"))

    def ask(self, method, path, body="", connection=None, **headers):
        given = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
        request = Request(method.encode(), f"/2020-01-01/extension/{path}".encode(), given, keep_alive=True)
        request.body = body.encode()
        reply = self.api.answer(connection or Waiting(), request)
        return None if reply is None else read(reply)

    def register(self, name, body=BOTH, **headers):
        return self.ask("POST", "register", body, lambda_extension_name=name, **headers)

    def registered(self, name, body=BOTH):
        return self.register(name, body).headers["lambda-extension-identifier"]

    def next(self, identifier, connection=None):
        return self.ask("GET", "event/next", connection=connection, lambda_extension_identifier=identifier)


class Waiting:
    """A connection that waits."""

    def __init__(self):
        self.got = None

    def reply_late(self, reply):
        self.got = read(reply)


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


def read(reply):
    head, _, body = reply.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert int(headers["content-length"]) == len(body.encode())
    return Reply(int(first.split()[1]), headers, body)


def refused(reply):
    assert reply.status == 403
    assert set(reply.json) == {"errorMessage", "errorType"}
    return reply.json["errorType"], reply.json["errorMessage"]


def not_allowed(was, aim, who):
    return (
        "Extension.InvalidExtensionState",
        f"State transition from {was} to {aim} failed for extension {who}. Error: State transition is not allowed",
    )


def test_who_registers_is_told_the_function_and_given_an_identifier():
    extensions = Extensions("tap")

    reply = extensions.register("tap")

    assert reply.status == 200
    assert reply.body == '{"functionName":"f","functionVersion":"$LATEST","handler":"app.handler"}\n'
    assert reply.headers["content-type"] == "application/json"
    assert re.fullmatch(UUID, reply.headers["lambda-extension-identifier"])
    assert extensions.told == [("tap", "registered", ("INVOKE", "SHUTDOWN"))]


def test_who_asks_for_the_account_is_told_it():
    reply = Extensions("tap").register("tap", lambda_extension_accept_feature="other, accountId")

    assert reply.json["accountId"] == "123456789012"


@pytest.mark.parametrize(
    ("body", "kind", "sentence"),
    [
        ("", "InvalidRequestFormat", "unexpected end of JSON input"),
        ("{", "InvalidRequestFormat", "invalid character in JSON input"),
        ("[" * 100_000, "InvalidRequestFormat", "invalid character in JSON input"),
        ("[]", "InvalidRequestFormat", "json: cannot unmarshal into Go value of type handler.RegisterRequest"),
        ('{"events": "INVOKE"}', "InvalidRequestFormat", None),
        ('{"events": [1]}', "InvalidRequestFormat", None),
        (
            '{"events": [], "configurationKeys": ["a"]}',
            "InvalidRequestFormat",
            "configurationKeys are deprecated; use environment variables instead",
        ),
        ('{"events": ["INVOKE", "THAW"]}', "Extension.InvalidEventType", "THAW: ErrorInvalidEventType"),
    ],
)
def test_a_registration_that_says_something_else_is_refused(body, kind, sentence):
    extensions = Extensions("tap")

    said = refused(extensions.register("tap", body))

    assert said[0] == kind
    assert sentence in {None, said[1]}
    assert extensions.told == []


@pytest.mark.parametrize("body", ["{}", '{"events": null}', '{"events": []}'])
def test_an_extension_may_register_for_nothing(body):
    extensions = Extensions("tap")
    identifier = extensions.registered("tap", body)
    extensions.next(identifier)

    assert extensions.api.offer_invocation(HEADERS) == []
    assert extensions.api.all_done


def test_a_thousand_events_are_the_two_that_there_are():
    extensions = Extensions("tap")
    extensions.registered("tap", json.dumps({"events": ["INVOKE", "SHUTDOWN"] * 500}))

    assert extensions.told == [("tap", "registered", ("INVOKE", "SHUTDOWN"))]


def test_a_long_event_is_quoted_in_part():
    kind, sentence = refused(Extensions("tap").register("tap", json.dumps({"events": ["x" * 100_000]})))

    assert (kind, len(sentence)) == ("Extension.InvalidEventType", len("x" * 256 + ": ErrorInvalidEventType"))


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "Empty extension name"), ("x" * 300, "Extension name is longer than 255 bytes")]
)
def test_who_has_no_name_or_a_far_too_long_one_is_refused(name, sentence):
    assert refused(Extensions("tap").register(name)) == ("Extension.InvalidExtensionName", sentence)


def test_an_extension_registers_once():
    extensions = Extensions("tap")
    extensions.registered("tap")

    assert refused(extensions.register("tap")) == not_allowed("Registered", "Registered", "tap")


def test_an_internal_extension_registers_for_invocations_alone():
    extensions = Extensions("tap")

    assert refused(extensions.register("mine")) == (
        "Extension.InvalidEventType",
        "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension",
    )
    assert extensions.register("mine", INVOKE_ONLY).status == 200
    assert not extensions.api.named("mine").external


def test_two_internal_extensions_cannot_have_one_name():
    extensions = Extensions()
    extensions.registered("mine", INVOKE_ONLY)

    assert refused(extensions.register("mine", INVOKE_ONLY)) == (
        "Extension.InvalidExtensionState",
        "Extension with this name already registered",
    )


def test_once_registration_is_closed_nobody_is_new():
    extensions = Extensions()
    extensions.api.close_registration()

    assert refused(extensions.register("mine", INVOKE_ONLY)) == (
        "Extension.RegistrationClosed",
        "Extension registration closed already",
    )


def test_the_eleventh_extension_is_refused():
    extensions = Extensions("a", "b")
    for number in range(8):
        extensions.registered(f"mine-{number}", INVOKE_ONLY)

    assert refused(extensions.register("mine-9", INVOKE_ONLY)) == (
        "Extension.TooManyExtensions",
        "Extension limit (10) reached",
    )


def test_an_invocation_goes_to_who_registered_for_it():
    extensions = Extensions("tap", "idle")
    tap, idle = extensions.registered("tap"), extensions.registered("idle", '{"events":["SHUTDOWN"]}')
    waiting, other = Waiting(), Waiting()
    assert extensions.next(tap, waiting) is None
    assert extensions.next(idle, other) is None

    given = extensions.api.offer_invocation(HEADERS)

    assert [each.name for each in given] == ["tap"]
    assert other.got is None
    assert waiting.got.body == (
        '{"eventType":"INVOKE","deadlineMs":1760000003000,"requestId":"id-1",'
        '"invokedFunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:f",'
        '"tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-2;Parent=3;Sampled=0"}}'
    )
    assert re.fullmatch(UUID, waiting.got.headers["lambda-extension-event-identifier"])
    assert not extensions.api.all_done
    extensions.next(tap)
    assert extensions.api.all_done


def test_the_end_is_told_with_its_reason_and_its_deadline():
    extensions = Extensions("tap")
    waiting = Waiting()
    extensions.next(extensions.registered("tap"), waiting)

    extensions.api.offer_shutdown(extensions.api.named("tap"), 1760000002000, "spindown")

    assert waiting.got.body == '{"eventType":"SHUTDOWN","deadlineMs":1760000002000,"shutdownReason":"spindown"}'
    assert extensions.told[-1] == ("tap", "told")


def test_who_is_busy_learns_of_the_end_when_it_asks():
    extensions = Extensions("tap")
    identifier = extensions.registered("tap")
    extensions.next(identifier)
    extensions.api.offer_invocation(HEADERS)
    extensions.api.offer_shutdown(extensions.api.named("tap"), 1, "timeout")
    assert extensions.told[-1] == ("tap", "ready")

    assert extensions.next(identifier).json["shutdownReason"] == "timeout"
    assert extensions.told[-1] == ("tap", "told")


def test_who_asks_twice_at_once_is_refused():
    extensions = Extensions("tap")
    identifier = extensions.registered("tap")
    extensions.next(identifier)

    assert refused(extensions.next(identifier)) == not_allowed("Ready", "Ready", identifier)


def test_who_hung_up_misses_its_event_and_may_ask_again():
    extensions = Extensions("tap")
    identifier, gone = extensions.registered("tap"), Waiting()
    extensions.next(identifier, gone)
    extensions.api.forget(gone)
    extensions.api.offer_invocation(HEADERS)

    assert gone.got is None
    assert extensions.next(identifier) is None


@pytest.mark.parametrize(
    ("identifier", "kind", "sentence"),
    [
        ("", "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"),
        ("tap", "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"),
        (UNKNOWN, "Extension.UnknownExtensionIdentifier", f"Unknown extension {UNKNOWN}"),
    ],
)
def test_who_does_not_say_who_it_is_is_refused(identifier, kind, sentence):
    assert refused(Extensions("tap").next(identifier)) == (kind, sentence)


@pytest.mark.parametrize(
    ("path", "state", "fatal"),
    [("init/error", "InitError", "Extension.InitError"), ("exit/error", "ExitError", "Extension.ExitError")],
)
def test_a_reported_error_is_accepted_once_and_named(path, state, fatal):
    extensions = Extensions("tap")
    headers = {
        "lambda_extension_identifier": extensions.registered("tap"),
        "lambda_extension_function_error_type": "Extension.NoConfig",
    }

    replies = [extensions.ask("POST", path, **headers) for _ in range(2)]

    assert [(reply.status, reply.body) for reply in replies] == [(202, '{"status":"OK"}\n')] * 2
    assert extensions.told[1:] == [("tap", "reported", "Extension.NoConfig")]
    assert (extensions.api.named("tap").state, extensions.api.fatal) == (state, fatal)


def test_an_error_without_its_type_is_refused():
    extensions = Extensions("tap")
    identifier = extensions.registered("tap")

    assert refused(extensions.ask("POST", "exit/error", lambda_extension_identifier=identifier)) == (
        "Extension.MissingHeader",
        "Lambda-Extension-Function-Error-Type not found",
    )


def test_an_error_of_init_comes_too_late_when_it_was_ready():
    extensions = Extensions("tap")
    identifier = extensions.registered("tap")
    extensions.next(identifier)
    headers = {"lambda_extension_identifier": identifier, "lambda_extension_function_error_type": "X"}

    assert refused(extensions.ask("POST", "init/error", **headers)) == not_allowed("Ready", "InitError", identifier)


def test_an_error_of_nobody_is_refused():
    headers = {"lambda_extension_identifier": UNKNOWN, "lambda_extension_function_error_type": "X"}

    assert refused(Extensions("tap").ask("POST", "exit/error", **headers)) == (
        "Extension.UnknownExtensionIdentifier",
        "Unknown Lambda-Extension-Identifier",
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "register", 405),
        ("POST", "event/next", 405),
        ("GET", "init/error", 405),
        ("GET", "exit/error", 405),
        ("GET", "elsewhere", 404),
    ],
)
def test_other_ways_to_ask_have_their_answers(method, path, status):
    assert Extensions("tap").ask(method, path).status == status


def test_new_processes_have_new_identifiers():
    extensions = Extensions("tap")
    before = extensions.registered("tap")
    extensions.api.renew()
    extensions.api.expect("tap")

    assert refused(extensions.next(before))[0] == "Extension.UnknownExtensionIdentifier"
    assert extensions.registered("tap") != before
    assert extensions.api.named("tap").state is ExtensionState.REGISTERED
