"""Asks for the replays that say which earlier request late work belongs to, and records what came of them.

The run itself carried no probe. Where a request's log has lines that it does not write alone, and where the code has
words for work that may go on after an answer, the requests of the environment are played once more with the probe,
with the same waits between them as far as the budget goes. Where the run had none, the verdict's own walk tells it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from sandbox_runner.proof.late_effects import effects, leaving
from sandbox_runner.proof.late_lines import attributed, gaps, self_evident, suspects
from sandbox_runner.proof.replays import ReplayRequest
from sandbox_runner.rules.requests import every_request
from sandbox_runner.verdict.evidence.reading import read_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.log import EventLog
    from sandbox_runner.events.records import Event, LateWork, StateCaptured
    from sandbox_runner.proof.late_lines import Suspect
    from sandbox_runner.proof.replays import ProofBudget, Replayer
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.verdict.evidence.facts import Facts

# Records of one run; more of them would say nothing new.
RECORDS_MAX: Final = 50
# Where an environment was frozen no longer than this, a walk of its requests, which waits for nothing, is the same.
NO_WAIT_S: Final = 0.02


async def find_late_work(scenario: Scenario, log: EventLog, replayer: Replayer, budget: ProofBudget) -> None:
    """Record a :class:`~sandbox_runner.events.LateWork` for each line and effect known to be an earlier request's.

    :param budget: an environment's replay is one of ``replays``; ``seconds`` hold all of them together.
    :raises OurFailure: a sandbox failed; what was recorded before stays.
    """
    facts = read_facts(scenario, log.events)
    search = _Search(scenario, facts, log, replayer, budget)
    seen: dict[str, list[Suspect]] = {name: [] for name in leaving(scenario, facts)} | suspects(facts, log.events)
    for number, (environment, lines) in enumerate(seen.items()):
        await search.look_into(environment, lines, replay=number < budget.replays)


class _Search:
    """One run's search; what one environment came to is recorded before the next is looked into."""

    def __init__(
        self, scenario: Scenario, facts: Facts, log: EventLog, replayer: Replayer, budget: ProofBudget
    ) -> None:
        self._payloads = {index: request.payload_text for index, _, request in every_request(scenario, log.events)}
        self._ports = {peer.port: peer.name for peer in scenario.peers}
        self._facts = facts
        self._log = log
        self._replayer = replayer
        self._seconds = budget.seconds / max(1, budget.replays)
        self._room = RECORDS_MAX

    async def look_into(self, environment: str, seen: Sequence[Suspect], *, replay: bool) -> None:
        """Record the late lines of one environment."""
        states = await self._replayed(environment) if replay else ()
        sequence = self._facts.sequences.get(environment, ())
        found = dict(attributed(seen, states, sequence))
        for suspect in seen:
            record = found.get(suspect) or self_evident(suspect, self._facts)
            if record is not None:
                self._record(suspect.event, record)
        for event, record in effects(environment, states, sequence, self._log.events, self._ports):
            self._record(event, record)

    async def _replayed(self, environment: str) -> tuple[StateCaptured, ...]:
        sequence = self._facts.sequences.get(environment, ())
        # Half of the time for the waits; the rest is for the requests themselves.
        waits = gaps(environment, self._log.events, self._seconds / 2 / max(1, len(sequence) - 1))
        walked = self._facts.states.get(environment, {})
        if max(waits, default=0.0) < NO_WAIT_S and set(sequence) <= set(walked):
            return tuple(walked.values())
        requests = [ReplayRequest(index, self._payloads[index]) for index in sequence]
        try:
            async with asyncio.timeout(self._seconds) as clock:
                replay = await self._replayer.play(requests, probe=True, purpose="xray", round=0, waits=waits)
        except TimeoutError:
            if not clock.expired():
                raise
            return ()
        return replay.states

    def _record(self, event: Event, record: LateWork) -> None:
        if self._room > 0:
            self._room -= 1
            self._log.append(record, environment=event.environment, request_id=event.request_id, at_us=event.at_us)
