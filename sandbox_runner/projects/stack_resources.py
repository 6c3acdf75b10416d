"""The tables, queues, buckets and topics of a stack as operations that make them in a scenario's account. Pure.

What CloudFormation calls a property is on the page of each resource:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.limits import ACCOUNT_RESOURCES_MAX
from sandbox_runner.projects.intrinsics import as_variable
from sandbox_runner.projects.template_settings import not_understood
from sandbox_runner.scenario.account.resources import is_operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sandbox_runner.messages import Message
    from sandbox_runner.projects.intrinsics import Intrinsics

Operation = dict[str, dict[str, Any]]

# Resources that are told as not understood; of a stack of hundreds, more would hide what matters.
_TOLD_MAX: Final = 20
# What no handler asks for anything: rights, addresses, and what calls a function.
_ASIDE: Final = (
    *("AWS::ApiGateway", "AWS::CloudFormation::", "AWS::CloudFront::", "AWS::CloudWatch::", "AWS::CodeDeploy::"),
    *("AWS::EC2::", "AWS::Events::Rule", "AWS::IAM::", "AWS::Lambda::", "AWS::Logs::", "AWS::Route53::"),
    *("AWS::Scheduler::", "AWS::Serverless::Api", "AWS::Serverless::Application", "AWS::Serverless::Function"),
    *("AWS::Serverless::HttpApi", "AWS::Serverless::LayerVersion", "Custom::"),
)
_QUEUE_ATTRIBUTES: Final = (
    *("ContentBasedDeduplication", "DelaySeconds", "FifoQueue", "MaximumMessageSize", "MessageRetentionPeriod"),
    *("ReceiveMessageWaitTimeSeconds", "VisibilityTimeout"),
)
_TOPIC_ATTRIBUTES: Final = ("ContentBasedDeduplication", "DisplayName", "FifoTopic")
_SUBSCRIPTION_ATTRIBUTES: Final = ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery")
_KEYS: Final = ("KeySchema", "AttributeDefinitions")
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-simpletable-primarykeyobject.html
_KEY_TYPES: Final = {"String": "S", "Number": "N", "Binary": "B"}


def resources_of(known: Intrinsics) -> Iterator[Operation]:
    """What makes the resources of a stack, in an order in which it can be made.

    What is not understood is told in ``known.said``.
    """
    made = _Stack(known).operations()
    for position, each in enumerate(sorted(made, key=_order)):
        if position < ACCOUNT_RESOURCES_MAX:
            yield each


def is_resource(kind: object) -> bool:
    """Whether resources of this type are made."""
    return str(kind) in _MAKING


def _order(operation: Operation) -> int:
    """A queue for messages that failed is made before those that name it, and a queue before its subscription."""
    (name, parameters), *_ = operation.items()
    return 2 if name == "sns.subscribe" else int("RedrivePolicy" in parameters.get("Attributes", {}))


@dataclass(slots=True)
class _Stack:
    known: Intrinsics
    queues: set[str] = field(default_factory=set)

    def operations(self) -> list[Operation]:
        told: list[Message] = []
        found: list[Operation] = []
        parts = {name: each for name, each in self.known.resources.items() if isinstance(each, dict)}
        self.queues = {self.known.arn_of(name) for name, each in parts.items() if each.get("Type") == _QUEUE}
        for name, each in parts.items():
            kind = str(each.get("Type"))
            making = _MAKING.get(kind)
            made = list(making(_Given(name, self._properties(each), self))) if making else []
            if made and self._is_named(name) and all(map(is_operation, made)):
                found += made
            elif making or not (kind.startswith(_ASIDE) or kind.endswith("Policy")):
                told.append(not_understood(name, each.get("Type")))
        self.known.said += told[:_TOLD_MAX]
        return found

    def is_queue(self, arn: Any) -> bool:
        """Whether that is one of the stack's queues."""
        return isinstance(arn, str) and arn in self.queues

    def _is_named(self, name: str) -> bool:
        """Whether its name is known; a variable of another file is none."""
        return "${" not in self.known.name_of(name)

    def _properties(self, resource: Mapping[str, Any]) -> Mapping[str, Any]:
        given = resource.get("Properties")
        return given if isinstance(given, dict) else {}


@dataclass(frozen=True, slots=True)
class _Given:
    """One resource: its name in the template, and its properties."""

    place: str
    properties: Mapping[str, Any]
    stack: _Stack

    @property
    def name(self) -> str:
        """What the resource is called in the account."""
        return self.stack.known.name_of(self.place)

    def value(self, key: str) -> Any:
        """What a property says; nothing, told, where the template alone does not say it."""
        return self.resolved(self.properties.get(key), key)

    def resolved(self, written: Any, key: str) -> Any:
        """The same for something that is written in a property."""
        said = self.stack.known.said
        before = len(said)
        value = self.stack.known.value(written, f"{self.place}.{key}")
        if any(each.code == "template-value-unknown" for each in said[before:]):
            said[before:] = [not_understood(f"{self.place}.{key}", written)]
            return None
        # A name that had to be made up is told where a function is given it.
        del said[before:]
        return value

    def some(self, *keys: str) -> dict[str, Any]:
        """The properties of these names that have a value."""
        return {key: value for key in keys if (value := self.value(key)) is not None}

    def texts(self, keys: Iterable[str]) -> dict[str, str]:
        """The same as attributes, which are texts."""
        return {key: _text(value) for key, value in self.some(*keys).items()}


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict | list) else as_variable(value)


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    yield from (each for each in (value if isinstance(value, list) else ()) if isinstance(each, dict))


