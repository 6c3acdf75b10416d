"""What a call to an AWS service is about: whether it may change something there, and which table or bucket. Pure.

Parameters are the beginning of a text that a function sent, so a name is taken where it stands, and nothing depends on
it but what is shown.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sandbox_runner.events.records import AccountCalled

_READS: Final = re.compile(r"(?:Get|List|Describe|Query|Scan|BatchGet|TransactGet|Head|Select|Lookup)")
_FAILED: Final = 400
# By service, what its calls are about, and the parameters that may name it.
_THINGS: Final = {
    "dynamodb": ("table", ("TableName",)),
    "events": ("bus", ("EventBusName",)),
    "firehose": ("stream", ("DeliveryStreamName",)),
    "kinesis": ("stream", ("StreamName", "StreamARN")),
    "lambda": ("function", ("FunctionName",)),
    "logs": ("log-group", ("logGroupName",)),
    "s3": ("bucket", ("Bucket",)),
    "secretsmanager": ("secret", ("SecretId", "Name")),
    "sns": ("topic", ("TopicArn",)),
    "sqs": ("queue", ("QueueUrl", "QueueName")),
    "ssm": ("parameter", ("Name",)),
    "stepfunctions": ("state-machine", ("stateMachineArn", "name")),
}
# These are the last part of a URL or an ARN.
_LAST_PART: Final = frozenset({"QueueUrl", "TopicArn", "StreamARN", "SecretId", "stateMachineArn"})
_KEY_CHARACTERS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call went. ``thing`` is what kind of resource ``name`` is, and ``key`` what in it; each may be empty."""

    service: str
    thing: str = ""
    name: str = ""
    key: str = ""


def only_reads(operation: str) -> bool:
    """Whether calls of that operation leave everything as it is."""
    return _READS.match(operation) is not None


def succeeded(call: AccountCalled) -> bool:
    """Whether the service did what it was asked."""
    return call.status_code < _FAILED


def place_of(call: AccountCalled) -> Place:
    """Where a call went, as far as its parameters say."""
    thing, fields = _THINGS.get(call.service, ("", ()))
    found = ((field, _text_of(call.parameters, field)) for field in fields)
    field, name = next(((field, name) for field, name in found if name), ("", ""))
    if field in _LAST_PART:
        name = re.split(r"[/:]", name)[-1]
    return Place(call.service, thing if name else "", name, _key_of(call))


def _text_of(parameters: str, field: str) -> str:
    """The text under ``field``; inside another text its quotation marks would be escaped."""
    found = re.search(rf'"{field}"\s*:\s*("(?:[^"\\]|\\.)*")', parameters)
    parsed = _parsed(found[1]) if found else ""
    return parsed if isinstance(parsed, str) else ""


def _key_of(call: AccountCalled) -> str:
    if call.service == "s3":
        return _text_of(call.parameters, "Key")
    asked = _parsed(call.parameters) if call.service == "dynamodb" else {}
    key = asked.get("Key") if isinstance(asked, dict) else None
    if not isinstance(key, dict):
        return ""
    return ", ".join(f"{name}={_attribute(value)}" for name, value in key.items())[:_KEY_CHARACTERS_MAX]


def _attribute(value: Any) -> str:
    """A value of DynamoDB's, which says its type: ``{"S": "shared-71"}``."""
    return str(next(iter(value.values()), "")) if isinstance(value, dict) else str(value)


def _parsed(text: str) -> Any:
    """A text's JSON; an empty mapping where it is cut, or was none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {}
