"""Events with records: SQS, SNS, S3, DynamoDB streams, Kinesis; and EventBridge's, which are single. Pure.

``batch`` has the content of several records in place of one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import quote_plus

from pydantic import Field, JsonValue

from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.event_templates.template import Parts, Template, arn, base64_of, text_of

if TYPE_CHECKING:
    from sandbox_runner.event_templates.caller import Caller

# As many as a page can show; a batch of Lambda's has up to 10,000 records.
_BATCH_MAX: Final = 100
_LAMBDA: Final = "https://docs.aws.amazon.com/lambda/latest/dg"
Batch: TypeAlias = list[JsonValue] | None


class SqsParts(Parts):
    """A message. ``body`` of anything but text is sent as JSON; ``attributes`` are message attributes."""

    body: JsonValue = None
    batch: Batch = Field(default=None, min_length=1, max_length=_BATCH_MAX)
    queue: str = "example-queue"
    attributes: dict[str, str] = Field(default_factory=dict)


def _sqs(parts: SqsParts, caller: Caller) -> dict[str, Any]:
    def record(number: int, body: JsonValue) -> dict[str, Any]:
        text = text_of(body)
        return {
            "messageId": caller.uuid(f"message {number}"),
            "receiptHandle": f"AQEB{base64_of(caller.hexadecimal(f'receipt {number}', 48))}",
            "body": text,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": str(caller.at_ms),
                "SenderId": f"AIDAEXAMPLE:{caller.user}",
                "ApproximateFirstReceiveTimestamp": str(caller.at_ms + 1),
            },
            "messageAttributes": {
                name: {"stringValue": value, "stringListValues": [], "binaryListValues": [], "dataType": "String"}
                for name, value in parts.attributes.items()
            },
            "md5OfBody": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
            "eventSource": "aws:sqs",
            "eventSourceARN": arn("sqs", parts.queue),
            "awsRegion": REGION,
        }

    return _records(record, parts.body, parts.batch, caller)


class SnsParts(Parts):
    """A notification. ``message`` of anything but text is sent as JSON."""

    message: JsonValue = None
    subject: str | None = None
    topic: str = "example-topic"
    attributes: dict[str, str] = Field(default_factory=dict)


def _sns(parts: SnsParts, caller: Caller) -> dict[str, Any]:
    topic = arn("sns", parts.topic)
    subscription = f"{topic}:{'21be56ed-a058-49f5-8c98-aedd2564c486'}"
    host = f"https://sns.{REGION}.amazonaws.com"
    notification = {
        "Type": "Notification",
        "MessageId": caller.uuid("message"),
        "TopicArn": topic,
        "Subject": parts.subject or f"Order {caller.order} of {caller.user}",
        "Message": text_of(caller.body if parts.message is None else parts.message),
        "Timestamp": caller.at_iso,
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertUrl": f"{host}/SimpleNotificationService-0000000000000000000000.pem",
        "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription}",
        "MessageAttributes": {name: {"Type": "String", "Value": value} for name, value in parts.attributes.items()},
    }
    return {
        "Records": [
            {
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription,
                "EventSource": "aws:sns",
                "Sns": notification,
            }
        ]
    }


class S3Parts(Parts):
    """What happened to an object. ``key`` is the name as it is; the event has it URL-encoded."""

    bucket: str = "example-bucket"
    key: str | None = None
    event_name: str = "ObjectCreated:Put"
    size: int = Field(default=1024, ge=0)
    source_ip: str | None = None


def _s3(parts: S3Parts, caller: Caller) -> dict[str, Any]:
    removed = parts.event_name.startswith("ObjectRemoved")
    stored = {} if removed else {"size": parts.size, "eTag": caller.hexadecimal("etag", 32)}
    key = parts.key or f"uploads/{caller.user}/order-{caller.order}.json"
    record = {
        "eventVersion": "2.5",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": caller.at_iso,
        "eventName": parts.event_name,
        "userIdentity": {"principalId": f"AWS:AIDAEXAMPLE:{caller.user}"},
        "requestParameters": {"sourceIPAddress": parts.source_ip or caller.source_ip},
        "responseElements": {
            "x-amz-request-id": caller.hexadecimal("request", 16).upper(),
            "x-amz-id-2": base64_of(caller.hexadecimal("host", 48)),
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "example-configuration",
            "bucket": {
                "name": parts.bucket,
                "ownerIdentity": {"principalId": "AEXAMPLE"},
                "arn": f"arn:aws:s3:::{parts.bucket}",
            },
            "object": {
                # As a form is encoded, but for the slash: handlers decode it with unquote_plus and its like.
                "key": quote_plus(key, safe="/"),
                **stored,
                "sequencer": caller.hexadecimal("sequencer", 18).upper(),
            },
        },
    }
    return {"Records": [record]}


class EventBridgeParts(Parts):
    """An event on a bus."""

    source: str = "example.orders"
    detail_type: str = "Order placed"
    detail: dict[str, JsonValue] | None = None
    resources: list[str] = Field(default_factory=list)


def _eventbridge(parts: EventBridgeParts, caller: Caller) -> dict[str, Any]:
    return {
        "version": "0",
        "id": caller.uuid("event"),
        "detail-type": parts.detail_type,
        "source": parts.source,
        "account": ACCOUNT,
        "time": f"{caller.at:%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": parts.resources,
        "detail": caller.body if parts.detail is None else parts.detail,
    }


class DynamodbParts(Parts):
    """A change of an item. ``keys``, ``new_image`` and ``old_image`` are plain JSON; the event has attribute values."""

    event_name: Literal["INSERT", "MODIFY", "REMOVE"] = "INSERT"
    table: str = "example-table"
    keys: dict[str, JsonValue] | None = None
    new_image: dict[str, JsonValue] | None = None
    old_image: dict[str, JsonValue] | None = None


def _dynamodb(parts: DynamodbParts, caller: Caller) -> dict[str, Any]:
    keys = {"id": str(caller.order)} if parts.keys is None else parts.keys
    item = {**keys, **{name: value for name, value in caller.body.items() if name != "order"}}
    new = None if parts.event_name == "REMOVE" else item if parts.new_image is None else parts.new_image
    old = None if parts.event_name == "INSERT" else item if parts.old_image is None else parts.old_image
    images = {"Keys": keys, "NewImage": new, "OldImage": old}
    written: dict[str, Any] = {name: attribute_values(each) for name, each in images.items() if each is not None}
    record = {
        "eventID": caller.hexadecimal("event", 32),
        "eventName": parts.event_name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": caller.at_ms // 1000,
            **written,
            "SequenceNumber": caller.decimal("sequence", 21),
            "SizeBytes": len(text_of(written)),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": arn("dynamodb", f"table/{parts.table}/stream/2026-01-01T00:00:00.000"),
    }
    return {"Records": [record]}


def attribute_values(item: dict[str, Any]) -> dict[str, Any]:
    """An item as DynamoDB writes it.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
    """
    return {name: _attribute_value(value) for name, value in item.items()}


def _attribute_value(value: JsonValue) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | float():
            return {"N": text_of(value)}
        case str():
            return {"S": value}
        case list():
            return {"L": [_attribute_value(each) for each in value]}
        case dict():
            return {"M": attribute_values(value)}


class KinesisParts(Parts):
    """A record of a stream. ``data`` of anything but text is JSON; the event has it as base64."""

    data: JsonValue = None
    batch: Batch = Field(default=None, min_length=1, max_length=_BATCH_MAX)
    stream: str = "example-stream"
    partition_key: str | None = None


def _kinesis(parts: KinesisParts, caller: Caller) -> dict[str, Any]:
    def record(number: int, data: JsonValue) -> dict[str, Any]:
        sequence = f"{caller.decimal('sequence', 54)}{number:02}"
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": parts.partition_key or caller.user,
                "sequenceNumber": sequence,
                "data": base64_of(text_of(data)),
                "approximateArrivalTimestamp": caller.at_ms / 1000,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"shardId-000000000006:{sequence}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": arn("iam", "role/example-role", region=""),
            "awsRegion": REGION,
            "eventSourceARN": arn("kinesis", f"stream/{parts.stream}"),
        }

    return _records(record, parts.data, parts.batch, caller)


def _records(record: Any, one: JsonValue, batch: Batch, caller: Caller) -> dict[str, Any]:
    contents = batch if batch is not None else [caller.body if one is None else one]
    return {"Records": [record(number, content) for number, content in enumerate(contents, 1)]}


TEMPLATES: Final = (
    Template("sqs", f"{_LAMBDA}/with-sqs.html", SqsParts, _sqs),
    Template("sns", f"{_LAMBDA}/with-sns.html", SnsParts, _sns),
    Template(
        "s3",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html",
        S3Parts,
        _s3,
    ),
    Template(
        "eventbridge",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html",
        EventBridgeParts,
        _eventbridge,
    ),
    Template("dynamodb", f"{_LAMBDA}/with-ddb.html", DynamodbParts, _dynamodb),
    Template("kinesis", f"{_LAMBDA}/with-kinesis.html", KinesisParts, _kinesis),
)
