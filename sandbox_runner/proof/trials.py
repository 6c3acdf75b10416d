"""Plays the same requests in turns as they are and with one leaf changed, until it is clear what follows from it.

A leaf whose value was recognised only needs confirmation. Others are searched by halving: all at once first, then
each half of what made a difference. Every condition is interleaved with the unchanged one, because batches that are
played one after the other once disagreed when the clock's minute changed. Where replays wait, more of them are asked
for at once than would be one after the other: what turns out not to be needed has cost no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.verdict.carriers import REPEATS as CARRIED
from sandbox_runner.verdict.carriers import may_confirm
from sandbox_runner.verdict.interference import REPEATS, REPEATS_UNRECOGNISED, differing, same_way
from sandbox_runner.verdict.planning import Wanted
from sandbox_runner.verdict.suspects import leaves_before

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.events.records import LeafChange
    from sandbox_runner.proof.player import Player
    from sandbox_runner.verdict.carriers import Question
    from sandbox_runner.verdict.case import Case
    from sandbox_runner.verdict.facts import Played, Trial
    from sandbox_runner.verdict.interference import Effect
    from sandbox_runner.verdict.suspects import Leaf, Target

SCREENINGS: Final = 2
HITS_MAX: Final = 2

Changes = tuple["LeafChange", ...]


class Experiments:
    """The interference oracle's replays of one run."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._trials: dict[tuple[tuple[int, ...], Changes], list[Trial]] = {}

    async def confirm(self, case: Case, target: Target) -> None:
        """Whether the answer follows the leaves of ``target``: between the two alone, else in the whole story."""
        whole = (*case.facts.before(target.reader), target.reader)
        for indexes in dict.fromkeys(((target.writer, target.reader), whole)):
            changes = [found for leaf in target.leaves if (found := await self._first_effect(case, indexes, leaf))]
            if changes:
                await self._repeat(indexes, changes, REPEATS)
                return

    async def search(self, case: Case, reader: Played) -> None:
        """Which leaf of which earlier request ``reader``'s answer or log is made from."""
        indexes = (*case.facts.before(reader.index), reader.index)
        leaves = leaves_before(case, reader)
        for turn in range(max((len(leaf.changes) for leaf in leaves), default=0)):
            group = tuple(leaf.changes[turn] for leaf in leaves if len(leaf.changes) > turn)
            hits = (await self._halve(case, indexes, group))[:HITS_MAX]
            count = SCREENINGS
            while hits and count < REPEATS_UNRECOGNISED - 1:
                each = max(1, self._player.at_once(indexes) // (len(hits) + 1))
                count = min(count + each, REPEATS_UNRECOGNISED - 1)
                await self._fill(indexes, dict.fromkeys(_conditions(hits), count))
                hits = [hit for hit in hits if self._differ(case, indexes, (hit,))]
            await self._repeat(indexes, hits, REPEATS_UNRECOGNISED)
            if any(self._differ(case, indexes, (hit,)) for hit in hits):
                return

    async def shrink(self, case: Case, effect: Effect) -> None:
        """Leave out what came before, the largest parts first, as long as the effect stays; then confirm the rest."""
        kept, changes = effect.indexes, (effect.change,)
        others = [index for index in kept[:-1] if index != effect.writer]
        size = len(others)
        while size:
            for at in range(0, len(others), size):
                fewer = tuple(index for index in kept if index not in others[at : at + size])
                await self._fill(fewer, {(): 1, changes: 1})
                if self._differ(case, fewer, changes):
                    kept = fewer
            others = [index for index in others if index in kept]
            size = min(size // 2, len(others))
        await self._repeat(kept, changes, REPEATS)

    async def put_back(self, case: Case, question: Question) -> None:
        """Which place carried what came out: the first that makes the answer fresh again when it is put back."""
        reader = case.facts.requests[question.indexes[-1]]
        places = list(question.places)
        kept: list[Trial] = []
        while places:
            room = self._player.at_once(question.indexes)
            some, places = places[: max(1, room // CARRIED)], places[max(1, room // CARRIED) :]
            tries = CARRIED if room >= CARRIED else 1
            speaking: dict[str, list[Trial]] = {place: [] for place in some}
            for _ in range(CARRIED // tries):
                missing = CARRIED - len(kept)
                plan = [_carried(question)] * missing + [_carried(question, place) for place in speaking] * tries
                trials = await self._player.play_all(plan)
                kept += trials[:missing]
                for trial in trials[missing:]:
                    speaking[trial.restored[0]].append(trial)
                speaking = {
                    place: tried
                    for place, tried in speaking.items()
                    if may_confirm(case, reader, question, [*kept, *tried], place)
                }
            if speaking:
                return

    async def _first_effect(self, case: Case, indexes: tuple[int, ...], leaf: Leaf) -> LeafChange | None:
        """The first change that makes a difference; as many are tried at once as there is room beside the unchanged."""
        waiting = list(leaf.changes)
        while waiting:
            room = max(1, self._player.at_once(indexes) - 1)
            some, waiting = waiting[:room], waiting[room:]
            await self._fill(indexes, dict.fromkeys(_conditions(some), 1))
            for change in some:
                if self._differ(case, indexes, (change,)):
                    return change
        return None

    async def _halve(self, case: Case, indexes: tuple[int, ...], group: Changes) -> list[LeafChange]:
        """Those of ``group`` that make a difference one by one."""
        if not group or not await self._screen(case, indexes, group):
            return []
        if len(group) == 1:
            return list(group) if self._differ(case, indexes, group) else []
        halves = group[: len(group) // 2], group[len(group) // 2 :]
        if self._player.at_once(indexes) >= len(halves) * SCREENINGS:
            await self._fill(indexes, dict.fromkeys(halves, SCREENINGS))
        return [
            *await self._halve(case, indexes, halves[0]),
            *await self._halve(case, indexes, halves[1]),
        ]

    async def _screen(self, case: Case, indexes: tuple[int, ...], group: Changes) -> bool:
        """Whether ``group`` as a whole may matter: it makes a difference, or sends an earlier request another way."""
        at_a_time = SCREENINGS if self._player.at_once(indexes) >= 2 * SCREENINGS else 1
        for count in range(at_a_time, SCREENINGS + 1):
            await self._fill(indexes, {(): count, group: count})
            if not same_way(self._tried(indexes, ()), self._tried(indexes, group)):
                return True
            if not self._differ(case, indexes, group):
                return False
        return True

    async def _repeat(self, indexes: tuple[int, ...], changes: Sequence[LeafChange], count: int) -> None:
        """Each condition ``count`` times, the last time alone: what only shows under load would be gone then."""
        if not changes:
            return
        await self._fill(indexes, dict.fromkeys(_conditions(changes), count - 1))
        for condition in _conditions(changes):
            await self._fill(indexes, {condition: count})

    async def _fill(self, indexes: tuple[int, ...], counts: Mapping[Changes, int]) -> None:
        """Play each condition until it was played so many times, in turns, the first one first."""
        tried = {changes: len(self._tried(indexes, changes)) for changes in counts}
        plan = [
            Wanted("interference", indexes, number, changes=changes)
            for number in range(1, max(counts.values()) + 1)
            for changes, count in counts.items()
            if tried[changes] < number <= count
        ]
        for trial in await self._player.play_all(plan):
            self._tried(indexes, trial.changes).append(trial)

    def _tried(self, indexes: tuple[int, ...], changes: Changes) -> list[Trial]:
        return self._trials.setdefault((indexes, changes), [])

    def _differ(self, case: Case, indexes: tuple[int, ...], changes: Changes) -> bool:
        return bool(differing(case, self._tried(indexes, ()), self._tried(indexes, changes)))


def _conditions(changes: Sequence[LeafChange]) -> tuple[Changes, ...]:
    """The unchanged one, and each change by itself."""
    return ((), *((change,) for change in changes))


def _carried(question: Question, *places: str) -> Wanted:
    return Wanted("carrier", question.indexes, 1, restored=places)
