"""What each oracle looked at and what it did not: the verdict's small print. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.results.model import Check, Outcome
from sandbox_runner.verdict.facts import ran
from sandbox_runner.verdict.history import CONTROLS_MIN
from sandbox_runner.verdict.reverse_order import turned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.results.model import Finding
    from sandbox_runner.verdict.case import Case
    from sandbox_runner.verdict.facts import Played
    from sandbox_runner.verdict.marker_findings import Searched

NOBODY_FOLLOWED: Final = "No request followed another in the same environment, so nothing could be held over."
_SHOWN_MAX: Final = 10
# What a request can have come to after which the runtime goes on, and so a walk is due.
_WALKED: Final = (Outcome.SUCCESS, Outcome.FUNCTION_ERROR)


def checks(case: Case, found: Sequence[Finding], searched: Searched) -> tuple[Check, ...]:
    """A line for each oracle."""
    return (
        _marker_check(case, searched),
        _history_check(case),
        _interference_check(case, found),
        _xray_check(case),
        _carrier_check(case, found),
    )


def compared_readers(case: Case) -> list[int]:
    """The requests whose answers can be compared with enough fresh ones."""
    readers = case.facts.readers()
    return [reader.index for reader in readers if len(case.controls(reader)) >= CONTROLS_MIN]


def left_out(case: Case) -> list[int]:
    """The requests whose answers could have been compared, and were not because replays ended before."""
    compared = compared_readers(case)
    comparable = [each.index for each in case.facts.readers() if ran(each) and not timed_out(each)]
    return [index for index in comparable if index not in compared] if case.facts.stopped else []


def timed_out(request: Played) -> bool:
    """Whether it has no answer of the function's, and is never replayed: that would take the timeout each time."""
    return request.answer is not None and request.answer.outcome == Outcome.TIMEOUT


def disturbances(case: Case) -> tuple[str, ...]:
    """A sentence for each moment at which the probe was in the way of something, or something in its way.

    A walk that is due and missing is one too: user code may have ended the process before it.
    """
    found = []
    for name, sequence in case.facts.sequences.items():
        states = case.facts.states.get(name, {})
        for index in (0, *sequence) if states else ():
            moment = f"After request {index}" if index else "After init"
            if index not in states and case.facts.walked.get(index) in _WALKED:
                found.append(f"{moment}, no walk came.")
            elif index in states and states[index].disturbed:
                found.append(f"{moment}, {states[index].disturbed}.")
    return tuple(found)


def _interference_check(case: Case, found: Sequence[Finding]) -> Check:
    if not case.facts.readers():
        return Check(oracle="interference", done=False, detail=NOBODY_FOLLOWED)
    played = [each for each in case.facts.trials if each.purpose == "interference"]
    if not played:
        return Check(oracle="interference", done=False, detail=_nothing_changed(case, found))
    changed = {(change.index, change.leaf) for each in played for change in each.changes}
    readers = {each.indexes[-1] for each in played}
    proven = sum(each.confidence == "proven" for each in found)
    detail = (
        f"{_count(len(changed), 'value')} of earlier requests changed in {_count(len(played), 'replay')} before "
        f"request{'s' if len(readers) > 1 else ''} {_listed(sorted(readers))}; {_count(proven, 'leak')} proven."
    )
    unproven = sum(
        each.kind in ("answer-leak", "log-leak", "background-log") and each.confidence != "proven" for each in found
    )
    if unproven:
        detail += f" {_count(unproven, 'leak')} not proven."
    return Check(oracle="interference", done=True, detail=detail + _stopped(case))


def _carrier_check(case: Case, found: Sequence[Finding]) -> Check:
    played = [each for each in case.facts.trials if each.purpose == "carrier"]
    places = {name for each in played for name in each.restored}
    if not places:
        return Check(oracle="carrier", done=False, detail="No place had to be put back.")
    confirmed = sorted({each.location.path for each in found if each.carrier_confirmed and each.location})
    said = (
        f"confirmed: {', '.join(confirmed[:_SHOWN_MAX])}" if confirmed else "none of them alone makes an answer fresh"
    )
    detail = (
        f"{_count(len(places), 'place')} put back to the state after init in {_count(len(played), 'replay')}; {said}."
    )
    return Check(oracle="carrier", done=True, detail=detail)


def _nothing_changed(case: Case, found: Sequence[Finding]) -> str:
    if found or not compared_readers(case):
        return "No value was changed." + _stopped(case)
    return "No value had to be changed: no answer and no log that were compared depend on what ran before."


def _stopped(case: Case) -> str:
    stopped = case.facts.stopped
    return f" {stopped.played} of {stopped.wanted} replays were played: {stopped.why}." if stopped else ""


def _listed(indexes: Sequence[int]) -> str:
    return ", ".join(map(str, indexes[:_SHOWN_MAX])) + (" …" if len(indexes) > _SHOWN_MAX else "")


def _marker_check(case: Case, searched: Searched) -> Check:
    if not case.facts.readers():
        return Check(oracle="marker", done=False, detail=NOBODY_FOLLOWED)
    detail = (
        f"{_count(searched.values, 'value')} of earlier requests looked for in {_count(searched.outputs, 'answer')}"
    )
    cut = "; the search was cut short by its bound" if searched.cut else ""
    return Check(oracle="marker", done=True, detail=f"{detail} and the log lines with them{cut}.")


def _history_check(case: Case) -> Check:
    readers = case.facts.readers()
    if not readers:
        return Check(oracle="history", done=False, detail=NOBODY_FOLLOWED)
    compared = compared_readers(case)
    missing = [reader.index for reader in readers if reader.index not in compared]
    detail = f"{len(compared)} of {_count(len(readers), 'answer')} compared with fresh ones."
    if missing:
        detail += f" Not compared: request{'s' if len(missing) > 1 else ''} {_listed(missing)}."
    detail += _other_order(case)
    return Check(oracle="history", done=bool(compared), detail=detail + _stopped(case))


def _other_order(case: Case) -> str:
    """The same requests backwards; where the scenario's order shows a leak, they are not looked at."""
    if not case.facts.turned:
        return " The other order was not tried."
    readers = turned(case).facts.readers()
    return f" In the other order as well: {_count(len(readers), 'answer')} compared."


def _xray_check(case: Case) -> Check:
    states = case.facts.states
    walks = [state for of_environment in states.values() for state in of_environment.values()]
    if disturbed := disturbances(case):
        more = f" And at {len(disturbed) - 1} more." if len(disturbed) > 1 else ""
        detail = f"The probe was disturbed, so what it says of the state proves nothing. {disturbed[0]}{more}"
        return Check(oracle="xray", done=False, detail=detail)
    if not walks:
        why = "The state was not walked." if case.facts.readers() else NOBODY_FOLLOWED
        return Check(oracle="xray", done=False, detail=why)
    cut = sum(state.truncated for state in walks)
    wanted = sum(1 + len(sequence) for sequence in case.facts.sequences.values() if len(sequence) > 1)
    detail = f"State walked at {len(walks)} of {wanted} moments in {_count(len(states), 'environment')}"
    return Check(oracle="xray", done=True, detail=f"{detail}{f', {cut} of them cut short' if cut else ''}.")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
