"""What is wrong with a scenario's data, and where in it; and the checks that several parts of the reader make. Pure."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner import limits
from sandbox_runner.messages import say
from sandbox_runner.scenario.validation_messages import field_name
from sandbox_runner.scenario.yaml_reader import DEPTH_MAX, depth, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_runner.messages import Message

_SHORT: Final = 4


class Problem(Exception):  # noqa: N818 - carried to the one place that knows lines
    """What is wrong, and where in the data."""

    def __init__(self, message: Message, *path: str | int) -> None:
        super().__init__(message.code)
        self.message = message
        self.path = path


def nearest_of(name: str, known: Iterable[str]) -> str:
    """The one of ``known`` that ``name`` may have been meant to be; empty where none is near.

    Of a short name half may be wrong; of a long one that is another word.
    """
    like = 0.5 if len(name) <= _SHORT else 0.6
    return next(iter(difflib.get_close_matches(name[:100], list(known), n=1, cutoff=like)), "")


def known_keys(mapping: dict[Any, Any], path: tuple[str | int, ...], known: tuple[str, ...]) -> None:
    """Refuse a key that is not one of ``known``.

    :raises Problem: there is one.
    """
    for key in mapping:
        if key not in known:
            nearest = nearest_of(str(key), known)
            place = field_name(path)
            said = say("field-unknown", key=shown(str(key)), place=place, nearest=nearest, known=known)
            raise Problem(said, *path, key)


def payload_problem(payload: Any, kind: Any, field: str) -> Message | None:
    """Why a value cannot be sent as the payload of a request of that type, if it cannot."""
    if depth(payload) > DEPTH_MAX:
        return say("payload-too-deep", field=field, most=DEPTH_MAX)
    try:
        size = len(json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())
    except UnicodeEncodeError:
        return say("half-character", field=field)
    except (ValueError, TypeError):
        return say("no-json-value", field=field)
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; Lambda itself answers with status 413.
    later = kind == "event"
    most = limits.ASYNC_REQUEST_BYTES_MAX if later else limits.REQUEST_BYTES_MAX
    if size <= most:
        return None
    return say("payload-too-large", field=field, bytes=size, most=most, asynchronous=later)
