"""The carrier oracle: a place carried something over if the answer becomes the fresh one once it is put back. Pure.

It is the one oracle whose replays are instrumented, so it only says where; that something leaked is said by others.
The same replays without putting anything back show that the instrument itself changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.verdict.interference import LOG, column, last_answers, texts
from sandbox_runner.verdict.masks import frozen, separates
from sandbox_runner.verdict.xray import changed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_runner.events.records import StateLeaf
    from sandbox_runner.results.model import Finding
    from sandbox_runner.verdict.case import Case
    from sandbox_runner.verdict.facts import Played, Trial

# Replays of each kind that have to agree.
REPEATS: Final = 2
PLACES_MAX: Final = 4
READERS_MAX: Final = 3
LOG_PATH: Final = "log"


@dataclass(frozen=True, slots=True)
class Question:
    """Which of ``places`` carried what came out at ``path`` of the last of ``indexes``."""

    indexes: tuple[int, ...]
    path: str
    places: tuple[str, ...]


def questions(case: Case, found: Iterable[Finding]) -> tuple[Question, ...]:
    """What is worth asking of these findings, once for each reader; not what was answered before."""
    asked: dict[int, Question] = {}
    for finding in found:
        if finding.reader is None or finding.reader.invocation in asked or len(asked) >= READERS_MAX:
            continue
        if finding.carrier_confirmed:
            continue
        reader = case.facts.requests[finding.reader.invocation]
        places = _candidates(case, reader, finding.location.path if finding.location else "")
        path = LOG if finding.kind == "log-leak" else finding.reader.output_path
        if places:
            asked[reader.index] = Question(_sequence(case, reader), path, places)
    return tuple(asked.values())


def carrier(case: Case, reader: Played, path: str, guessed: StateLeaf | None) -> tuple[StateLeaf | None, bool]:
    """The place that carried what came out at ``path``, and whether that is confirmed; else what was ``guessed``."""
    played = [each for each in _trials(case, reader) if each.purpose == "carrier"]
    for place in dict.fromkeys(name for each in played for name in each.restored):
        if _confirms(case, reader, path, played, place):
            if guessed is not None and name_of(guessed) == place:
                return guessed, True
            leaf = next((each for each in _changed(case, reader) if name_of(each) == place), None)
            return (leaf, True) if leaf else (guessed, False)
    return guessed, False


def may_confirm(case: Case, reader: Played, path: str, played: Iterable[Trial], place: str) -> bool:
    """Whether the replays up to now speak for ``place``, however few they are."""
    return _confirms(case, reader, path, played, place, repeats=1)


def name_of(place: StateLeaf) -> str:
    """How a place is named in a finding, and to the probe."""
    return place.path if place.root == "tmp-file" else place.carrier


def _confirms(
    case: Case, reader: Played, path: str, played: Iterable[Trial], place: str, *, repeats: int = REPEATS
) -> bool:
    """Put back, the answer is the fresh one there, and without that it is not; or it is another each time, as alone."""
    trials = list(played)
    groups = [
        column(texts(case.facts, last_answers(each for each in trials if each.restored == restored)), path)
        for restored in ((), (place,))
    ]
    fresh = column(texts(case.facts, case.controls(reader)), path)
    if min(map(len, groups)) < repeats or not fresh:
        return False
    as_it_was, put_back = groups
    return (separates(as_it_was, put_back) and not separates(put_back, fresh)) or frozen(as_it_was, [*put_back, *fresh])


def _candidates(case: Case, reader: Played, first: str) -> tuple[str, ...]:
    names = dict.fromkeys([first, *(name_of(each) for each in _changed(case, reader))])
    return tuple(name for name in names if name)[:PLACES_MAX]


def _changed(case: Case, reader: Played) -> tuple[StateLeaf, ...]:
    states = case.facts.states.get(reader.environment or "", {})
    return changed(states, case.facts.before(reader.index), reader.index)


def _sequence(case: Case, reader: Played) -> tuple[int, ...]:
    """The requests between which the leak was proven, else all that were before."""
    proven = [each.indexes for each in _trials(case, reader) if each.changes]
    return proven[-1] if proven else (*case.facts.before(reader.index), reader.index)


def _trials(case: Case, reader: Played) -> list[Trial]:
    """The replays of what came before ``reader``, and of it."""
    return [
        each for each in case.facts.trials if each.indexes[-1] == reader.index and case.facts.is_order(each.indexes)
    ]
