"""The verdict: every oracle's findings, the gravest as a sentence, and what was checked and what was not. Pure.

It works on the events alone, so a stored run can be judged again, and a run that is still going on as far as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.leaks.case import Case
from sandbox_runner.leaks.facts import ran, read_facts
from sandbox_runner.leaks.history import CONTROLS_MIN
from sandbox_runner.leaks.marker_findings import leaks
from sandbox_runner.leaks.state_findings import dependent, retained
from sandbox_runner.results import Check, Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events import Event
    from sandbox_runner.leaks.facts import Facts
    from sandbox_runner.leaks.marker_findings import Searched
    from sandbox_runner.scenario import Scenario

_NOBODY_FOLLOWED: Final = "No request followed another in the same environment, so nothing could be held over."
_LATER: Final = "Not played yet in this version."


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a run came to, the gravest finding first."""

    verdict: Verdict
    sentence: str
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]


def judge(scenario: Scenario, events: Sequence[Event]) -> Judgement:
    """The verdict on what ``events`` say of ``scenario``."""
    case = Case(scenario, read_facts(scenario, events))
    leaked, searched = leaks(case)
    reported = {text for finding in leaked for text in _names(finding)}
    found = (
        *leaked,
        *dependent(case, {each.reader.invocation for each in leaked if each.reader and each.kind == "answer-leak"}),
        *retained(case, reported),
    )
    return Judgement(*_verdict(case, found), findings=found, checks=_checks(case, searched))


def _names(finding: Finding) -> tuple[str, ...]:
    sent = [
        text
        for evidence in finding.evidence
        for condition, text in evidence.values_by_condition.items()
        if condition.endswith(" sent")
    ]
    return (*sent, *([finding.location.path] if finding.location else []))


def _verdict(case: Case, found: Sequence[Finding]) -> tuple[Verdict, str]:
    if found:
        more = len(found) - 1
        tail = f" And {more} more finding{'s' if more > 1 else ''}." if more else ""
        return found[0].grade, found[0].sentence + tail
    facts = case.facts
    if not any(ran(request) for request in facts.requests.values()):
        return Verdict.UNDETERMINED, "No request reached the handler, so nothing can be said of what it holds over."
    if not facts.readers():
        return Verdict.CLEAN, _NOBODY_FOLLOWED
    compared = len(_compared(case))
    if not compared and not facts.states:
        sentence = "No value of one request was recognised in another's answer, but no replay was played to be sure."
        return Verdict.UNDETERMINED, sentence
    return Verdict.CLEAN, _clean(facts, compared)


def _clean(facts: Facts, compared: int) -> str:
    readers = len(facts.readers())
    if compared == readers:
        which = "The answer to the request that followed another is" if readers == 1 else f"All {readers} answers are"
    else:
        which = f"Of {readers} answers, the {compared} that were compared are"
    return f"{which} the same as in a fresh environment, and no value of one request came out in another."


def _compared(case: Case) -> list[int]:
    readers = case.facts.readers()
    return [reader.index for reader in readers if len(case.controls(reader)) >= CONTROLS_MIN]


def _checks(case: Case, searched: Searched) -> tuple[Check, ...]:
    return (
        _marker_check(case, searched),
        _history_check(case),
        _xray_check(case),
        Check(oracle="interference", done=False, detail=_LATER),
        Check(oracle="carrier", done=False, detail=_LATER),
    )


def _marker_check(case: Case, searched: Searched) -> Check:
    if not case.facts.readers():
        return Check(oracle="marker", done=False, detail=_NOBODY_FOLLOWED)
    detail = (
        f"{_count(searched.values, 'value')} of earlier requests looked for in {_count(searched.outputs, 'answer')}"
    )
    cut = "; the search was cut short by its bound" if searched.cut else ""
    return Check(oracle="marker", done=True, detail=f"{detail} and the log lines with them{cut}.")


def _history_check(case: Case) -> Check:
    readers, stopped = case.facts.readers(), case.facts.stopped
    if not readers:
        return Check(oracle="history", done=False, detail=_NOBODY_FOLLOWED)
    compared = _compared(case)
    missing = [str(reader.index) for reader in readers if reader.index not in compared]
    detail = f"{len(compared)} of {_count(len(readers), 'answer')} compared with fresh ones."
    if missing:
        which = ", ".join(missing[:10]) + (" …" if len(missing) > 10 else "")
        detail += f" Not compared: request{'s' if len(missing) > 1 else ''} {which}."
    if stopped is not None:
        detail += f" {stopped.played} of {stopped.wanted} replays were played: {stopped.why}."
    return Check(oracle="history", done=bool(compared), detail=detail)


def _xray_check(case: Case) -> Check:
    states = case.facts.states
    walks = [state for of_environment in states.values() for state in of_environment.values()]
    if not walks:
        why = "The state was not walked." if case.facts.readers() else _NOBODY_FOLLOWED
        return Check(oracle="xray", done=False, detail=why)
    cut = sum(state.truncated for state in walks)
    wanted = sum(1 + len(sequence) for sequence in case.facts.sequences.values() if len(sequence) > 1)
    detail = f"State walked at {len(walks)} of {wanted} moments in {_count(len(states), 'environment')}"
    return Check(oracle="xray", done=True, detail=f"{detail}{f', {cut} of them cut short' if cut else ''}.")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
