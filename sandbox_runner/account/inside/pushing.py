# ruff: noqa: INP001, PLC0415, SLF001 - in a sandbox, beside moto, of which only what an account uses is imported
"""Runs inside the account's sandbox: what SNS, S3 and EventBridge send to functions, which is the host's to invoke.

Moto would look for a function of its own. Here whatever is sent is put aside, and goes to the host with the answer to
the call that led to it: so the host knows which that was. The shapes are those of
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html.
"""

import base64
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

import patterns  # type: ignore[import-not-found] # a file of the function's
from moto.moto_api._internal import mock_random

# One more than a run plays, and what an answer has room for beside itself.
PUSHED_MAX = 101
BYTES_MAX = 4 * 1024 * 1024
STEP = re.compile(r"\.([^.\[\]]+)|\['([^']+)'\]|\[(\d+)\]")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>"]+>')
PLACE = re.compile(r"<([^<>]+)>")
REGION = "us-east-1"

PUSHED: list[dict[str, str | None]] = []
CLOCK: list[Callable[[], float]] = [time.time]


def taken() -> bytes:
    """What was put aside since it was last asked, as JSON; empty for nothing. What is too much has no payload."""
    found, left = PUSHED[:PUSHED_MAX], BYTES_MAX
    PUSHED.clear()
    for each in found:
        left -= len(each["payload"] or "")
        if left < 0:
            each["payload"] = None
    return json.dumps(found).encode() if found else b""


def hook(service: str) -> None:
    """Once a service of moto's is there: have what it sends to functions put aside."""
    if made := HOOKS.pop(service, None):
        made()


def push(source: str, name: str, function: str, event: object) -> None:
    """Put aside what a topic, a bucket or a rule of that name sends to a function."""
    payload = json.dumps(event, ensure_ascii=False, separators=(",", ":"), default=str)
    PUSHED.append({"source": source, "name": name, "function": function, "payload": payload})


def at_iso() -> str:
    """When it is, on the account's clock: ``2026-01-05T09:00:00.000Z``."""
    return datetime.fromtimestamp(CLOCK[0](), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# --- SNS ----------------------------------------------------------------------------------------------------------


def hook_sns() -> None:
    """Of subscriptions."""
    from moto.sns.models import Subscription

    elsewhere = Subscription.publish

    def publish(self: Any, message: str, message_id: str, *args: Any, **kwargs: Any) -> None:
        if self.protocol != "lambda":
            elsewhere(self, message, message_id, *args, **kwargs)
            return
        names = ("subject", "message_attributes", "group_id", "deduplication_id", "message_structure")
        told = dict(zip(names, args, strict=False)) | kwargs
        attributes = told.get("message_attributes") or {}
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        if told.get("message_structure") == "json":
            message = self._parse_message_structure(message, "lambda")
        event = notification(self, message, message_id, told.get("subject"), attributes)
        push("sns", self.topic.name, self.endpoint, event)

    Subscription.publish = publish


def notification(
    subscription: Any, message: str, message_id: str, subject: str | None, attributes: dict[str, Any]
) -> dict[str, Any]:
    """What a function gets of a topic. Nothing is signed."""
    host = f"https://sns.{REGION}.amazonaws.com"
    told = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": subscription.topic.arn,
        "Subject": subject or None,
        "Message": message,
        "Timestamp": at_iso(),
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertUrl": f"{host}/SimpleNotificationService-0000000000000000000000.pem",
        "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
        "MessageAttributes": {
            name: {"Type": each["Type"], "Value": as_text(each["Value"])} for name, each in attributes.items()
        },
    }
    place = {"EventVersion": "1.0", "EventSubscriptionArn": subscription.arn, "EventSource": "aws:sns"}
    return {"Records": [{**place, "Sns": told}]}


def as_text(value: object) -> str:
    """An attribute's value; bytes as base64."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


# --- S3 -----------------------------------------------------------------------------------------------------------


def hook_s3() -> None:
    """Of buckets' notifications. Moto has none for a delete marker."""
    from moto.s3 import notifications
    from moto.s3.models import S3Backend

    mark = S3Backend._set_delete_marker
    made_marker = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT

    def invoke(_account: str, event: Any, function: str, _region: str) -> None:
        push("s3", event["Records"][0]["s3"]["bucket"]["name"], function, event)

    def mark_deleted(self: Any, bucket_name: str, key_name: str) -> Any:
        marker = mark(self, bucket_name, key_name)
        notifications.send_event(self.account_id, made_marker, self.get_bucket(bucket_name), marker)
        return marker

    notifications._get_s3_event = object_event
    notifications._invoke_awslambda = invoke
    S3Backend._set_delete_marker = mark_deleted


