"""Plays the same requests in turns as they are and with one leaf changed, until it is clear what follows from it.

A leaf whose value was recognised only needs confirmation. Others are searched by halving: all at once first, then
each half of what made a difference. Every condition is interleaved with the unchanged one, because batches that are
played one after the other once disagreed when the clock's minute changed. Where replays wait, more of them are asked
for at once than would be one after the other: what turns out not to be needed has cost no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.verdict.evidence.error_bound import ECHOED_MIN, REPEATS
from sandbox_runner.verdict.evidence.facts import was_starved
from sandbox_runner.verdict.evidence.interference import LOG, differing, replays_needed, same_way
from sandbox_runner.verdict.evidence.planning import Wanted
from sandbox_runner.verdict.findings.carriers import INSTRUMENTED, may_confirm
from sandbox_runner.verdict.findings.carriers import REPEATS as CARRIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox_runner.events.records import LeafChange
    from sandbox_runner.proof.player import Player
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Facts, Played, Trial
    from sandbox_runner.verdict.evidence.interference import Effect
    from sandbox_runner.verdict.evidence.suspects import Leaf, Target
    from sandbox_runner.verdict.findings.carriers import Question

SCREENINGS: Final = 2
HITS_MAX: Final = 2

Changes = tuple["LeafChange", ...]


class Experiments:
    """The interference oracle's replays of one run.

    :param facts: of the run, and of an earlier proof, whose replays count as well.
    """

    def __init__(self, player: Player, facts: Facts) -> None:
        self._player = player
        self._requests = facts.requests
        self._trials: dict[tuple[tuple[int, ...], Changes], list[Trial]] = {}
        self._note(trial for trial in facts.trials if trial.purpose == "interference")

    async def confirm(self, case: Case, target: Target) -> None:
        """Whether the answer follows the leaves of ``target``: between the two alone, else in the whole story.

        What only the whole story tells is not asked between the two.
        """
        whole, alone = (*case.facts.before(target.reader), target.reader), (target.writer, target.reader)
        for indexes in (whole,) if target.is_contested else dict.fromkeys((alone, whole)):
            changes = [found for leaf in target.leaves if (found := await self._first_effect(case, indexes, leaf))]
            for change in changes:
                kinds = [in_log for in_log, asked in ((False, target.in_answer), (True, target.in_log)) if asked]
                await self._prove(case, indexes, change, kinds)
            if changes:
                return

    async def search(self, case: Case, reader: Played, leaves: Sequence[Leaf]) -> None:
        """Which of ``leaves``, of requests before it, ``reader``'s answer or log is made from."""
        indexes = (*case.facts.before(reader.index), reader.index)
        for turn in range(max((len(leaf.changes) for leaf in leaves), default=0)):
            group = tuple(leaf.changes[turn] for leaf in leaves if len(leaf.changes) > turn)
            hits = (await self._halve(case, indexes, group))[:HITS_MAX]
            count = SCREENINGS
            while hits and count < REPEATS - 1:
                each = max(1, self._player.at_once(indexes) // (len(hits) + 1))
                count = min(count + each, REPEATS - 1)
                await self._fill(indexes, dict.fromkeys(_conditions(hits), count))
                hits = [hit for hit in hits if self._differ(case, indexes, (hit,))]
            await self._repeat(indexes, hits, REPEATS)
            if any(self._differ(case, indexes, (hit,)) for hit in hits):
                return

    async def shrink(self, case: Case, effect: Effect) -> None:
        """Leave out what came before, the largest parts first, as long as the effect stays; then confirm the rest."""
        kept, changes, in_log = effect.indexes, (effect.change,), effect.path == LOG
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
        await self._prove(case, kept, effect.change, [in_log])

    async def put_back(self, case: Case, question: Question) -> None:
        """Which place carried what came out: the first that makes the answer fresh again when it is put back."""
        reader, indexes = case.facts.requests[question.indexes[-1]], question.indexes
        kept = [each for each in case.facts.trials if each.purpose in INSTRUMENTED and each.indexes == indexes]
        as_it_was = [each for each in kept if not each.restored]
        places = list(question.places)
        while places:
            room = self._player.at_once(indexes)
            some, places = places[: max(1, room // CARRIED)], places[max(1, room // CARRIED) :]
            speaking = {place: [each for each in kept if each.restored == (place,)] for place in some}
            for count in range(CARRIED if room >= CARRIED else 1, CARRIED + 1):
                missing = max(0, CARRIED - len(as_it_was))
                put_back = [place for place, tried in speaking.items() for _ in range(count - len(tried))]
                plan = [_carried(indexes)] * missing + [_carried(indexes, place) for place in put_back]
                trials = await self._player.play_all(plan)
                as_it_was += [each for each in trials[:missing] if not was_starved(self._requests, each)]
                for trial in trials[missing:]:
                    speaking[trial.restored[0]].append(trial)
                speaking = {
                    place: tried
                    for place, tried in speaking.items()
                    if may_confirm(case, reader, question, [*as_it_was, *tried], place)
                }
            if speaking:
                return

    async def ahead(self, target: Target, plan: Sequence[Wanted], guessed: Sequence[str]) -> None:
        """Play ``plan`` beside what the proof of ``target`` will most likely ask for, if there is room for some of it.

        A replay that waits costs no time beside another, and a guess that was wrong nothing but itself.

        :param guessed: places that may have carried it, the likeliest first.
        """
        indexes = (target.writer, target.reader)
        room = min(self._player.asked_at_once(indexes), self._player.left // 2) - len(plan)
        more = _both_kinds(indexes, target.leaves[0]) if target.leaves else []
        if not more or len(more) > room or self._tried(indexes, ()):
            await self._player.play_all(plan)
            return
        walks = sum(wanted.purpose == "xray" and wanted.indexes == indexes for wanted in plan)
        as_it_was = [_carried(indexes)] * (CARRIED - walks)
        for place in guessed:
            put_back = [*as_it_was, *[_carried(indexes, place)] * CARRIED]
            if len(more) + len(put_back) > room:
                break
            more, as_it_was = [*more, *put_back], []
        played = await self._player.play_all([*more, *plan])
        self._note(trial for trial in played if trial.purpose == "interference")

    async def _first_effect(self, case: Case, indexes: tuple[int, ...], leaf: Leaf) -> LeafChange | None:
        """The first change that makes a difference; as many are tried at once as there is room beside the unchanged."""
        known = (change for change in leaf.changes if self._differ(case, indexes, (change,)))
        if (found := next(known, None)) is not None:
            return found
        waiting = [change for change in leaf.changes if not self._tried(indexes, (change,))]
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

    async def _prove(self, case: Case, indexes: tuple[int, ...], change: LeafChange, kinds: Sequence[bool]) -> None:
        """Play as many of each kind as what they show needs, for the answer and the log as ``kinds`` says."""
        played = 0
        while True:
            shown = self._tried(indexes, ()), self._tried(indexes, (change,))
            count = max(replays_needed(case, *shown, in_log=in_log) for in_log in kinds)
            if count <= min(map(len, shown)) or count <= played:
                return
            played = count
            if count < REPEATS:
                await self._fill(indexes, {(): count, (change,): count})
            else:
                await self._repeat(indexes, (change,), count)

    async def _repeat(self, indexes: tuple[int, ...], changes: Sequence[LeafChange], count: int) -> None:
        """Each condition ``count`` times, the last time alone: what only shows under load would be gone then."""
        if not changes:
            return
        await self._fill(indexes, dict.fromkeys(_conditions(changes), count - 1))
        for condition in _conditions(changes):
            await self._fill(indexes, {condition: count})

    async def _fill(self, indexes: tuple[int, ...], counts: Mapping[Changes, int]) -> None:
        """Play each condition until it was played so many times, in turns, the first one first.

        What the machine had no time for is played once more.
        """
        for _ in range(2):
            tried = {changes: len(self._tried(indexes, changes)) for changes in counts}
            plan = [
                Wanted("interference", indexes, number, changes=changes)
                for number in range(1, max(counts.values()) + 1)
                for changes, count in counts.items()
                if tried[changes] < number <= count
            ]
            self._note(await self._player.play_all(plan))

    def _note(self, played: Iterable[Trial]) -> None:
        for trial in played:
            if not was_starved(self._requests, trial):
                self._tried(trial.indexes, trial.changes).append(trial)

    def _tried(self, indexes: tuple[int, ...], changes: Changes) -> list[Trial]:
        return self._trials.setdefault((indexes, changes), [])

    def _differ(self, case: Case, indexes: tuple[int, ...], changes: Changes) -> bool:
        return bool(differing(case, self._tried(indexes, ()), self._tried(indexes, changes)))


def _conditions(changes: Sequence[LeafChange]) -> tuple[Changes, ...]:
    """The unchanged one, and each change by itself."""
    return ((), *((change,) for change in changes))


def _both_kinds(indexes: tuple[int, ...], leaf: Leaf) -> list[Wanted]:
    """The replays that prove a value which comes out as it is, with the first that can stand in for it."""
    return [
        Wanted("interference", indexes, number, changes=changes)
        for number in range(1, ECHOED_MIN + 1)
        for change in leaf.changes[:1]
        for changes in ((), (change,))
    ]


def _carried(indexes: tuple[int, ...], *places: str) -> Wanted:
    return Wanted("carrier", indexes, 1, restored=places)
