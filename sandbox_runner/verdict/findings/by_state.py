"""What is held without having come out: answers that depend on history, and values that stay. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code.process_state import ends_by_itself
from sandbox_runner.messages import say
from sandbox_runner.results.model import Evidence, Finding, Location, Outcome, Verdict
from sandbox_runner.verdict.evidence.case import Carried, held, made, observed, reader_of, seen_held, writer_of
from sandbox_runner.verdict.evidence.history import confirmed_difference
from sandbox_runner.verdict.evidence.xray import carrier_of_difference, holders
from sandbox_runner.verdict.findings import wording
from sandbox_runner.verdict.findings.carriers import carrier
from sandbox_runner.verdict.texts.markers import contains

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sandbox_runner.events.records import StateCaptured, StateLeaf
    from sandbox_runner.messages import Message
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played
    from sandbox_runner.verdict.evidence.history import Difference
    from sandbox_runner.verdict.texts.markers import Marker

FINDINGS_MAX: Final = 50
# One short word in lower case, as stages, regions and plans are written.
_LIKE_A_CHOICE = re.compile(r"[a-z]{1,16}(?:[-_][a-z]{1,12})?\d?\Z")


def readers_of(leaked: Iterable[Finding]) -> frozenset[int]:
    """The requests whose answer is known to hold another's data."""
    return frozenset(each.reader.invocation for each in leaked if each.reader and each.kind == "answer-leak")


def dependent(case: Case, leaked_readers: Collection[int]) -> tuple[Finding, ...]:
    """A finding for each answer that is another than alone, where no leak says so already."""
    found: list[Finding] = []
    for reader in case.facts.readers():
        if reader.index in leaked_readers or reader.answer is None or reader.answer.outcome == Outcome.TIMEOUT:
            continue
        again = case.facts.again.get(reader.index, ())
        what = confirmed_difference(reader.answer, again, case.controls(reader), case.facts.at_epoch_ms)
        if what is not None and len(found) < FINDINGS_MAX:
            found.append(_dependent(case, reader, what, repeats=1 + len(again)))
    # Where others were played again and none of those differed then, it was the clock or chance for all of them.
    refuted = bool(case.facts.again) and all(finding.evidence[0].repeats == 1 for finding in found)
    return () if refuted else tuple(found)


def _dependent(case: Case, reader: Played, what: Difference, *, repeats: int) -> Finding:
    before = case.facts.before(reader.index)
    states = case.facts.states.get(reader.environment or "", {})
    guessed = carrier_of_difference(states, before, reader.index, what.after, what.alone)
    carried = carrier(case, reader, what.path, guessed)
    place = carried.leaf if carried else None
    lines = case.lines(place, reader)
    compared = Evidence(
        oracle="history",
        output_path=what.path,
        observations=(
            observed(say("after-what-ran-before"), what.after),
            observed(say("cold-start"), what.alone),
        ),
        repeats=repeats,
    )
    return Finding(
        kind="history-dependent",
        grade=Verdict.HISTORY_DEPENDENT,
        **case.of_function(reader),
        location=case.location(carried),
        writer=writer_of(case.facts.requests[before[0]]) if len(before) == 1 else None,
        reader=reader_of(reader, what.path),
        evidence=(compared, *held(place, states, (*before, reader.index))),
        carrier_confirmed=carried is not None and carried.confirmed,
        severity="info",
        confidence="strong" if repeats > 1 else "suspected",
        truncated=any(state.truncated for state in states.values()),
        sources=lines.all,
        messages=(
            wording.depends(case, reader, what),
            *(wording.carried_by(case.location(carried), lines) if carried else ()),
        ),
        reproduces_with=(*before, reader.index) if repeats > 1 else (),
    )


def retained(case: Case, reported: Collection[str]) -> tuple[Finding, ...]:
    """A finding for each place that still holds one principal's value after another's request.

    :param reported: texts of markers and paths of places that a leak names already.
    """
    found: dict[str, Finding] = {}
    for environment, states in case.facts.states.items():
        sequence = case.facts.sequences.get(environment, ())
        for writer, later, marker in _foreign_pairs(case, sequence, states):
            if marker.text in reported or len(found) >= FINDINGS_MAX:
                continue
            for place in _still_held(states, states[later.index], marker):
                where = _where(case, place, later)
                if where.path not in reported and where.path not in found:
                    found[where.path] = _retained(case, writer, later, marker, place)
    return tuple(found.values())


def until_the_next(case: Case) -> tuple[Message, ...]:
    """The first place that held one principal's value until another's request came, which found and replaced it.

    Whoever resets at the beginning of a request keeps what the last one sent until then. That is no finding.
    """
    for environment, states in case.facts.states.items():
        for writer, later, marker in _foreign_pairs(case, case.facts.sequences.get(environment, ()), states):
            before = case.facts.before(later.index)[-1]
            place = next(_still_held(states, states[before], marker), None) if before in states else None
            if place is not None:
                return (wording.held_until(case, writer, later, marker.path, _where(case, place, later)),)
    return ()


def _foreign_pairs(
    case: Case, sequence: Sequence[int], states: Mapping[int, StateCaptured]
) -> Iterator[tuple[Played, Played, Marker]]:
    """Each value with the first request of another principal after which there was a walk."""
    for position, index in enumerate(sequence):
        writer = case.facts.requests[index]
        others = (case.facts.requests[other] for other in sequence[position + 1 :] if other in states)
        later = next((other for other in others if other.principal != writer.principal), None)
        if later is not None:
            own = case.own(later.principal)
            yield from (
                (writer, later, marker)
                for marker in case.markers(index)
                if not marker.part and not any(contains(own, text.lower()) for text in made(marker.text)[:1])
            )


def _still_held(states: Mapping[int, StateCaptured], state: StateCaptured, marker: Marker) -> Iterator[StateLeaf]:
    fresh = {leaf.path: leaf.value for leaf in states[0].leaves} if 0 in states else {}
    for place in holders(state, marker):
        if fresh.get(place.path) != place.value and not _is_keyed_by_choice(place, marker) and not _is_weak(place):
            yield place


def _is_weak(place: StateLeaf) -> bool:
    """An entry of a WeakMap keeps nothing alive, and a timer that fires once is gone then: both are only there yet."""
    return ".get(…" in place.path or ends_by_itself(place.carrier)


def _is_keyed_by_choice(place: StateLeaf, marker: Marker) -> bool:
    """A cache keyed by a stage or a region hands its entry to whoever asks for the same; the key is nobody's secret."""
    return bool(_LIKE_A_CHOICE.match(marker.text)) and contains(place.path.removeprefix(place.carrier), marker.text)


def _where(case: Case, place: StateLeaf, later: Played) -> Location:
    found = case.location(Carried(place, case.name_of(place, later)))
    assert found is not None
    return found


def _retained(case: Case, writer: Played, later: Played, marker: Marker, place: StateLeaf) -> Finding:
    lines, where = case.lines(place, later, marker.path), _where(case, place, later)
    return Finding(
        kind="retained",
        grade=Verdict.RETAINED,
        **case.of_function(later),
        location=where,
        writer=writer_of(writer, marker.path),
        evidence=seen_held(place, later.index),
        severity="low" if _LIKE_A_CHOICE.match(marker.text) else "medium",
        confidence="suspected",
        truncated=place.truncated,
        sources=lines.all,
        messages=(wording.retained(case, writer, later, marker.path), *wording.held_in(where, lines)),
    )
