"""The interference oracle: does one request's data change what another is answered, or what it logs? Pure.

The same requests are played in turns as they are and with one leaf of the writer's payload changed. A place of the
reader's answer in which all the unchanged replays agree, all the changed ones agree, and the two differ, was made
from that leaf, however it was transformed on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.verdict.evidence.error_bound import REPEATS, needed
from sandbox_runner.verdict.evidence.history import ABSENT, CONTROLS_MIN
from sandbox_runner.verdict.texts.masks import frozen, separates, settled
from sandbox_runner.verdict.texts.outputs import bounded_leaves, leaves, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox_runner.events.records import LeafChange
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Answer, Facts, Played, Trial

# The log as a place beside those of an answer; no path of an answer has that character.
LOG: Final = "\0log"
_SHOWN_MAX: Final = 2_000
# Of larger answers the texts are made anew each time: they would be in memory once more.
_KEPT_MAX: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Effect:
    """A place of ``reader``'s answer (or its log) that follows a leaf of ``writer``'s payload.

    ``sent`` and ``got`` are the leaf and the place as they are, ``sent_instead`` and ``got_instead`` when it is
    changed, by ``change``. ``of_each`` is how many replays of either kind agree, and ``needed`` how many have to.
    ``is_switch`` says that without this very value the answer is as in a fresh environment: the leaf may only have
    decided whether something was kept.
    """

    writer: int
    leaf: str
    reader: int
    path: str
    sent: str
    sent_instead: str
    got: str
    got_instead: str
    change: LeafChange
    of_each: int
    needed: int
    indexes: tuple[int, ...]
    is_switch: bool


def effects(case: Case) -> tuple[Effect, ...]:
    """Every effect of a single leaf that as many replays of either kind agree on as it needs; data before switches."""
    found = [
        effect
        for indexes, changes in _conditions(case.facts)
        if len(changes) == 1 and case.facts.is_order(indexes)
        for effect in _effects(case, tried(case.facts, indexes, ()), tried(case.facts, indexes, changes))
        if effect.of_each >= effect.needed
    ]
    return tuple(sorted(found, key=lambda each: (each.is_switch, -each.of_each)))


def tried(facts: Facts, indexes: Sequence[int], changes: Sequence[LeafChange]) -> list[Trial]:
    """The replays of ``indexes`` in order with these changes."""
    wanted = tuple(indexes), tuple(changes)
    return [each for each in facts.trials if each.purpose == "interference" and (each.indexes, each.changes) == wanted]


def differing(case: Case, unchanged: Sequence[Trial], changed: Sequence[Trial]) -> tuple[str, ...]:
    """The places of the last request's answer that differ by what was changed, and that history made what they are.

    Where the reader had sent what was changed as well, an answer made from it is the fresh one; what took its place
    tells then.
    """
    if not unchanged or not changed or not same_way(unchanged, changed):
        return ()
    reader = case.facts.requests[unchanged[0].indexes[-1]]
    groups = [texts(case, last_answers(trials)) for trials in (unchanged, changed)]
    fresh = texts(case, case.controls(reader))
    changes = changed[0].changes
    telling = groups[bool(changes) and all(is_shared(case, reader, change) for change in changes)]
    return tuple(
        path
        for path in dict.fromkeys([*groups[0][0], *groups[1][0]] if groups[0] and groups[1] else [])
        if separates(*(column(rows, path) for rows in groups)) and _is_of_history(telling, fresh, path)
    )


def is_shared(case: Case, reader: Played, change: LeafChange) -> bool:
    """Whether ``reader`` sent in the same place the very value that ``change`` takes away."""
    sent_by = (dict(bounded_leaves(each.payload)[0]) for each in (case.facts.requests[change.index], reader))
    was, own = (leaves.get(change.leaf, ABSENT) for leaves in sent_by)
    return type(was) is type(own) and was == own != ABSENT


def replays_needed(case: Case, unchanged: Sequence[Trial], changed: Sequence[Trial], *, in_log: bool) -> int:
    """How many replays of each kind prove what these show in the answer, or in the log; 0 where there is nothing."""
    found = [each.needed for each in _effects(case, unchanged, changed) if (each.path == LOG) == in_log]
    return min(found, default=0)


def _conditions(facts: Facts) -> Iterable[tuple[tuple[int, ...], tuple[LeafChange, ...]]]:
    return dict.fromkeys((each.indexes, each.changes) for each in facts.trials if each.purpose == "interference")


def _effects(case: Case, unchanged: Sequence[Trial], changed: Sequence[Trial]) -> Iterable[Effect]:
    if not unchanged or not changed:
        return
    change, indexes = changed[0].changes[0], unchanged[0].indexes
    reader = case.facts.requests[indexes[-1]]
    rows, others = (texts(case, last_answers(trials)) for trials in (unchanged, changed))
    fresh = texts(case, case.controls(reader))
    was, instead = sent(case.facts.requests[change.index], change.leaf), text_of(change.parsed())
    is_unheard_of = _is_unheard_of(case, reader, change, instead)
    for path in differing(case, unchanged, changed):
        yield Effect(
            writer=change.index,
            leaf=change.leaf,
            reader=reader.index,
            path=path,
            sent=was,
            sent_instead=instead,
            got=rows[0].get(path, ABSENT)[:_SHOWN_MAX],
            got_instead=others[0].get(path, ABSENT)[:_SHOWN_MAX],
            change=change,
            of_each=min(len(unchanged), len(changed)),
            needed=needed(was, instead, column(rows, path), column(others, path)) if is_unheard_of else REPEATS,
            indexes=indexes,
            is_switch=bool(fresh) and not separates(column(others, path), column(fresh, path)),
        )


def _is_unheard_of(case: Case, reader: Played, change: LeafChange, instead: str) -> bool:
    """Whether nothing but a replay that was sent ``instead`` knows it: no request of the run, and not the code."""
    if isinstance(change.parsed(), bool | None):
        return False
    known = (case.constants(reader.function), *(case.own(each.principal) for each in case.facts.requests.values()))
    return not any(instead.lower() in text for text in known)


def sent(request: Played, leaf: str) -> str:
    """The text of a leaf as the scenario has it."""
    return text_of(dict(bounded_leaves(request.payload)[0]).get(leaf, ABSENT))


def same_way(unchanged: Sequence[Trial], changed: Sequence[Trial]) -> bool:
    """Whether the requests before the last one ended as they do with their own payloads.

    A payload that was refused says something of the check that refused it, and nothing of what is kept.
    """
    ways = {tuple(each.answers[index].outcome for index in each.indexes[:-1]) for each in (*unchanged, *changed)}
    return len(ways) == 1


def last_answers(trials: Iterable[Trial]) -> list[Answer]:
    """What the last request of each was answered."""
    return [each.answers[each.indexes[-1]] for each in trials]


def texts(case: Case, answers: Iterable[Answer]) -> list[Mapping[str, str]]:
    """For each answer its texts by place, the log as one of them (:data:`LOG`)."""
    return [_texts(case, answer) for answer in answers]


def _texts(case: Case, answer: Answer) -> Mapping[str, str]:
    """A proof asks for those of an answer many times."""
    if (known := case.texts.get(answer)) is not None:
        return known
    parts = [*((path, text_of(value)) for path, value in leaves(answer.response)[0]), (LOG, "\n".join(answer.log))]
    now = case.facts.at_epoch_ms
    found = {path: settled(text, request_id=answer.request_id, at_epoch_ms=now) for path, text in parts}
    if sum(map(len, found.values())) <= _KEPT_MAX:
        case.texts[answer] = found
    return found


def column(rows: Iterable[Mapping[str, str]], path: str) -> list[str]:
    """What stands at ``path`` in each."""
    return [row.get(path, ABSENT) for row in rows]


def _is_of_history(rows: Sequence[Mapping[str, str]], fresh: Sequence[Mapping[str, str]], path: str) -> bool:
    """A place that is what it is in a fresh environment has nothing in it of what ran before."""
    warm, alone = column(rows, path), column(fresh, path)
    return len(fresh) < CONTROLS_MIN or separates(warm, alone) or frozen(warm, alone)
