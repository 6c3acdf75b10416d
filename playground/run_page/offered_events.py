"""Events that a copy of a run may send, where its code reads of them what no request had. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.editor.event_picker import title_of

if TYPE_CHECKING:
    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import RunResult


@dataclass(frozen=True, slots=True)
class OfferedEvents:
    """The events by their title for a person, and ``why`` the run's own did not do."""

    title: str
    why: tuple[Message, ...]


def offered_events(result: RunResult) -> OfferedEvents | None:
    """What the code reads, where every request failed for want of it."""
    why = tuple(each for each in result.verdict_messages if each.code == "event-not-sent")
    if not why or len(result.scenario.functions) > 1:
        return None
    return OfferedEvents(title_of(str(why[0].params["template"])), why)