def _table(given: _Given) -> Iterator[Operation]:
    """What a table costs is nothing here, so each is paid by request."""
    keys = given.some(*_KEYS)
    if len(keys) < len(_KEYS):
        return
    parameters = {"TableName": given.name, **keys}
    for key in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        indexes = [
            {part: each[part] for part in ("IndexName", "KeySchema", "Projection") if part in each}
            for each in _mappings(given.value(key))
        ]
        parameters |= {key: indexes} if indexes else {}
    stream = given.value("StreamSpecification")
    if isinstance(stream, dict) and "StreamViewType" in stream:
        parameters["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream["StreamViewType"]}
    yield {"dynamodb.create_table": {**parameters, "BillingMode": "PAY_PER_REQUEST"}}


def _simple_table(given: _Given) -> Iterator[Operation]:
    """https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-simpletable.html."""
    key = given.value("PrimaryKey")
    told = key if isinstance(key, dict) else {}
    name, kind = told.get("Name", "id"), _KEY_TYPES.get(str(told.get("Type", "String")), "")
    parameters = {
        "TableName": given.name,
        "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    yield {"dynamodb.create_table": parameters}


def _queue(given: _Given) -> Iterator[Operation]:
    attributes = given.texts(_QUEUE_ATTRIBUTES)
    redrive = given.value("RedrivePolicy")
    if isinstance(redrive, dict):
        if given.stack.is_queue(redrive.get("deadLetterTargetArn")):
            attributes["RedrivePolicy"] = _text(redrive)
        else:
            given.stack.known.said.append(not_understood(f"{given.place}.RedrivePolicy", redrive))
    yield {"sqs.create_queue": {"QueueName": given.name, **({"Attributes": attributes} if attributes else {})}}


def _bucket(given: _Given) -> Iterator[Operation]:
    yield {"s3.create_bucket": {"Bucket": given.name}}
    versioning = given.value("VersioningConfiguration")
    if isinstance(versioning, dict) and "Status" in versioning:
        settings = {"Bucket": given.name, "VersioningConfiguration": {"Status": versioning["Status"]}}
        yield {"s3.put_bucket_versioning": settings}


def _topic(given: _Given) -> Iterator[Operation]:
    attributes = given.texts(_TOPIC_ATTRIBUTES)
    yield {"sns.create_topic": {"Name": given.name, **({"Attributes": attributes} if attributes else {})}}
    for each in _mappings(given.value("Subscription")):
        yield from _subscribed(given, given.stack.known.arn_of(given.place), each, {})


def _subscription(given: _Given) -> Iterator[Operation]:
    attributes = given.texts(_SUBSCRIPTION_ATTRIBUTES)
    yield from _subscribed(given, given.value("TopicArn"), given.some("Protocol", "Endpoint"), attributes)


def _subscribed(given: _Given, topic: Any, asked: Mapping[str, Any], attributes: dict[str, str]) -> Iterator[Operation]:
    """A queue that gets a topic's messages; other subscribers are none of the account's."""
    if asked.get("Protocol") != "sqs" or not given.stack.is_queue(asked.get("Endpoint")):
        given.stack.known.said.append(not_understood(f"{given.place}.Subscription", asked.get("Protocol")))
        return
    parameters = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": asked["Endpoint"]}
    yield {"sns.subscribe": {**parameters, **({"Attributes": attributes} if attributes else {})}}


def _stream(given: _Given) -> Iterator[Operation]:
    shards = str(given.value("ShardCount") or 1)
    yield {"kinesis.create_stream": {"StreamName": given.name, "ShardCount": int(shards) if shards.isdecimal() else 0}}


def _bus(given: _Given) -> Iterator[Operation]:
    yield {"events.create_event_bus": {"Name": given.name}}


def _parameter(given: _Given) -> Iterator[Operation]:
    yield {"ssm.put_parameter": {"Name": given.name, **given.texts(("Type", "Value"))}}


_QUEUE: Final = "AWS::SQS::Queue"
_MAKING: Final[Mapping[str, Callable[[_Given], Iterator[Operation]]]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::Serverless::SimpleTable": _simple_table,
    _QUEUE: _queue,
    "AWS::S3::Bucket": _bucket,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::Subscription": _subscription,
    "AWS::Kinesis::Stream": _stream,
    "AWS::Events::EventBus": _bus,
    "AWS::SSM::Parameter": _parameter,
}
