"""Plays replays within a number of them and records each as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import ProofStopped, ReplayAnswered, ReplayStarted
from sandbox_runner.proof.replays import ReplayRequest
from sandbox_runner.verdict.facts import Answer, Trial
from sandbox_runner.verdict.payload_changes import changed_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.log import EventLog
    from sandbox_runner.events.records import StateCaptured
    from sandbox_runner.messages import Message
    from sandbox_runner.proof.replays import Replay, ReplayAnswer, Replayer
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.verdict.planning import Wanted

# Of one replay's log, what a page can show beside the run's own.
LOG_LINES_MAX: Final = 200
LOG_CHARACTERS_MAX: Final = 64 * 1024
# Of all walks together; one after the other of a large state would fill the result.
STATE_CHARACTERS_MAX: Final = 4 * 1024 * 1024


class ReplaysSpentError(Exception):
    """There is no replay left."""


class Player:
    """The replays of one run. ``wanted`` counts those that the oracles asked for, played or not."""

    def __init__(self, scenario: Scenario, log: EventLog, replayer: Replayer, replays_max: int) -> None:
        self._log = log
        self._replayer = replayer
        self._requests = {index: request for index, _, request in scenario.requests()}
        self.replays_max = replays_max
        self.played = self.wanted = self._state_characters = 0

    @property
    def left(self) -> int:
        """How many replays there still can be."""
        return max(0, self.replays_max - self.played)

    def stop(self, why: Message) -> None:
        """Record that not all was played."""
        self._log.append(ProofStopped(played=self.played, wanted=max(self.wanted, self.played), why=why))

    async def play_all(self, plan: Sequence[Wanted]) -> None:
        """Play each of ``plan`` in order.

        :raises ReplaysSpentError: there was none left for one of them.
        """
        self.wanted += len(plan)
        for wanted in plan:
            await self._play(wanted)

    async def play(self, wanted: Wanted) -> Trial:
        """Play one.

        :raises ReplaysSpentError: there is none left.
        """
        self.wanted += 1
        return await self._play(wanted)

    async def _play(self, wanted: Wanted) -> Trial:
        if not self.left:
            raise ReplaysSpentError
        number = self.played + 1
        self._log.append(
            ReplayStarted(
                purpose=wanted.purpose,
                indexes=wanted.indexes,
                round=wanted.round,
                replay=number,
                changes=wanted.changes,
                restored=wanted.restored,
            )
        )
        replay = await self._replayer.play(
            [ReplayRequest(index, self._payload(wanted, index)) for index in wanted.indexes],
            probe=wanted.purpose in ("xray", "carrier"),
            purpose=wanted.purpose,
            round=wanted.round,
            restored=wanted.restored,
        )
        self.played = number
        self._record(wanted, replay, number)
        answers = {each.index: _answer(each) for each in replay.answers}
        return Trial(wanted.purpose, wanted.indexes, wanted.changes, wanted.restored, answers)

    def _payload(self, wanted: Wanted, index: int) -> str:
        values = {each.leaf: each.parsed() for each in wanted.changes if each.index == index}
        request = self._requests[index]
        return changed_text(request.payload, values) if values else request.payload_text

    def _record(self, wanted: Wanted, replay: Replay, number: int) -> None:
        for answer in replay.answers:
            self._log.append(_answered(wanted, answer, number), request_id=answer.request_id)
        if wanted.purpose == "xray":
            for state in replay.states:
                self._log.append(self._bounded(state), environment=wanted.environment)

    def _bounded(self, state: StateCaptured) -> StateCaptured:
        """A walk that there is no more room for keeps its numbers and says that it was cut."""
        self._state_characters += sum(len(leaf.path) + len(leaf.value) for leaf in state.leaves)
        if self._state_characters <= STATE_CHARACTERS_MAX:
            return state
        return state.model_copy(update={"leaves": (), "truncated": True})


def _answered(wanted: Wanted, answer: ReplayAnswer, number: int) -> ReplayAnswered:
    return ReplayAnswered(
        purpose=wanted.purpose,
        index=answer.index,
        round=wanted.round,
        replay=number,
        outcome=answer.outcome,
        response=answer.response,
        log=_kept(answer.log),
    )


def _answer(answer: ReplayAnswer) -> Answer:
    """What the log will say of it, read back."""
    return Answer(answer.request_id, answer.outcome, answer.response, _kept(answer.log))


def _kept(log: Sequence[str]) -> tuple[str, ...]:
    lines: list[str] = []
    room = LOG_CHARACTERS_MAX
    for line in log[:LOG_LINES_MAX]:
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    return tuple(lines)
