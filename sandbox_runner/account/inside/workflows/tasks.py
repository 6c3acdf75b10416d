"""What a Task state asks for: an invocation of a function, which is the host's, or a call to a service."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .problems import RUNTIME, StateError, text_of

_LAMBDA = "lambda"
_PREFIX = "arn:aws:states:::"
# What an optimized integration takes as an object, and sends as text.
_AS_TEXT = {("sqs", "sendMessage"): ("MessageBody",), ("sns", "publish"): ("Message",)}
# The names that state machines have for services, where botocore has another.
_SERVICES = {
    "states": "stepfunctions",
    "sfn": "stepfunctions",
    "cognitoidentityprovider": "cognito-idp",
    "eventbridge": "events",
}
_STATUS_FAILED = "Lambda.Unknown"


@dataclass
class Invocation:
    """A function is invoked. ``payload`` is what it is sent; ``is_event`` says that nobody waits for it."""

    function: str
    payload: str
    is_event: bool = False
    is_direct: bool = True

    def told(self) -> dict[str, Any]:
        """As the host is told it."""
        return {
            "function": self.function,
            "payload": self.payload,
            "is_event": self.is_event,
            "is_direct": self.is_direct,
        }


@dataclass
class Call:
    """An operation of a service's, by the names of its API with a small first letter, and what it is given."""

    service: str
    operation: str
    parameters: dict[str, Any] = field(default_factory=dict)
    waits_for_execution: bool = False

    def told(self) -> dict[str, Any]:
        """As the host is told it."""
        service, operation = self.service[:100], self.operation[:100]
        return {"service": service, "operation": operation, "parameters": text_of(self.parameters)[:2_000]}


@dataclass
class Called:
    """What came of a call. ``answer`` is its body; ``pushed`` what services sent to functions because of it."""

    status: int
    answer: bytes
    result: dict[str, Any]
    error: StateError | None = None
    pushed: list[dict[str, str | None]] = field(default_factory=list)

    def told(self, most: int) -> dict[str, Any]:
        """As the host is told it."""
        told: dict[str, Any] = {"pushed": self.pushed} if self.pushed else {}
        return {**told, "status": self.status, "answer": self.answer[: 4 * most].decode("utf-8", "replace")[:most]}


def wanted(resource: str, given: Any) -> Invocation | Call:
    """What a Task state with that resource asks for."""
    if ":function:" in resource and resource.startswith("arn:aws:lambda:"):
        return Invocation(resource, text_of(given))
    name = resource.removeprefix(_PREFIX).removeprefix("aws-sdk:")
    name, _, way = name.partition(".")
    service, _, operation = name.partition(":")
    given = given if isinstance(given, dict) else {}
    if service == _LAMBDA:
        if operation != "invoke":
            raise StateError(RUNTIME, f"Holdover plays lambda:invoke of Lambda's API, and not {operation}")
        if not isinstance(given.get("FunctionName"), str):
            raise StateError(RUNTIME, "The field 'FunctionName' is required but was missing")
        payload = given.get("Payload", {})
        if "aws-sdk:" in resource and isinstance(payload, str):
            payload = json.loads(payload)
        return Invocation(
            given["FunctionName"], text_of(payload), given.get("InvocationType") == "Event", is_direct=False
        )
    for text in _AS_TEXT.get((service, operation), ()):
        if text in given and not isinstance(given[text], str):
            given = {**given, text: text_of(given[text])}
    waits = operation == "startExecution" and way.startswith("sync")
    if way.startswith("sync") and not waits:
        raise StateError(RUNTIME, f"Holdover does not wait for {service}:{operation}")
    if operation == "startExecution" and isinstance(given.get("Input"), dict | list):
        given = {**given, "Input": text_of(given["Input"])}
    return Call(_SERVICES.get(service, service), operation, given, waits)


def error_of(told: dict[str, Any]) -> StateError | None:
    """How an invocation failed, if it did.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    if "throttled" in told:
        return StateError("Lambda.TooManyRequestsException", str(told["throttled"]))
    if "missing" in told:
        return StateError("Lambda.ResourceNotFoundException", str(told["missing"]))
    if not told.get("failed"):
        return None
    body = str(told["body"])
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    name = parsed.get("errorType") if isinstance(parsed, dict) else None
    return StateError(str(name or _STATUS_FAILED), body)


def result_of(told: dict[str, Any]) -> Any:
    """The result of an invocation that did not fail."""
    body = str(told["body"])
    try:
        payload = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        payload = body
    if told.get("is_direct", True):
        return payload
    if told.get("is_event"):
        return {"StatusCode": 202, "Payload": {}}
    return {"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200}
