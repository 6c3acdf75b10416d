"""Payloads that lie beside the code: JSON files that are named as events, and what a template says of a function's."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pydantic import ValidationError

from sandbox_runner.event_templates import Caller, made
from sandbox_runner.limits import CODE_CHARACTERS_MAX
from sandbox_runner.scenario.yaml_reader import DEPTH_MAX, depth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox_runner.bundles.bundle import Bundle

PAYLOADS_MAX: Final = 20
# sam init writes events/event.json; other tools and people call the folder or the file something like it.
_NAMED: Final = re.compile(
    r"(?:^|/)(?:(?:[\w.-]*(?:events?|payloads?|mocks?))/[^/]+|[^/]*(?:event|payload)[^/]*)\.json\Z", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Payload:
    """One payload, by the file or the event that it is from; ``text`` is JSON.

    ``event`` is what a scenario says for it where it is made from an event template: each caller's own.
    """

    name: str
    text: str
    event: Mapping[str, Any] | None = None


def payloads_beside(bundle: Bundle, folder: str) -> tuple[Payload, ...]:
    """The JSON files that are named as events: those in ``folder`` first, then the less deep."""
    paths = sorted(filter(_NAMED.search, bundle.entries), key=lambda path: _order(path, folder))
    read = ((path, bundle.text(path, CODE_CHARACTERS_MAX)) for path in paths[: 3 * PAYLOADS_MAX])
    return tuple(Payload(path, text) for path, text in read if text and _is_payload(text))[:PAYLOADS_MAX]


def payloads_of_events(events: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Iterator[Payload]:
    """A payload for each event of a template that is known: its name, its template and what is said of it."""
    for number, (name, template, parts) in enumerate(events, 1):
        event = {"template": template, **parts}
        try:
            payload = made(event, Caller("tenant-a", number))
        except (ValidationError, KeyError):
            continue
        yield Payload(name, json.dumps(payload, ensure_ascii=False, indent=2), event)


def _order(path: str, folder: str) -> tuple[bool, int, str]:
    return (bool(folder) and not path.startswith(f"{folder}/"), path.count("/"), path)


def _is_payload(text: str) -> bool:
    try:
        return depth(json.loads(text, parse_constant=_no_number)) <= DEPTH_MAX
    except (ValueError, RecursionError):
        return False


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
