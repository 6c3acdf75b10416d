"""Reading server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). Pure."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Message:
    """One event: its kind, its id and its JSON; an empty mapping where its data is none."""

    kind: str
    id: str
    data: dict[str, Any]


def read_messages(lines: Iterable[str]) -> Iterator[Message]:
    """The events that ``lines`` spell; comments, and an event that breaks off, are none."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and "data" in fields else value
            continue
        if "data" in fields:
            yield Message(fields.get("event", "message"), fields.get("id", ""), _mapping(fields["data"]))
        fields = {}


def _mapping(text: str) -> dict[str, Any]:
    read: Any = None
    with contextlib.suppress(ValueError):
        read = json.loads(text)
    return read if isinstance(read, dict) else {}
