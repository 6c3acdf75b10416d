"""The smallest scenario that shows a finding again: a few requests of a scenario, in turn or together. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.rules.requests import at_once
from sandbox_runner.scenario.account.settings import CallStep
from sandbox_runner.scenario.model import ConcurrentStep, InvokeStep, requests_of
from sandbox_runner.scenario.service_steps import IdleStep

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox_runner.results.model import Finding
    from sandbox_runner.scenario.model import Scenario, Step


def needed_by(finding: Finding) -> tuple[int, ...]:
    """The requests that suffice to see ``finding`` again; its writer and reader where nothing smaller was proven."""
    if finding.reproduces_with:
        return finding.reproduces_with
    ends = (finding.writer, finding.reader)
    return tuple(dict.fromkeys(end.invocation for end in ends if end is not None and end.invocation > 0))


def reduced_to(scenario: Scenario, finding: Finding) -> Scenario | None:
    """``scenario`` with nothing but the requests that ``finding`` needs; ``None`` where that says nothing new.

    A request that a function made is none that can be kept without the one that it was made for.
    Proofs are played without waits, so a proven finding needs none; those between the requests stay otherwise.
    """
    wanted = needed_by(finding)
    if len(wanted) < 2 or max(wanted) > sum(len(requests_of(step)) for step in scenario.steps):
        return None
    kept = _kept(scenario, frozenset(wanted), waits=finding.confidence != "proven")
    smaller = scenario.model_copy(update={"steps": tuple(kept)})
    return None if smaller == scenario else smaller


def _kept(scenario: Scenario, wanted: Collection[int], *, waits: bool) -> list[Step]:
    kept: list[Step] = []
    index = 0
    left = len(wanted)
    beside = at_once(scenario)
    for step in scenario.steps:
        numbered = list(enumerate(requests_of(step), index + 1))
        index += len(numbered)
        chosen = [(number, request) for number, request in numbered if number in wanted]
        left -= len(chosen)
        # Requests that overlap in one environment have to arrive together.
        if len(chosen) > 1 and all(number in beside for number, _ in chosen):
            kept.append(ConcurrentStep(concurrent=tuple(request for _, request in chosen)))
        else:
            kept += [InvokeStep(invoke=request) for _, request in chosen]
        # What a call leaves in the account is met by the requests after it, in a proof too.
        if left and (isinstance(step, CallStep) or (waits and isinstance(step, IdleStep) and kept)):
            kept.append(step)
    return kept
