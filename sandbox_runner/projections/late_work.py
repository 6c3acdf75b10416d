"""The late work of a run, from its events. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.events.records import EnvironmentFrozen, LateWork, RequestAnswered
from sandbox_runner.results.model import LateWorkResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_runner.events.records import Event


def late_work(events: Iterable[Event]) -> tuple[LateWorkResult, ...]:
    """Output and effects that appeared in a later request than the one that started the work, in order of time.

    ``frozen_us`` is when the work was first frozen: at the first freeze after the answer to the request that started
    it, or for module code at the first freeze of all.
    """
    everything = tuple(events)
    return tuple(
        LateWorkResult(
            environment=event.environment or "",
            request_id=event.request_id,
            started_by=event.record.started_by,
            ran_in=event.record.ran_in,
            kind=event.record.kind,
            text=event.record.text,
            evidence=event.record.evidence,
            frozen_us=_frozen_us(everything, event, event.record.started_by),
            at_us=event.at_us,
            effect=event.record.effect,
            done=event.record.done,
        )
        for event in sorted(everything, key=lambda each: each.at_us)
        if isinstance(event.record, LateWork)
    )


def _frozen_us(events: Iterable[Event], late: Event, started_by: int) -> int | None:
    answered = started_by == 0
    for event in events:
        if event.environment != late.environment or event.at_us > late.at_us:
            continue
        if isinstance(event.record, RequestAnswered) and event.record.index == started_by:
            answered = True
        elif isinstance(event.record, EnvironmentFrozen) and answered:
            return event.at_us
    return None
