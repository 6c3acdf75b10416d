"""Asks for the replays that the oracles want and records what came of them as events.

The run itself carried no probe. A replay alone says what an answer is without history; a replay of an environment's
requests with the probe says where values sat. Both end when the budget does, and the log says so.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from sandbox_runner.events import ProofStopped, ReplayAnswered, ReplayStarted
from sandbox_runner.leaks.case import Case
from sandbox_runner.leaks.facts import read_facts
from sandbox_runner.leaks.marker_findings import leaks
from sandbox_runner.leaks.planning import first_plan, second_plan
from sandbox_runner.replays import ReplayRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.event_log import EventLog
    from sandbox_runner.events import StateCaptured
    from sandbox_runner.leaks.planning import Wanted
    from sandbox_runner.replays import ProofBudget, Replay, ReplayAnswer, Replayer
    from sandbox_runner.scenario import Scenario

# Of one replay's log, what a page can show beside the run's own.
LOG_LINES_MAX: Final = 200
LOG_CHARACTERS_MAX: Final = 64 * 1024
# Of all walks together; one after the other of a large state would fill the result.
STATE_CHARACTERS_MAX: Final = 4 * 1024 * 1024


async def prove(scenario: Scenario, log: EventLog, replayer: Replayer, budget: ProofBudget) -> None:
    """Play what the oracles want, within ``budget``; nothing where no request followed another.

    :raises OurFailure: a sandbox failed; what was recorded before stays.
    """
    proof = _Proof(scenario, log, replayer, budget.replays)
    try:
        async with asyncio.timeout(budget.seconds) as clock:
            await proof.play()
    except TimeoutError:
        if not clock.expired():
            raise
        proof.stop(f"the budget of {budget.seconds:g} seconds was used up")


class _Proof:
    """The replays of one run."""

    def __init__(self, scenario: Scenario, log: EventLog, replayer: Replayer, replays_max: int) -> None:
        self._scenario = scenario
        self._log = log
        self._replayer = replayer
        self._replays_max = replays_max
        self._payloads = {index: request.payload_text for index, _, request in scenario.requests()}
        self._played = self._wanted = self._state_characters = 0

    async def play(self) -> None:
        first, left_out = first_plan(read_facts(self._scenario, self._log.events), self._replays_max)
        self._wanted = len(first) + left_out
        await self._play_all(first)
        # A search of a large run takes a while; other runs share this loop.
        second = await asyncio.to_thread(self._second_plan) if first else ()
        self._wanted += len(second)
        await self._play_all(second[: self._replays_max - self._played])
        if self._played < self._wanted:
            self.stop(f"the budget of {self._replays_max} replays was used up")

    def _second_plan(self) -> tuple[Wanted, ...]:
        facts = read_facts(self._scenario, self._log.events)
        found, _ = leaks(Case(self._scenario, facts))
        answers = {each.reader.invocation for each in found if each.reader and each.kind == "answer-leak"}
        return second_plan(facts, answers)

    def stop(self, why: str) -> None:
        self._log.append(ProofStopped(played=self._played, wanted=self._wanted, why=why))

    async def _play_all(self, plan: Sequence[Wanted]) -> None:
        for wanted in plan:
            self._log.append(ReplayStarted(purpose=wanted.purpose, indexes=wanted.indexes, round=wanted.round))
            requests = [ReplayRequest(index, self._payloads[index]) for index in wanted.indexes]
            replay = await self._replayer.play(
                requests, probe=wanted.purpose == "xray", purpose=wanted.purpose, round=wanted.round
            )
            self._played += 1
            self._record(wanted, replay)

    def _record(self, wanted: Wanted, replay: Replay) -> None:
        for answer in replay.answers:
            self._log.append(_answered(wanted, answer), request_id=answer.request_id)
        for state in replay.states:
            self._log.append(self._bounded(state), environment=wanted.environment)

    def _bounded(self, state: StateCaptured) -> StateCaptured:
        """A walk that there is no more room for keeps its numbers and says that it was cut."""
        self._state_characters += sum(len(leaf.path) + len(leaf.value) for leaf in state.leaves)
        if self._state_characters <= STATE_CHARACTERS_MAX:
            return state
        return state.model_copy(update={"leaves": (), "truncated": True})


def _answered(wanted: Wanted, answer: ReplayAnswer) -> ReplayAnswered:
    lines: list[str] = []
    room = LOG_CHARACTERS_MAX
    for line in answer.log[:LOG_LINES_MAX]:
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    return ReplayAnswered(
        purpose=wanted.purpose,
        index=answer.index,
        round=wanted.round,
        outcome=answer.outcome,
        response=answer.response,
        log=tuple(lines),
    )
