"""How long each request took in a run, and its init: what a replay of them takes where nothing is in its way. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.events.records import PlatformInitReport, PlatformInitStart, PlatformStart, RequestAnswered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Event

_US_PER_S = 1_000_000


def times_alone(events: Sequence[Event]) -> dict[int, float]:
    """Seconds by request; under 0 those of the longest init."""
    begun: dict[str | None, int] = {}
    found: dict[int, float] = {}
    for event in events:
        match event.record:
            case PlatformInitStart():
                begun[event.environment] = event.at_us
            case PlatformInitReport() if event.environment in begun:
                found[0] = max(found.get(0, 0.0), (event.at_us - begun[event.environment]) / _US_PER_S)
            case PlatformStart():
                begun[event.request_id] = event.at_us
            case RequestAnswered(index=index) if event.request_id in begun:
                found[index] = (event.at_us - begun[event.request_id]) / _US_PER_S
    return found
