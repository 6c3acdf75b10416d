"""A batch of messages as a function gets it, and what its answer says of each. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html has the event;
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html which answers fail it, or a part of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox_runner.aws_place import REGION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was received. ``received`` counts its receptions; the attributes are as SQS answers them."""

    id: str
    receipt: str
    body: str
    received: int
    md5: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    message_attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attributes_md5: str = ""


def event_of(messages: Iterable[Message], arn: str) -> bytes:
    """The payload that a function gets."""
    records = [record_of(each, arn) for each in messages]
    return json.dumps({"Records": records}, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def record_of(message: Message, arn: str) -> dict[str, Any]:
    """One message among them."""
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": dict(message.attributes),
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
        "md5OfMessageAttributes": message.attributes_md5 if message.message_attributes else None,
        "md5OfBody": message.md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }


def failed_of(messages: Sequence[Message], answer: bytes) -> frozenset[str]:
    """The ids of those that an answer says have failed: all of them where it says so in a way that is none."""
    everything = frozenset(each.id for each in messages)
    try:
        told = json.loads(answer or b"null")
    except (ValueError, RecursionError):
        return everything
    if not isinstance(told, dict):
        return frozenset() if told is None or told == "" else everything
    items = told.get("batchItemFailures")
    if not items:
        return frozenset()
    if not isinstance(items, list):
        return everything
    ids = [each.get("itemIdentifier") if isinstance(each, dict) else None for each in items]
    named = frozenset(each for each in ids if isinstance(each, str))
    return named if len(named) == len(set(map(str, ids))) and named <= everything else everything


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value.get("DataType", "String")}
    if "StringValue" in value:
        told["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        told["binaryValue"] = value["BinaryValue"]
    return told
