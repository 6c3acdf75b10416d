"""Plays replays, several side by side and within a number of them, and records each as events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.environment.task_groups import cancel_all
from sandbox_runner.events.records import ProofJudged, ProofSlowed, ProofStopped, ReplayAnswered, ReplayStarted
from sandbox_runner.events.times_alone import times_alone
from sandbox_runner.proof.lanes import WORTH_A_SANDBOX_S
from sandbox_runner.proof.replays import ReplayRequest
from sandbox_runner.results.model import Verdict
from sandbox_runner.rules.requests import every_request
from sandbox_runner.verdict.evidence.facts import Answer, Trial
from sandbox_runner.verdict.texts.payload_changes import changed_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.log import EventLog
    from sandbox_runner.events.records import StateCaptured
    from sandbox_runner.messages import Message
    from sandbox_runner.proof.lanes import Pace
    from sandbox_runner.proof.replays import Replay, ReplayAnswer, Replayer
    from sandbox_runner.results.model import Finding
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.verdict.evidence.planning import Wanted

# Of one replay's log, what a page can show beside the run's own.
LOG_LINES_MAX: Final = 200
LOG_CHARACTERS_MAX: Final = 64 * 1024
# So many short ones follow each other in one place before it is asked again how many may play at once.
TURNS: Final = 4
# Of all walks together; one after the other of a large state would fill the result.
STATE_CHARACTERS_MAX: Final = 4 * 1024 * 1024


class ReplaysSpentError(Exception):
    """There is no replay left."""


class Player:
    """The replays of one proof. ``wanted`` counts those that the oracles asked for, played or not.

    Where the proof of a run goes on, its replays are numbered on.

    :param pace: how many are played side by side; one after the other without.
    """

    def __init__(
        self, scenario: Scenario, log: EventLog, replayer: Replayer, replays_max: int, pace: Pace | None = None
    ) -> None:
        self._log = log
        self._replayer = replayer
        self._requests = {index: request for index, _, request in every_request(scenario, log.events)}
        self._takes_s = times_alone(log.events)
        self._pace = pace
        self._said = ""
        self._before = sum(isinstance(event.record, ReplayStarted) for event in log.events)
        self.replays_max = replays_max
        self.played = self.wanted = self._begun = self._state_characters = 0
        if pace is not None and any(isinstance(event.record, ProofSlowed) for event in log.events):
            pace.slow_down()

    @property
    def left(self) -> int:
        """How many replays there still can be."""
        return max(0, self.replays_max - self._begun)

    @property
    def has_played(self) -> bool:
        """Whether any was played, in this proof or in one that it goes on with."""
        return bool(self._before or self.played)

    def at_once(self, indexes: Sequence[int]) -> int:
        """How many replays of these are played side by side."""
        return self._pace.at_once(self._alone_s(indexes)) if self._pace else 1

    def asked_at_once(self, indexes: Sequence[int]) -> int:
        """How many replays of these are worth asking for at once."""
        return self._pace.asked_at_once(self._alone_s(indexes)) if self._pace else 1

    def stop(self, why: Message) -> None:
        """Record that not all was played."""
        self._log.append(ProofStopped(played=self.played, wanted=max(self.wanted, self.played), why=why))

    def judged(self, found: Sequence[Finding]) -> None:
        """Record what is known of the gravest leak, where that is news.

        :param found: those of which most is known are first.
        """
        leak = next((each for each in found if each.grade == Verdict.LEAK), None)
        if leak is not None and leak.confidence != self._said:
            self._said = leak.confidence
            self._log.append(ProofJudged(grade="leak", confidence=leak.confidence))

    def slow_down(self) -> None:
        """Play one after the other from now on, and record it."""
        if self._pace:
            self._pace.slow_down()
            self._log.append(ProofSlowed())

    async def play_all(self, plan: Sequence[Wanted]) -> tuple[Trial, ...]:
        """Play ``plan`` in order, side by side as far as that costs nothing.

        :raises ReplaysSpentError: there was none left for one of them; the others are played.
        """
        self.wanted += len(plan)
        trials: list[Trial] = []
        waiting = list(plan)
        while waiting:
            at_once = min(self.at_once(waiting[0].indexes), self.left)
            if not at_once:
                raise ReplaysSpentError
            # One that is over soon does not wait for another one's sandbox: the next begins where it was.
            count = min(TURNS * at_once, self.left) if self._is_short(waiting[0].indexes) else at_once
            trials += await self._side_by_side(waiting[:count], at_once)
            del waiting[:count]
        return tuple(trials)

    async def play(self, wanted: Wanted) -> Trial:
        """Play one alone.

        :raises ReplaysSpentError: there is none left.
        """
        (trial,) = await self.play_all([wanted])
        return trial

    async def _side_by_side(self, plan: Sequence[Wanted], at_once: int) -> list[Trial]:
        """What comes of them is recorded in the order of ``plan``, whichever ends first."""
        places = asyncio.Semaphore(at_once)

        async def play(wanted: Wanted) -> tuple[int, Replay]:
            async with places:
                return await self._replay(wanted)

        playing = [asyncio.ensure_future(play(wanted)) for wanted in plan]
        trials = []
        try:
            for wanted, replay in zip(plan, playing, strict=True):
                trials.append(self._recorded(wanted, *await replay))
        except BaseException:
            await cancel_all(playing)
            ended = [each for each in zip(plan, playing, strict=True) if _is_whole(each[1])]
            for wanted, replay in ended[len(trials) :]:
                self._recorded(wanted, *replay.result())
            raise
        if self._pace:
            took = (replay.result()[1].took_us / 1_000_000 for replay in playing)
            self._pace.note([(self._alone_s(wanted.indexes), each) for wanted, each in zip(plan, took, strict=True)])
        return trials

    async def _replay(self, wanted: Wanted) -> tuple[int, Replay]:
        self._begun += 1
        number = self._before + self._begun
        self._log.append(
            ReplayStarted(
                purpose=wanted.purpose,
                indexes=wanted.indexes,
                round=wanted.round,
                replay=number,
                wanted=self.wanted,
                changes=wanted.changes,
                restored=wanted.restored,
                as_of=wanted.as_of,
            )
        )
        replay = await self._replayer.play(
            [ReplayRequest(index, self._payload(wanted, index), wanted.as_of) for index in wanted.indexes],
            probe=wanted.purpose in ("xray", "carrier"),
            purpose=wanted.purpose,
            round=wanted.round,
            restored=wanted.restored,
        )
        return number, replay

    def _recorded(self, wanted: Wanted, number: int, replay: Replay) -> Trial:
        self.played += 1
        self._record(wanted, replay, number)
        answers = {each.index: _answer(each) for each in replay.answers}
        return Trial(wanted.purpose, wanted.indexes, wanted.changes, wanted.restored, answers)

    def _is_short(self, indexes: Sequence[int]) -> bool:
        return self._alone_s(indexes) < WORTH_A_SANDBOX_S

    def _alone_s(self, indexes: Sequence[int]) -> float:
        return self._takes_s.get(0, 0.0) + sum(self._takes_s.get(index, 0.0) for index in indexes)

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


def _is_whole(playing: asyncio.Future[Any]) -> bool:
    return not playing.cancelled() and playing.exception() is None
