"""The carrier oracle: a place carried something over if the answer becomes the fresh one once it is put back. Pure.

It is the one oracle whose replays are instrumented, so it only says where; that something leaked is said by others.
The same replays without putting anything back show that the instrument itself changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code.process_state import can_be_put_back
from sandbox_runner.verdict.evidence.case import Carried
from sandbox_runner.verdict.evidence.interference import LOG, column, last_answers, texts
from sandbox_runner.verdict.evidence.xray import changed, state_before
from sandbox_runner.verdict.texts.markers import Marker, search
from sandbox_runner.verdict.texts.masks import frozen, separates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox_runner.events.records import StateLeaf
    from sandbox_runner.results.model import Finding
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played, Trial

# Replays of each kind that have to agree.
REPEATS: Final = 2
PLACES_MAX: Final = 4
READERS_MAX: Final = 3
LOG_PATH: Final = "log"
# Replays with the probe. A walk in which nothing is put back shows what the others are compared with as well.
INSTRUMENTED: Final = ("carrier", "xray")
_FILE: Final = "tmp-file"


@dataclass(frozen=True, slots=True)
class Question:
    """Which of ``places`` carried what came out at ``path`` of the last of ``indexes``, ``text`` where it is known."""

    indexes: tuple[int, ...]
    path: str
    places: tuple[str, ...]
    text: str = ""


def questions(case: Case, found: Iterable[Finding]) -> tuple[Question, ...]:
    """What is worth asking of these findings, once for each reader; not what was answered before."""
    asked: dict[int, Question] = {}
    for finding in found:
        if finding.reader is None or finding.reader.invocation in asked or len(asked) >= READERS_MAX:
            continue
        reader = case.facts.requests[finding.reader.invocation]
        if case.facts.at_once.get(reader.index) is not None:
            # Replays with the probe are played one after the other, so they cannot show what an overlap does.
            continue
        place = finding.location.path if finding.location else ""
        places = _within(case, reader, finding) if finding.carrier_confirmed else _candidates(case, reader, place)
        path = LOG if finding.kind == "log-leak" else finding.reader.output_path
        if places:
            asked[reader.index] = Question(_sequence(case, reader), path, places, _text_of(finding))
    return tuple(asked.values())


def carrier(case: Case, reader: Played, path: str, guessed: StateLeaf | None, text: str = "") -> Carried | None:
    """The place that carried what came out at ``path``, and whether that is confirmed; else what was ``guessed``.

    :param text: what came out, where it is known.
    """
    played = [each for each in _trials(case, reader) if each.purpose in INSTRUMENTED]
    tried = _put_back(played)
    leaves = [*([guessed] if guessed else []), *_changed(case, reader)] if tried else []
    innermost = {case.name_of(each, reader) for each in leaves}
    first = case.name_of(guessed, reader) if guessed else ""
    # What has another of them in it was put back with more than that.
    outer = {name for name in tried for other in tried if other != name and other.startswith(name)}
    for place in sorted(tried, key=lambda name: (name != first, name not in innermost, name in outer)):
        if _confirms(case, reader, Question((), path, (), text), played, place):
            leaf = next((each for each in leaves if place in (case.name_of(each, reader), each.carrier)), None)
            if leaf is not None:
                return Carried(leaf, _all_that_changed(case, reader, played, place) or place, confirmed=True)
            break
    if guessed is None:
        return None
    confirmed = _alone_stayed(case, reader, guessed) and _stayed(case, reader, Question((), path, (), text))
    return Carried(guessed, case.name_of(guessed, reader), confirmed=confirmed)


def _alone_stayed(case: Case, reader: Played, guessed: StateLeaf) -> bool:
    """Whether a file is all that the reader found changed, because the process had ended before it.

    Then the reader's fresh answers are those with this file put back, and no replay of its own can say more.
    """
    states = case.facts.states.get(reader.environment or "", {})
    init, now = states.get(0), state_before(states, case.facts.before(reader.index), reader.index)
    if not _finds_a_new_process(case, reader) or init is None or now is None or now is init:
        return False
    if init.truncated or now.truncated or now.disturbed:
        return False
    was, held = ({(leaf.path, leaf.value) for leaf in state.leaves if leaf.root == _FILE} for state in (init, now))
    return {path for path, _ in was ^ held} == {guessed.path}


def _finds_a_new_process(case: Case, reader: Played) -> bool:
    before = case.facts.before(reader.index)
    return bool(before) and case.facts.ended_the_process(before[-1])


def _stayed(case: Case, reader: Played, question: Question) -> bool:
    """Whether the replays that came by such an end differ from the fresh answers as if something had been put back."""
    ended = case.facts.requests[case.facts.before(reader.index)[-1]]
    came = [
        each
        for each in _trials(case, reader)
        if each.indexes[-2:-1] == (ended.index,) and not each.changes and not each.restored
        if ended.answer and each.answers[ended.index].outcome == ended.answer.outcome
    ]
    as_it_was = column(texts(case, last_answers(came)), question.path)
    fresh = column(texts(case, case.controls(reader)), question.path)
    return min(len(as_it_was), len(fresh)) >= REPEATS and _are_other(question, as_it_was, fresh, fresh)


def _all_that_changed(case: Case, reader: Played, played: Iterable[Trial], place: str) -> str:
    """The one place within a variable that was put back, where nothing else in it was another than after init.

    Then it was this place that was put back, and no replay of its own can say more. Empty where there are several, or
    where the walk did not see all of the same requests.
    """
    before = case.facts.before(reader.index)
    states = case.facts.states.get(reader.environment or "", {})
    init, now = states.get(0), state_before(states, before, reader.index)
    whole = any(each.restored == (place,) and each.indexes == (*before, reader.index) for each in played)
    if init is None or now is None or not whole or init.truncated or now.truncated or now.disturbed:
        return ""
    was, held = ({leaf.path: leaf for leaf in state.leaves if leaf.carrier == place} for state in (init, now))
    other = [
        leaf
        for leaf in (was | held).values()
        if (leaf.truncated or _value(was, leaf) != _value(held, leaf)) and not _was_empty(leaf, held)
    ]
    names = {case.name_of(leaf, reader) for leaf in other}
    return names.pop() if len(names) == 1 else ""


def _was_empty(leaf: StateLeaf, held: Mapping[str, StateLeaf]) -> bool:
    """Whether it is what a walk says of something empty that now has something in it."""
    return leaf.path not in held and any(path.startswith(leaf.path) for path in held)


def _value(leaves: Mapping[str, StateLeaf], like: StateLeaf) -> str | None:
    leaf = leaves.get(like.path)
    return None if leaf is None else leaf.value


def may_confirm(case: Case, reader: Played, question: Question, played: Iterable[Trial], place: str) -> bool:
    """Whether the replays up to now speak for ``place``, however few they are."""
    return _confirms(case, reader, question, played, place, repeats=1)


def _confirms(
    case: Case, reader: Played, question: Question, played: Iterable[Trial], place: str, *, repeats: int = REPEATS
) -> bool:
    """Put back, the answer is the fresh one there, and without that it is not; or it is another each time, as alone.

    What holds more than the value that came out, as a log does, need only be without that value.
    """
    trials = list(played)
    sequences = {each.indexes for each in trials if each.restored == (place,)}
    trials = [each for each in trials if each.indexes in sequences]
    groups = [
        column(texts(case, last_answers(each for each in trials if each.restored == restored)), question.path)
        for restored in ((), (place,))
    ]
    fresh = column(texts(case, case.controls(reader)), question.path)
    if min(map(len, groups)) < repeats or not fresh:
        return False
    as_it_was, put_back = groups
    return _are_other(question, as_it_was, put_back, fresh)


def _are_other(question: Question, as_it_was: Sequence[str], put_back: Sequence[str], fresh: Sequence[str]) -> bool:
    """Whether what came out is gone, and the answer fresh, once a place is put back."""
    if question.text and all(_shows(each, question.text) for each in as_it_was):
        return not any(_shows(each, question.text) for each in [*put_back, *fresh])
    return (separates(as_it_was, put_back) and not separates(put_back, fresh)) or frozen(as_it_was, [*put_back, *fresh])


def _shows(output: str, text: str) -> bool:
    return search(output, Marker("", text)) is not None


def _text_of(finding: Finding) -> str:
    """The value that was recognised."""
    seen = (each for one in finding.evidence if one.oracle == "marker" for each in one.observations)
    return next((each.text or "" for each in seen if each.condition.code == "value-sent"), "")


def _candidates(case: Case, reader: Played, first: str) -> tuple[str, ...]:
    """The innermost places, the first one before the rest, and after it what it is in.

    None where the reader found a new process: the probe that would put something back ended with the old one.
    """
    if _finds_a_new_process(case, reader):
        return ()
    changed = _changed(case, reader)
    around = [each.carrier for each in changed if first.startswith(each.carrier) and each.root != _FILE]
    names: dict[str, None] = {}
    for name in chain([first], around[:1], (case.name_of(each, reader) for each in changed)):
        if name and len(names) < PLACES_MAX and can_be_put_back(name):
            names[name] = None
    return tuple(names)


def _within(case: Case, reader: Played, finding: Finding) -> tuple[str, ...]:
    """The innermost places of a variable that was guessed and confirmed, as far as nobody has put them back."""
    seen = {each.output_path for each in finding.evidence if each.oracle == "xray"}
    place = finding.location.path if finding.location else ""
    held = [each for each in _changed(case, reader) if each.carrier == place and each.path in seen]
    names = dict.fromkeys(case.name_of(each, reader) for each in held)
    tried = _put_back(_trials(case, reader))
    return tuple(name for name in names if name != place and name not in tried)


def _put_back(trials: Iterable[Trial]) -> tuple[str, ...]:
    """Every place that was put back, in the order in which they were."""
    return tuple(dict.fromkeys(name for each in trials for name in each.restored))


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
