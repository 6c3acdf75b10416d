"""The events that templates connect to a function, as the event templates that mean them. Pure.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
and https://www.serverless.com/framework/docs/providers/aws/guide/events
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.projects.template_settings import not_understood

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox_runner.messages import Message

# An event by a person's name, the template that means it, and the parts that are known of it.
Source = tuple[str, str, dict[str, Any]]

_OF_SAM: Final = {
    "Api": "apigateway-v1",
    "HttpApi": "apigateway-v2",
    "SQS": "sqs",
    "SNS": "sns",
    "S3": "s3",
    "DynamoDB": "dynamodb",
    "Kinesis": "kinesis",
    "EventBridgeRule": "eventbridge",
    "CloudWatchEvent": "eventbridge",
    "Schedule": "eventbridge",
    "ScheduleV2": "eventbridge",
}
_OF_SERVERLESS: Final = {
    "http": "apigateway-v1",
    "httpApi": "apigateway-v2",
    "alb": "alb",
    "sqs": "sqs",
    "sns": "sns",
    "s3": "s3",
    "eventBridge": "eventbridge",
    "schedule": "eventbridge",
}
_ROUTED: Final = frozenset({"apigateway-v1", "apigateway-v2"})
_ON_STREAMS: Final = {"dynamodb", "kinesis"}
# https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge-scheduler.html: what a schedule sends.
_SCHEDULED: Final = {"source": "aws.scheduler", "detail_type": "Scheduled Event", "detail": {}}
_PLACE: Final = re.compile(r"\{[\w.-]+\+?\}")
_ANY: Final = frozenset({"any", "*", "x-amazon-apigateway-any-method", ""})


def of_sam(
    name: str, events: Mapping[str, Any], resolved: Callable[[Any, str], Any], said: list[Message]
) -> Iterator[Source]:
    """The events of a function of SAM; one that has no template is told."""
    for key, event in events.items():
        place = f"{name}.{key}"
        kind = event.get("Type") if isinstance(event, dict) else None
        template = _OF_SAM.get(str(kind))
        if template is None:
            said.append(not_understood(place, kind if kind is not None else event))
            continue
        given = event.get("Properties")
        properties = given if isinstance(given, dict) else {}
        if "Schedule" in str(kind):
            yield f"{key}: {kind}", template, dict(_SCHEDULED)
        else:
            method, path = resolved(properties.get("Method"), place), resolved(properties.get("Path"), place)
            parts = _request(method, path) if template in _ROUTED else {}
            yield f"{key}: {_shown(str(kind), parts)}", template, parts


def of_serverless(name: str, events: Any, resolved: Callable[[Any, str], Any], said: list[Message]) -> Iterator[Source]:
    """The events of a function of the Serverless Framework; one that has no template is told."""
    for event in events if isinstance(events, list) else []:
        kind, given = next(iter(event.items())) if isinstance(event, dict) and event else (event, None)
        place = f"{name}.{kind}"
        stream = given.get("type") if kind == "stream" and isinstance(given, dict) else None
        template = str(stream) if stream in _ON_STREAMS else _OF_SERVERLESS.get(str(kind))
        if template is None:
            said.append(not_understood(place, event))
        elif kind == "schedule":
            yield str(kind), template, dict(_SCHEDULED)
        else:
            parts = _request(*_method_and_path(resolved(given, place))) if template in _ROUTED else {}
            yield _shown(str(kind), parts), template, parts


def _method_and_path(given: Any) -> tuple[Any, Any]:
    """``GET /users`` or a mapping with both."""
    if isinstance(given, dict):
        return given.get("method"), given.get("path")
    method, _, path = str(given).partition(" ")
    return (method, path) if path else ("", method)


def _request(method: Any, path: Any) -> dict[str, Any]:
    verb = str(method or "").lower()
    where = str(path or "").strip()
    parts: dict[str, Any] = {} if verb in _ANY else {"method": verb.upper()}
    if where and where not in _ANY and "$default" not in where:
        parts["route"] = where if where.startswith("/") else f"/{where}"
        parts["path"] = _PLACE.sub("1", parts["route"])
    return parts


def _shown(kind: str, parts: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (parts.get("method"), parts.get("route")))) or kind
