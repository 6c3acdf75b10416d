"""Which messages and records an event source mapping sends to its function: ``FilterCriteria``. Pure.

What a pattern is about: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html,
https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html and
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html.
"""

from __future__ import annotations

import base64
import binascii
import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.event_templates.patterns import IN_MAPPINGS, Pattern, PatternError
from sandbox_runner.messages import say
from sandbox_runner.scenario.problem import Problem
from sandbox_runner.scenario.validation_messages import field_name

if TYPE_CHECKING:
    from collections.abc import Mapping

# https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
_FILTERS_MAX: Final = 5
_FILTERS: Final = ("FilterCriteria", "Filters")


def filters_of(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """The patterns of a mapping, which were checked; without any, everything is sent."""
    return tuple(str(each["Pattern"]) for each in asked.get("FilterCriteria", {}).get("Filters", ()))


def check_filters(asked: Mapping[str, Any], path: tuple[str | int, ...]) -> None:
    """Refuse what Lambda would.

    :raises Problem: a filter is no event pattern, or there are too many.
    """
    filters = asked.get("FilterCriteria", {}).get("Filters", ())
    if len(filters) > _FILTERS_MAX:
        place = (*path, *_FILTERS)
        said = say("mapping-filters", field=field_name(place), count=len(filters), most=_FILTERS_MAX)
        raise Problem(said, *place)
    for number, each in enumerate(filters):
        place = (*path, *_FILTERS, number, "Pattern")
        try:
            _pattern(str(each.get("Pattern", "")))
        except PatternError as problem:
            raise Problem(say("mapping-filter", field=field_name(place), said=str(problem)), *place) from None


def wants_message(filters: tuple[str, ...], record: Mapping[str, Any]) -> bool:
    """Whether one of the patterns fits a queue's message: its body as JSON where a pattern looks into it."""
    return not filters or any(_fits(each, record, "body", record.get("body")) for each in filters)


def wants_record(kind: str, filters: tuple[str, ...], record: Mapping[str, Any]) -> bool:
    """Whether one of the patterns fits a stream's record: of Kinesis, with its data as JSON where one looks into it."""
    if not filters:
        return True
    if kind != "kinesis":
        return any(_pattern(each).matches(record) for each in filters)
    told = {**record, **record["kinesis"]}
    return any(_fits(each, told, "data", _decoded(str(told.get("data", "")))) for each in filters)


def _fits(filter_text: str, record: Mapping[str, Any], key: str, text: Any) -> bool:
    """A pattern for JSON drops a plain text, and the other way round."""
    told = json.loads(filter_text)
    asked = next((each[key] for each in (told, *told.get("$or", ())) if key in each), None)
    parsed = _json(text)
    if asked is None:
        return _pattern(filter_text).matches(record)
    if isinstance(asked, dict) != (parsed is not None):
        return False
    return _pattern(filter_text).matches({**record, key: text if parsed is None else parsed})


def _json(text: Any) -> Any:
    """What a text holds as JSON; nothing where it is a plain text."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def _decoded(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return data


@cache
def _pattern(text: str) -> Pattern:
    return Pattern(text, IN_MAPPINGS)
