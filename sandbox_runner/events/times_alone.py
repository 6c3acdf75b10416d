"""How long each request took in a run, and its init, and how busy that kept the processors. Pure.

A replay of them takes as long where nothing is in its way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.events.records import (
    EnvironmentFrozen,
    PlatformInitReport,
    PlatformInitStart,
    PlatformStart,
    RequestAnswered,
)

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


def shortest_replay_s(events: Sequence[Event], now_us: int) -> float:
    """What a replay of two requests takes at least, by the longest init and request up to ``now_us``."""
    inits: dict[str | None, tuple[int, int]] = {}
    requests: dict[str | None, tuple[int, int]] = {}
    for event in events:
        match event.record:
            case PlatformInitStart():
                inits[event.environment] = event.at_us, now_us
            case PlatformInitReport() if event.environment in inits:
                inits[event.environment] = inits[event.environment][0], event.at_us
            case PlatformStart():
                requests[event.request_id] = event.at_us, now_us
            case RequestAnswered() if event.request_id in requests:
                requests[event.request_id] = requests[event.request_id][0], event.at_us
    init_us, request_us = (max((end - begin for begin, end in each.values()), default=0) for each in (inits, requests))
    return (init_us + 2 * request_us) / _US_PER_S


def processors_busy(events: Sequence[Event]) -> float | None:
    """How many processors an init or a request kept busy, on the average; ``None`` where no environment says."""
    worked: dict[str | None, int] = {}
    begun: dict[str | None, int] = {}
    took_us = 0
    for event in events:
        match event.record:
            case EnvironmentFrozen(worked_us=worked_us) if worked_us:
                worked[event.environment] = max(worked.get(event.environment, 0), worked_us)
            case PlatformInitStart():
                begun[event.environment] = event.at_us
            case PlatformStart():
                begun[event.request_id] = event.at_us
            case PlatformInitReport():
                took_us += event.at_us - begun.pop(event.environment, event.at_us)
            case RequestAnswered():
                took_us += event.at_us - begun.pop(event.request_id, event.at_us)
    return sum(worked.values()) / took_us if worked and took_us else None
