"""Which replays the oracles want, in which order, within a number. Pure.

Rounds are interleaved: every request alone, then the state walks, then every request alone once more. Two answers
that are taken one right after the other would share a second, or a mood of the machine.
A walk that has to sit through several timeouts comes last: what it explains can only be found by comparing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.results.model import Outcome
from sandbox_runner.verdict.evidence.facts import ran
from sandbox_runner.verdict.evidence.history import CONTROLS_MIN, difference, frozen_difference, noisy

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox_runner.events.records import LeafChange, Purpose
    from sandbox_runner.verdict.evidence.facts import Facts, Played

ROUNDS_ALONE: Final = CONTROLS_MIN
# Each round more divides by four the share of two-valued coins that pass for history: after all, one run in 16,384.
# A suspicion that a batch refutes costs no other.
BATCHES: Final = (range(ROUNDS_ALONE + 1, ROUNDS_ALONE + 4), range(ROUNDS_ALONE + 4, ROUNDS_ALONE + 7))
SUSPECTS_MAX: Final = 4
_ANSWERED: Final = frozenset((Outcome.SUCCESS, Outcome.FUNCTION_ERROR))
FROZEN_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """One replay: ``indexes`` in order. ``environment`` is the run's, whose state a walk explains.

    ``as_of`` is the request that met the account as this replay is to meet it.
    """

    purpose: Purpose
    indexes: tuple[int, ...]
    round: int
    environment: str = ""
    changes: tuple[LeafChange, ...] = ()
    restored: tuple[str, ...] = ()
    as_of: int = 0


def lead_plan(facts: Facts, reader: int) -> tuple[Wanted, ...]:
    """What one finding about request ``reader`` needs before anything is changed: its fresh answer, and a walk."""
    alone = [Wanted("history", (reader,), number) for number in range(1, ROUNDS_ALONE + 1)]
    environment = facts.requests[reader].environment or ""
    walk = Wanted("xray", (*facts.before(reader), reader), 1, environment)
    known = {
        *alone[: len(facts.alone.get(reader, ()))],
        *([walk] if reader in facts.states.get(environment, ()) else []),
    }
    return tuple(wanted for wanted in (alone[0], walk, *alone[1:]) if wanted not in known)


def first_plan(facts: Facts, replays_max: int) -> tuple[tuple[Wanted, ...], int]:
    """The replays that say something of every request, and how many were left out to keep to ``replays_max``."""
    walks = [
        Wanted("xray", indexes, 1, name)
        for name, indexes in facts.sequences.items()
        # A request that ended by timeout leaves no state, and would not a second time.
        if len(indexes) > 1
        and not set(indexes) <= set(facts.states.get(name, ()))
        and not set(indexes) <= set(facts.walks.get(indexes, ()))
    ]
    alone = _to_compare(facts)
    kept_walks = walks[: max(1, replays_max // 3)]
    kept = alone[: max(0, (replays_max - len(kept_walks)) // ROUNDS_ALONE)]
    rounds = [[Wanted("history", (index,), number) for index in kept] for number in range(1, ROUNDS_ALONE + 1)]
    left_out = len(walks) - len(kept_walks) + ROUNDS_ALONE * (len(alone) - len(kept))
    quick = [walk for walk in kept_walks if not takes_timeouts(facts, walk.indexes)]
    slow = [walk for walk in kept_walks if walk not in quick]
    return (*rounds[0], *quick, *(each for row in rounds[1:] for each in row), *slow), left_out


def walks_again(facts: Facts) -> tuple[Wanted, ...]:
    """The walks in which nothing was answered, unlike in the run, once more: the machine may have been too busy."""
    return tuple(
        Wanted("xray", indexes, 2, name)
        for name, sequence in facts.sequences.items()
        for indexes, came_to in facts.walks.items()
        if sequence[: len(indexes)] == indexes
        and not facts.states.get(name)
        and came_to
        and _ANSWERED.isdisjoint(came_to.values())
        and not _ANSWERED.isdisjoint(_came_to(facts, indexes))
    )


def _came_to(facts: Facts, indexes: tuple[int, ...]) -> set[str]:
    return {answer.outcome for index in indexes if (answer := facts.requests[index].answer)}


def takes_timeouts(facts: Facts, indexes: tuple[int, ...]) -> bool:
    """Whether a replay of these would run into the function's timeout again and again, and take most of the time."""
    answers = (facts.requests[index].answer for index in indexes)
    return sum(answer is not None and answer.outcome == Outcome.TIMEOUT for answer in answers) > 1


def _to_compare(facts: Facts) -> list[int]:
    """One request for each payload of each function; those that another principal's request came before are first."""
    readers = [each for each in facts.readers() if ran(each) and each.answer and each.answer.outcome != Outcome.TIMEOUT]
    readers.sort(key=lambda each: not _follows_another(facts, each))
    first: dict[object, int] = {}
    for reader in readers:
        first.setdefault(reader.asks, reader.index)
    return [index for index in first.values() if len(facts.controls(index)) < ROUNDS_ALONE]


def _follows_another(facts: Facts, reader: Played) -> bool:
    return any(facts.requests[index].principal != reader.principal for index in facts.before(reader.index))


def second_plan(facts: Facts, settled: Collection[int], batch: range) -> tuple[Wanted, ...]:
    """What confirms the answers that still differ from all their fresh ones: alone and after history, in turn.

    :param settled: requests whose answer is known to hold another's value; nothing more has to be played for them.
    :param batch: one of :data:`BATCHES`, the rounds to play.
    """
    suspects = [reader for reader in facts.readers() if reader.index not in settled and _differs_always(facts, reader)][
        :SUSPECTS_MAX
    ]
    return tuple(
        wanted
        for number in batch
        for reader in suspects
        if not _has_round(facts, reader, number)
        for wanted in (
            Wanted("history", (*facts.before(reader.index), reader.index), number),
            Wanted("history", (reader.index,), number),
        )
    )


def _has_round(facts: Facts, reader: Played, number: int) -> bool:
    """Whether both of a round were played, in a proof that this one goes on with."""
    again = facts.again.get(reader.index, ())
    return len(again) >= number - ROUNDS_ALONE and len(facts.controls(reader.index)) >= number


def _differs_always(facts: Facts, reader: Played) -> bool:
    answers = (reader.answer, *facts.again.get(reader.index, ()))
    controls = facts.controls(reader.index)
    return all(each and difference(each, controls, facts.at_epoch_ms) for each in answers)


def frozen_plan(facts: Facts, settled: Collection[int], round_number: int) -> tuple[Wanted, ...]:
    """What shows whether an answer that is another in every fresh environment is always the same after its history.

    In the first round the history alone: most answers are another then too, and that is the end of it.
    """
    again = [
        reader
        for reader in facts.readers()
        if reader.answer
        and ran(reader)
        and reader.index not in settled
        and noisy(reader.answer, facts.controls(reader.index), facts.at_epoch_ms)
        and (round_number == 1 or _is_frozen(facts, reader))
    ][:SUSPECTS_MAX]
    return tuple(
        wanted
        for reader in again
        for wanted in (
            *([Wanted("history", (reader.index,), ROUNDS_ALONE + round_number)] if round_number > 1 else []),
            Wanted("history", (*facts.before(reader.index), reader.index), round_number),
        )
    )


def _is_frozen(facts: Facts, reader: Played) -> bool:
    again, controls = facts.again.get(reader.index, ()), facts.controls(reader.index)
    return bool(reader.answer and frozen_difference(reader.answer, again, controls, facts.at_epoch_ms))