def object_event(event_name: str, bucket: Any, key: Any, configuration: str) -> dict[str, Any]:
    """What happened to an object, for whoever a bucket's configuration names."""
    name = event_name[3:]
    # As a form is encoded, but for the slash.
    told: dict[str, Any] = {"key": quote_plus(key.name, safe="/")}
    if not name.startswith("ObjectRemoved"):
        told |= {"size": key.size, "eTag": key.etag.replace('"', "")}
    if bucket.is_versioned:
        told["versionId"] = key.version_id
    told["sequencer"] = f"{round(CLOCK[0]() * 1_000_000):018X}"
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": at_iso(),
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": mock_random.get_random_hex(16).upper(),
            "x-amz-id-2": base64.b64encode(mock_random.get_random_hex(48).encode()).decode(),
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration,
            "bucket": {"name": bucket.name, "ownerIdentity": {"principalId": "AEXAMPLE"}, "arn": bucket.arn},
            "object": told,
        },
    }
    return {"Records": [record]}


# --- EventBridge --------------------------------------------------------------------------------------------------


def hook_events() -> None:
    """Of rules. Moto makes the input of every target with a package that is not here, asks no rule's state, and knows
    fewer patterns.
    """
    from moto.events.exceptions import InvalidEventPatternException
    from moto.events.models import EventPattern, EventPatternParser, Rule
    from moto.events.utils import EventTemplateParser

    elsewhere = Rule.send_to_targets

    def send(self: Any, event: Any, transform_input: bool = True) -> None:
        if (
            self.state != "ENABLED"
            or not self.event_pattern.get_pattern()
            or not self.event_pattern.matches_event(event)
        ):
            return
        targets, own = self.targets, [each for each in self.targets if ":lambda:" in each["Arn"]]
        for each in own:
            push("eventbridge", self.name, each["Arn"], input_of(each, as_sent(event)))
        self.targets = [each for each in targets if each not in own]
        try:
            elsewhere(self, event, transform_input)
        finally:
            self.targets = targets

    def parse(input_template: str | None, input_paths_map: dict[str, str], event: Any) -> Any:
        told = {"InputTransformer": {"InputTemplate": input_template, "InputPathsMap": input_paths_map}}
        # As moto goes on with it: it writes the time anew.
        return input_of(told, as_sent(event)) if input_template else {**as_sent(event), "time": event["time"]}

    def parsed_pattern(self: Any) -> Any:
        try:
            return json.loads(self.pattern) if self.pattern and patterns.Pattern(self.pattern) else {}
        except patterns.PatternError as problem:
            raise InvalidEventPatternException(reason=str(problem)) from None

    def matches(self: Any, event: Any) -> bool:
        told = self.get_pattern()
        return not told or patterns.Pattern(json.dumps(told)).matches(as_sent(json.loads(json.dumps(event))))

    EventPatternParser.parse = parsed_pattern
    EventPattern.matches_event = matches
    Rule.send_to_targets = send
    EventTemplateParser.parse = staticmethod(parse)


def as_sent(event: Any) -> dict[str, Any]:
    """An event as its targets get it."""
    at = event["time"]
    told = {key: value for key, value in event.items() if key != "ingestion-time"}
    if not isinstance(at, str) or at.replace(".", "", 1).isdigit():
        told["time"] = datetime.fromtimestamp(float(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return told


def input_of(target: Any, event: dict[str, Any]) -> Any:
    """What a target gets: the event, a part of it, a constant, or a text with parts of it.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
    """
    if "Input" in target:
        return parsed(target["Input"])
    if "InputPath" in target:
        return part_of(event, target["InputPath"])
    asked = target.get("InputTransformer")
    if not asked:
        return event
    parts = {name: part_of(event, path) for name, path in (asked.get("InputPathsMap") or {}).items()}
    parts["aws.events.event"] = parts["aws.events.event.json"] = event

    def filled(token: re.Match[str]) -> str:
        is_text = token[0].startswith('"')

        def value(found: re.Match[str]) -> str:
            if found[1] not in parts:
                return found[0]
            told = parts[found[1]]
            written = json.dumps(told, ensure_ascii=False)
            if not is_text:
                return written
            return written[1:-1] if isinstance(told, str) else json.dumps(written, ensure_ascii=False)[1:-1]

        return PLACE.sub(value, token[0])

    return parsed(TOKEN.sub(filled, asked["InputTemplate"]))


def part_of(event: Any, path: str) -> Any:
    """What a path such as ``$.detail.items[0]`` means; nothing where it leads nowhere."""
    for found in STEP.finditer(path.removeprefix("$")):
        key = found[1] or found[2]
        try:
            event = event[key] if key is not None else event[int(found[3])]
        except (KeyError, IndexError, TypeError):
            return None
    return event


def parsed(text: str) -> Any:
    """A text's JSON; the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


HOOKS = {"sns": hook_sns, "s3": hook_s3, "events": hook_events}
