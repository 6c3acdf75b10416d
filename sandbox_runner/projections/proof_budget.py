"""How much of its budget a proof has used, from the event log so far. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sandbox_runner.events.records import ProofStarted, ProofStopped, ReplayAnswered, ReplayStarted, StateCaptured
from sandbox_runner.results.parts import ProofResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Event

_US_PER_S = 1_000_000


def proof_result(events: Sequence[Event]) -> ProofResult | None:
    """The budget used up to the last of ``events``; ``None`` if no proof was started.

    A proof that went on has what was used before and what it was given then.
    """
    begun = [at for at, event in enumerate(events) if isinstance(event.record, ProofStarted)]
    used: ProofResult | None = None
    for at, until in pairwise([*begun, len(events)]):
        used = _with(used, events[at:until])
    return used


def _with(before: ProofResult | None, events: Sequence[Event]) -> ProofResult:
    """What was used with ``events`` as well, which begin with the start of a proof."""
    start, budget = events[0], events[0].record
    assert isinstance(budget, ProofStarted)
    seen = [
        event
        for event in events
        if isinstance(event.record, ProofStarted | ReplayStarted | ReplayAnswered | StateCaptured | ProofStopped)
    ]
    stopped = [event.record.why for event in seen if isinstance(event.record, ProofStopped)]
    replays, seconds = (before.replays, before.seconds) if before else (0, 0.0)
    return ProofResult(
        replays=replays + sum(isinstance(event.record, ReplayStarted) for event in seen),
        replays_max=replays + budget.replays,
        seconds=seconds + max(event.at_us - start.at_us for event in seen) / _US_PER_S,
        seconds_max=round(seconds + budget.seconds, 1),
        stopped=stopped[-1] if stopped else None,
    )
