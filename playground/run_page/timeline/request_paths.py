"""The way of each request through the service: arrival, queue, throttles, attempts. Pure, from the event log."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from playground.run_page.callers.colours import COLOURS, caller_colours
from playground.text.display_text import readable
from sandbox_runner.events import records as log

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playground.run_page.timeline.time_range import Window
    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import InvocationResult, Span
    from sandbox_runner.results.parts import ExtensionSpan


@dataclass(frozen=True, slots=True)
class Attempt:
    """The service gave the request to an environment."""

    number: int
    at_us: int
    environment: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The service throttled it, or did not take it at all."""

    at_us: int
    reason: str
    status_code: int = 429


@dataclass(frozen=True, slots=True)
class Wait:
    """A stretch in the queue of asynchronous requests, before attempt ``attempt``; ``delay_s`` is service time."""

    start_us: int
    end_us: int
    attempt: int
    delay_s: float
    why: str


@dataclass(slots=True)
class Journey:
    """One request, from its arrival on."""

    index: int
    principal: str
    request_id: str
    arrived_us: int
    asynchronous: bool
    attempts: list[Attempt] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    queued: tuple[int, log.RequestQueued] | None = None

    def seen_in(self, window: Window) -> Journey:
        """The same with those throttles and stretches in the queue alone that ``window`` shows."""
        return replace(
            self,
            refusals=[one for one in self.refusals if window.shows(one.at_us, one.at_us)],
            waits=[one for one in self.waits if window.shows(one.start_us, one.end_us)],
        )

    def leave_queue(self, at_us: int) -> None:
        """Close the stretch in the queue, if there is one."""
        if self.queued is not None:
            since_us, record = self.queued
            self.waits.append(Wait(since_us, max(at_us, since_us), record.attempt, record.delay_s, record.why))
            self.queued = None


def journeys(events: Sequence[Event]) -> tuple[Journey, ...]:
    """The way of each request that arrived, in the order of arrival; one still in the queue is there until now."""
    found: dict[str, Journey] = {}
    for event in events:
        record = event.record
        if isinstance(record, log.RequestArrived):
            found[event.request_id or ""] = Journey(
                record.index,
                record.principal,
                event.request_id or "",
                event.at_us,
                record.invocation_type == "event",
            )
        elif journey := found.get(event.request_id or ""):
            _follow(journey, event)
    last_us = max((event.at_us for event in events), default=0)
    for journey in found.values():
        journey.leave_queue(last_us)
    return tuple(found.values())


def _follow(journey: Journey, event: Event) -> None:
    match event.record:
        case log.RequestQueued() as queued:
            journey.leave_queue(event.at_us)
            journey.queued = (event.at_us, queued)
        case log.RequestAssigned(attempt=number, instead_of=instead_of):
            journey.leave_queue(event.at_us)
            if instead_of is not None:
                journey.attempts.pop()
            journey.attempts.append(Attempt(number, event.at_us, event.environment or ""))
        case log.RequestThrottled(reason=reason):
            journey.leave_queue(event.at_us)
            journey.refusals.append(Refusal(event.at_us, reason))
        case log.RequestRefused(error_type=reason, status_code=status_code):
            journey.refusals.append(Refusal(event.at_us, reason, status_code))
        case log.RequestDiscarded():
            journey.leave_queue(event.at_us)


class Rows:
    """Which row of the requests' table belongs to a stretch of an environment's life."""

    def __init__(self, invocations: Sequence[InvocationResult], ways: Iterable[Journey] = ()) -> None:
        self._rows: dict[str, list[InvocationResult]] = defaultdict(list)
        for one in invocations:
            if one.request_id:
                self._rows[one.request_id].append(one)
        self._attempts = {way.request_id: way.attempts for way in ways}
        self.requests = len(self._rows)
        self.all = tuple(invocations)
        self._colours = caller_colours(invocations)

    def colour(self, one: InvocationResult) -> int:
        """The number of its caller's colour."""
        return self._colours[one.principal]

    def callers(self) -> tuple[tuple[int, str], ...]:
        """The colours with the names of those who have them, as many as there are different ones."""
        numbers = {f"request-{one.index}" for one in self.all}
        named = ((colour, readable(name)) for name, colour in self._colours.items() if name not in numbers)
        return tuple(named)[:COLOURS]

    def of(self, environment: str, span: Span | ExtensionSpan) -> InvocationResult | None:
        """The attempt that this stretch served: all attempts of a request have its id, so time and place tell them."""
        rows = self._rows.get(span.request_id or "", [])
        if len(rows) <= 1:
            return rows[0] if rows else None
        before = [
            attempt.number
            for attempt in self._attempts.get(span.request_id or "", [])
            if attempt.environment == environment and attempt.at_us <= max(span.start_us, span.end_us)
        ]
        return next((row for row in rows if before and row.attempt == before[-1]), rows[0])

    def nearest(self, request_id: str, attempt: int) -> InvocationResult | None:
        """The row of that attempt, or the last one before it."""
        rows = [row for row in self._rows.get(request_id, []) if row.attempt <= attempt]
        return rows[-1] if rows else next(iter(self._rows.get(request_id, [])), None)


def row_anchor(one: InvocationResult) -> str:
    """The anchor of an attempt's row."""
    return f"request-{one.index}" if one.attempt == 1 else f"request-{one.index}-attempt-{one.attempt}"
