"""The outcome of each asynchronous request, from the events of a run. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox_runner.events.records import (
    SUCCESS,
    Event,
    RequestAssigned,
    RequestDelivered,
    RequestDiscarded,
    RequestQueued,
    RequestThrottled,
)
from sandbox_runner.results.model import AsynchronousResult
from sandbox_runner.rules.requests import every_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.scenario.model import Scenario


@dataclass(slots=True)
class _Story:
    """The events of one request, as they are collected."""

    request_id: str | None
    attempts: int = 0
    throttles: int = 0
    ended: RequestDelivered | RequestDiscarded | None = None


def asynchronous_results(scenario: Scenario, events: Sequence[Event]) -> tuple[AsynchronousResult, ...]:
    """Every accepted asynchronous request, in the order of the scenario."""
    stories: dict[int, _Story] = {}
    for event in events:
        match event.record:
            case RequestQueued(index=index, why="accepted"):
                stories[index] = _Story(event.request_id)
            case RequestAssigned(index=index, instead_of=None) if index in stories:
                stories[index].attempts += 1
            case RequestThrottled(index=index) if index in stories:
                stories[index].throttles += 1
            case RequestDelivered() | RequestDiscarded() as record if record.index in stories:
                stories[record.index].ended = record
    return tuple(
        _result(index, principal, stories[index], scenario.recorded(scenario.name_of(request.function)))
        for index, principal, request in every_request(scenario, events)
        if index in stories
    )


def _result(index: int, principal: str, story: _Story, function: str | None) -> AsynchronousResult:
    ended = story.ended
    discarded = ended if isinstance(ended, RequestDiscarded) else None
    return AsynchronousResult(
        index=index,
        principal=principal,
        request_id=story.request_id,
        function=function,
        attempts=story.attempts,
        throttles=story.throttles,
        condition=None if ended is None else discarded.condition if discarded else SUCCESS,
        destination=ended.destination if ended else None,
        dead_letter=discarded.dead_letter if discarded else None,
    )
