"""Plays the same requests in turns as they are and with one leaf changed, until it is clear what follows from it.

A leaf whose value was recognised only needs confirmation. Others are searched by halving: all at once first, then
each half of what made a difference. Every condition is interleaved with the unchanged one, because batches that are
played one after the other once disagreed when the clock's minute changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.verdict.carriers import REPEATS as CARRIED
from sandbox_runner.verdict.carriers import may_confirm
from sandbox_runner.verdict.interference import REPEATS, REPEATS_UNRECOGNISED, differing, same_way
from sandbox_runner.verdict.planning import Wanted
from sandbox_runner.verdict.suspects import leaves_before

if TYPE_CHECKING:
    from collections.abc import Sequence

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
                for _ in range(REPEATS):
                    await self._round(indexes, changes, REPEATS)
                return

    async def search(self, case: Case, reader: Played) -> None:
        """Which leaf of which earlier request ``reader``'s answer or log is made from."""
        indexes = (*case.facts.before(reader.index), reader.index)
        leaves = leaves_before(case, reader)
        for turn in range(max((len(leaf.changes) for leaf in leaves), default=0)):
            group = tuple(leaf.changes[turn] for leaf in leaves if len(leaf.changes) > turn)
            hits = (await self._halve(case, indexes, group))[:HITS_MAX]
            for _ in range(REPEATS_UNRECOGNISED):
                hits = [hit for hit in hits if self._differ(case, indexes, (hit,))]
                await self._round(indexes, hits, REPEATS_UNRECOGNISED)
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
                await self._at_least(fewer, (), 1)
                await self._at_least(fewer, changes, 1)
                if self._differ(case, fewer, changes):
                    kept = fewer
            others = [index for index in others if index in kept]
            size = min(size // 2, len(others))
        for _ in range(REPEATS):
            await self._round(kept, changes, REPEATS)

    async def put_back(self, case: Case, question: Question) -> None:
        """Which place carried what came out: the first that makes the answer fresh again when it is put back."""
        reader = case.facts.requests[question.indexes[-1]]
        kept = [await self._carried(question) for _ in range(CARRIED)]
        for place in question.places:
            trials = list(kept)
            for _ in range(CARRIED):
                trials.append(await self._carried(question, place))
                if not may_confirm(case, reader, question.path, trials, place):
                    break
            else:
                return

    async def _carried(self, question: Question, *places: str) -> Trial:
        return await self._player.play(Wanted("carrier", question.indexes, 1, restored=places))

    async def _first_effect(self, case: Case, indexes: tuple[int, ...], leaf: Leaf) -> LeafChange | None:
        for change in leaf.changes:
            await self._at_least(indexes, (), 1)
            await self._at_least(indexes, (change,), 1)
            if self._differ(case, indexes, (change,)):
                return change
        return None

    async def _halve(self, case: Case, indexes: tuple[int, ...], group: Changes) -> list[LeafChange]:
        """Those of ``group`` that make a difference one by one."""
        if not group or not await self._screen(case, indexes, group):
            return []
        if len(group) == 1:
            return list(group) if self._differ(case, indexes, group) else []
        half = len(group) // 2
        return [
            *await self._halve(case, indexes, group[:half]),
            *await self._halve(case, indexes, group[half:]),
        ]

    async def _screen(self, case: Case, indexes: tuple[int, ...], group: Changes) -> bool:
        """Whether ``group`` as a whole may matter: it makes a difference, or sends an earlier request another way."""
        for count in range(1, SCREENINGS + 1):
            await self._at_least(indexes, (), count)
            await self._at_least(indexes, group, count)
            if not same_way(self._tried(indexes, ()), self._tried(indexes, group)):
                return True
            if not self._differ(case, indexes, group):
                return False
        return True

    async def _round(self, indexes: tuple[int, ...], changes: Sequence[LeafChange], wanted: int) -> None:
        """Each condition once more that was not yet played ``wanted`` times, the unchanged one first."""
        if not changes:
            return
        for condition in ((), *((change,) for change in changes)):
            tried = self._tried(indexes, condition)
            if len(tried) < wanted:
                await self._at_least(indexes, condition, len(tried) + 1)

    async def _at_least(self, indexes: tuple[int, ...], changes: Changes, count: int) -> None:
        tried = self._tried(indexes, changes)
        while len(tried) < count:
            tried.append(await self._player.play(Wanted("interference", indexes, len(tried) + 1, changes=changes)))

    def _tried(self, indexes: tuple[int, ...], changes: Changes) -> list[Trial]:
        return self._trials.setdefault((indexes, changes), [])

    def _differ(self, case: Case, indexes: tuple[int, ...], changes: Changes) -> bool:
        return bool(differing(case, self._tried(indexes, ()), self._tried(indexes, changes)))
