"""What every event template has: a name, a source, parts that a scenario may say, and how the payload is made. Pure."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from sandbox_runner.aws_place import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox_runner.event_templates.caller import Caller


class Parts(BaseModel):
    """What a scenario may say of an event; a part that it leaves out is the caller's own or a neutral value.

    ``merge`` is laid over the finished payload as a JSON Merge Patch (https://www.rfc-editor.org/rfc/rfc7396): for
    what has no part of its own.
    """

    # Queries, headers and attributes are text; a number that is written without quotes means its digits.
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    merge: dict[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """``source`` is AWS's page about the shape. ``make`` gets an instance of ``parts`` and the caller."""

    name: str
    source: str
    parts: type[Parts]
    make: Callable[[Any, Caller], dict[str, Any]]

    def payload(self, parts: Parts, caller: Caller) -> JsonValue:
        """The payload of the event."""
        return merged(self.make(parts, caller), parts.merge)


def merged(value: JsonValue, patch: JsonValue) -> JsonValue:
    """``value`` with a JSON Merge Patch laid over it: null takes out, objects are merged, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    made = {**value} if isinstance(value, dict) else {}
    for key, part in patch.items():
        if part is None:
            made.pop(key, None)
        else:
            made[key] = merged(made.get(key), part)
    return made


def text_of(value: JsonValue) -> str:
    """A body or message as it is carried: text as it is, anything else as compact JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def base64_of(text: str) -> str:
    """The same as base64 of its bytes."""
    return base64.b64encode(text.encode()).decode()


def arn(service: str, resource: str, *, region: str = REGION) -> str:
    """A name of a resource: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


def without_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same without the keys whose value is ``None``."""
    return {key: value for key, value in values.items() if value is not None}
