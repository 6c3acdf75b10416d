"""Calls of Lambda's API that every client of AWS's makes in turn, and what each is told; one after another."""

import base64
import io
import zipfile

from tests.fakes.backend import Streams


def handler(event, runtime):
    """The function that they are made to."""
    if event == "fail":
        raise ValueError("no")
    if event == "stream":
        return Streams((b"ab", b"c"), content_type="text/plain")
    if event == "who":
        return runtime.headers.get("Lambda-Runtime-Client-Context")
    was_there, runtime.globals["warm"] = runtime.globals.get("warm", False), True
    return {"warm": was_there}


def _zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "changed = True\n")
    return packed.getvalue()


NAME = "holdover"
ZIP = base64.b64encode(_zip()).decode()
CONTEXT = base64.b64encode(b'{"custom":{"who":"me"}}').decode()
OF_LATEST = {"Qualifier": "$LATEST"}
KEPT = "ProvisionedConcurrentExecutions"

# An operation, its parameters beside the function's name, and of the answer what counts: its error, or these fields.
CALLS = (
    ("GetFunction", {}, {"Code": {"RepositoryType": "S3"}}),
    ("GetFunctionConfiguration", {}, {"FunctionName": NAME, "MemorySize": 128, "State": "Active"}),
    ("Invoke", {"Payload": "{}", **OF_LATEST}, {"StatusCode": 200, "Payload": '{"warm": false}'}),
    ("Invoke", {"Payload": '"who"', "ClientContext": CONTEXT}, {"Payload": r'"{\"custom\":{\"who\":\"me\"}}"'}),
    ("Invoke", {"InvocationType": "Event"}, {"StatusCode": 202}),
    ("Invoke", {"InvocationType": "DryRun"}, {"StatusCode": 204}),
    ("Invoke", {"Payload": '"fail"'}, {"StatusCode": 200, "FunctionError": "Unhandled"}),
    ("Invoke", {"Payload": "{"}, "InvalidRequestContentException"),
    ("Invoke", {"ClientContext": "me"}, "InvalidRequestContentException"),
    ("Invoke", {"Qualifier": "7"}, "ResourceNotFoundException"),
    ("Invoke", {"FunctionName": "none"}, "ResourceNotFoundException"),
    ("PutFunctionConcurrency", {"ReservedConcurrentExecutions": 0}, {"ReservedConcurrentExecutions": 0}),
    ("GetFunctionConcurrency", {}, {"ReservedConcurrentExecutions": 0}),
    ("Invoke", {}, "TooManyRequestsException"),
    ("PutFunctionConcurrency", {"ReservedConcurrentExecutions": 1000}, "InvalidParameterValueException"),
    ("DeleteFunctionConcurrency", {}, {}),
    ("GetProvisionedConcurrencyConfig", OF_LATEST, "ProvisionedConcurrencyConfigNotFoundException"),
    ("PutProvisionedConcurrencyConfig", {**OF_LATEST, KEPT: 1}, {"Status": "IN_PROGRESS", f"Requested{KEPT}": 1}),
    ("GetProvisionedConcurrencyConfig", OF_LATEST, {"Status": "READY", f"Available{KEPT}": 1}),
    ("DeleteProvisionedConcurrencyConfig", OF_LATEST, {}),
    ("UpdateFunctionConfiguration", {"Timeout": 9}, {"Timeout": 9, "LastUpdateStatus": "Successful"}),
    ("UpdateFunctionConfiguration", {"RevisionId": "none"}, "PreconditionFailedException"),
    ("UpdateFunctionConfiguration", {"Timeout": 901}, "ValidationException"),
    ("UpdateFunctionCode", {"ZipFile": ZIP}, {"Timeout": 9, "LastUpdateStatus": "Successful"}),
    ("UpdateFunctionCode", {"ZipFile": "bm9uZQ=="}, "InvalidParameterValueException"),
    ("Invoke", {"Payload": "{}"}, {"Payload": '{"warm": false}'}),
    ("ListAliases", {}, "NotImplementedException"),
)


def asked():
    """Each call as its operation and all of its parameters."""
    return [[operation, {"FunctionName": NAME, **parameters}] for operation, parameters, _ in CALLS]


def differences(told):
    """Where the answers of a client are not those that it should have, each with the call."""
    return [
        (operation, parameters, expected, answer)
        for (operation, parameters, expected), answer in zip(CALLS, told, strict=True)
        if not _is(answer, expected)
    ]


def _is(answer, expected):
    if isinstance(expected, str):
        return answer == {"error": expected}
    return "error" not in answer and {name: answer.get(name) for name in expected} == expected
