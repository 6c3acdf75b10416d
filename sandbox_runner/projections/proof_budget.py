"""How much of its budget a proof has used, from the event log so far. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.events.records import ProofStarted, ProofStopped, ReplayAnswered, ReplayStarted, StateCaptured
from sandbox_runner.results.parts import ProofResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Event

_US_PER_S = 1_000_000


def proof_result(events: Sequence[Event]) -> ProofResult | None:
    """The budget used up to the last of ``events``; ``None`` if no proof was started."""
    begun = next((at for at, event in enumerate(events) if isinstance(event.record, ProofStarted)), None)
    if begun is None:
        return None
    start, budget = events[begun], events[begun].record
    assert isinstance(budget, ProofStarted)
    seen = [
        event
        for event in events[begun:]
        if isinstance(event.record, ProofStarted | ReplayStarted | ReplayAnswered | StateCaptured | ProofStopped)
    ]
    stopped = [event.record.why for event in seen if isinstance(event.record, ProofStopped)]
    return ProofResult(
        replays=sum(isinstance(event.record, ReplayStarted) for event in seen),
        replays_max=budget.replays,
        seconds=max(event.at_us - start.at_us for event in seen) / _US_PER_S,
        seconds_max=budget.seconds,
        stopped=stopped[-1] if stopped else None,
    )
