"""Resolves what a template leaves to CloudFormation, as far as the template itself says it. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html. What ``Ref`` and
``Fn::GetAtt`` give is on each resource's own page; those of the resources that functions are told about most are here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.messages import cut, say
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.messages import Message

_PSEUDO: Final = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::StackName": "holdover",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/holdover/0",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": None,
}
_DEPTH_MAX: Final = 30
_TEXT_CHARACTERS_MAX: Final = 10_000
_PLACES: Final = re.compile(r"\$\{(!?)([^${}]*)\}")


@dataclass(frozen=True, slots=True)
class _Named:
    """How a kind of resource is named: its property, what ``Ref`` gives, and its ARN, with ``{}`` for the name."""

    name: str
    ref: str
    arn: str


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


_FUNCTION: Final = _Named("FunctionName", "{}", _arn("lambda", "function:{}"))
_TABLE: Final = _Named("TableName", "{}", _arn("dynamodb", "table/{}"))
_BUCKET: Final = "AWS::S3::Bucket"
_RESOURCES: Final = {
    "AWS::Serverless::Function": _FUNCTION,
    "AWS::Lambda::Function": _FUNCTION,
    "AWS::Serverless::SimpleTable": _TABLE,
    "AWS::DynamoDB::Table": _TABLE,
    _BUCKET: _Named("BucketName", "{}", "arn:aws:s3:::{}"),
    "AWS::SQS::Queue": _Named("QueueName", f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{{}}", _arn("sqs", "{}")),
    "AWS::SNS::Topic": _Named("TopicName", _arn("sns", "{}"), _arn("sns", "{}")),
    "AWS::Kinesis::Stream": _Named("Name", "{}", _arn("kinesis", "stream/{}")),
    "AWS::Events::EventBus": _Named("Name", "{}", _arn("events", "event-bus/{}")),
    "AWS::SSM::Parameter": _Named("Name", "{}", _arn("ssm", "parameter/{}")),
    "AWS::StepFunctions::StateMachine": _Named(
        "StateMachineName", _arn("states", "stateMachine:{}"), _arn("states", "stateMachine:{}")
    ),
}
_OTHER: Final = _Named("Name", "{}", "")
# Names of these end so, where they are first in, first out.
_ORDERED: Final = ("FifoQueue", "FifoTopic")


class _Unknown(Exception):  # noqa: N818 - answered with the text itself
    """The template alone does not say what that is."""


def shown(value: Any) -> str:
    """A value as a template writes it: ``!Ref Users``."""
    if isinstance(value, dict) and len(value) == 1:
        (name, inner), text = next(iter(value.items())), json.dumps
        if name == "Ref" or name.startswith("Fn::"):
            tag = name.removeprefix("Fn::")
            return cut(visible(f"!{tag} {inner if isinstance(inner, str) else text(inner, ensure_ascii=False)}"))
    return cut(visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))


@dataclass(slots=True)
class Intrinsics:
    """Resolves values of one template; ``said`` gets a sentence for each that had to be made up."""

    parameters: Mapping[str, Any]
    resources: Mapping[str, Any]
    mappings: Mapping[str, Any] = field(default_factory=dict)
    said: list[Message] = field(default_factory=list)
    _names: dict[str, str | None] = field(default_factory=dict)

    def value(self, written: Any, place: str) -> Any:
        """What ``written`` becomes; its own text, told, where the template does not say it."""
        try:
            return self._resolved(written, place, 0)
        except _Unknown:
            text = shown(written)
            self.said.append(say("template-value-unknown", place=place, text=text))
            return text

    def name_of(self, resource: str) -> str:
        """What a resource of the template is called, which nobody is told where it had to be made up."""
        before = len(self.said)
        _, called = self._resource(resource, resource)
        del self.said[before:]
        return called

    def arn_of(self, resource: str) -> str:
        """The ARN of a resource of the template; empty where none is known of its kind."""
        name = self.name_of(resource)
        return _kind(self.resources[resource]).arn.format(name)

    def _resolved(self, written: Any, place: str, level: int) -> Any:
        if level > _DEPTH_MAX:
            raise _Unknown
        if isinstance(written, list):
            return [self._resolved(each, place, level + 1) for each in written]
        if not isinstance(written, dict):
            return written
        if len(written) == 1:
            (name, inner) = next(iter(written.items()))
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, inner, place, level + 1)
        return {key: self._resolved(each, place, level + 1) for key, each in written.items()}

    def _function(self, name: str, inner: Any, place: str, level: int) -> Any:
        match name, inner:
            case "Ref", str():
                return self._ref(inner, place)
            case "Fn::GetAtt", [str(resource), str(attribute)]:
                return self._attribute(resource, attribute, place)
            case "Fn::Sub", str():
                return self._substituted(inner, {}, place, level)
            case "Fn::Sub", [str(text), dict(values)]:
                return self._substituted(text, values, place, level)
            case (("Fn::Join" | "Fn::Split" | "Fn::Select" | "Fn::FindInMap"), list()):
                return _of_a_list(name, self._resolved(inner, place, level), self.mappings)
            case _:
                raise _Unknown

    def _ref(self, name: str, place: str) -> Any:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self.parameters:
            default = self.parameters[name]
            if default is None:
                raise _Unknown
            return default
        kind, called = self._resource(name, place)
        return kind.ref.format(called)

    def _attribute(self, name: str, attribute: str, place: str) -> Any:
        kind, called = self._resource(name, place)
        if attribute == "Arn" and kind.arn:
            return kind.arn.format(called)
        if attribute == kind.name:
            return called
        raise _Unknown

    def _resource(self, name: str, place: str) -> tuple[_Named, str]:
        """The kind of a resource, and its name: its own where it has one, else the one by which it is known here."""
        found = self.resources.get(name)
        if not isinstance(found, dict):
            raise _Unknown
        kind = _kind(found)
        if name not in self._names:
            # A name that is made from itself has none.
            self._names[name] = None
            self._names[name] = self._given_name(name, kind, found.get("Properties"))
        if given := self._names[name]:
            return kind, given
        used = _made_up(name, found)
        self.said.append(say("template-name-assumed", place=place, name=cut(visible(name)), used=cut(visible(used))))
        return kind, used

    def _given_name(self, name: str, kind: _Named, properties: Any) -> str | None:
        given = properties.get(kind.name) if isinstance(properties, dict) else None
        if isinstance(given, dict):
            given = self.value(given, f"{name}.{kind.name}")
        return given if isinstance(given, str) else None

    def _substituted(self, text: str, values: Mapping[str, Any], place: str, level: int) -> str:
        def replaced(found: re.Match[str]) -> str:
            literal, name = found[1], found[2].strip()
            if literal:
                return f"${{{found[2]}}}"
            if name in values:
                return _text(self._resolved(values[name], place, level))
            resource, _, attribute = name.partition(".")
            return _text(self._attribute(resource, attribute, place) if attribute else self._ref(name, place))

        return _bounded(_PLACES.sub(replaced, text))


def _kind(resource: Mapping[str, Any]) -> _Named:
    return _RESOURCES.get(str(resource.get("Type")), _OTHER)


def _made_up(name: str, resource: Mapping[str, Any]) -> str:
    """What a resource without a name is called: as it is in the template, as far as its service takes that.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html: no capitals, and three characters.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fifo-queue-message-identifiers.html
    """
    properties = resource.get("Properties")
    if resource.get("Type") == _BUCKET:
        return f"{_PSEUDO['AWS::StackName']}-{name}".lower()
    is_ordered = isinstance(properties, dict) and any(as_variable(properties.get(key)) == "true" for key in _ORDERED)
    return f"{name}.fifo" if is_ordered else name


def _of_a_list(name: str, given: list[Any], mappings: Mapping[str, Any]) -> Any:
    """What a function makes of values that are known."""
    match name, given:
        case "Fn::Join", [str(between), list(parts)]:
            return _bounded(between.join(map(_text, parts)))
        case "Fn::Split", [str(between), str(text)] if between:
            return text.split(between)
        case "Fn::Select", [at, list(values)] if _is_place(at, values):
            return values[int(at)]
        case "Fn::FindInMap", [*keys]:
            found: Any = mappings
            for key in map(_text, keys):
                found = found.get(key) if isinstance(found, dict) else None
            if found is not None:
                return found
    raise _Unknown


def _is_place(at: Any, values: list[Any]) -> bool:
    number = str(at)
    return number.isdecimal() and len(number) < 5 and int(number) < len(values)


def _bounded(text: str) -> str:
    if len(text) > _TEXT_CHARACTERS_MAX:
        raise _Unknown
    return text


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise _Unknown
    return as_variable(value)


def as_variable(value: Any) -> str:
    """A value as an environment variable has it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
