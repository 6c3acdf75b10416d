"""The verdict: every oracle's findings, the gravest as a sentence, and what was checked and what was not. Pure.

It works on the events alone, so a stored run can be judged again, and a run that is still going on as far as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.results.model import Finding, Verdict
from sandbox_runner.verdict.case import Case
from sandbox_runner.verdict.checks import NOBODY_FOLLOWED, checks, compared_readers, disturbances, left_out, timed_out
from sandbox_runner.verdict.facts import ran, read_facts
from sandbox_runner.verdict.fingerprints import fingerprinted
from sandbox_runner.verdict.interference_findings import all_leaks
from sandbox_runner.verdict.late_writers import with_late_writers
from sandbox_runner.verdict.peer_findings import explained, unavailable
from sandbox_runner.verdict.reverse_order import in_other_order
from sandbox_runner.verdict.state_findings import dependent, readers_of, retained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import Check
    from sandbox_runner.scenario.model import Scenario

_NOTHING_SEEN: Final = "No value of one request was recognised in another's answer"
_DISTURBED: Final = "But the function disturbed the probe that looks at what is held, so it cannot be called clean."

_WHOLE: Final = {1: "The answer to the request that followed another is", 2: "Both answers are"}


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
    leaked, searched = all_leaks(case)
    depending = explained(dependent(case, readers_of(leaked)), unavailable(case, events, readers_of(leaked)))
    turned = in_other_order(case, (*leaked, *depending))
    reported = {text for finding in (*leaked, *turned) for text in _names(finding)}
    found = (*leaked, *turned, *depending, *retained(case, reported))
    found = tuple(with_late_writers(map(fingerprinted, found), events))
    return Judgement(*_verdict(case, found), findings=found, checks=checks(case, found, searched))


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
    if why := _undetermined(case):
        return Verdict.UNDETERMINED, why
    if not case.facts.readers():
        return Verdict.CLEAN, NOBODY_FOLLOWED
    return Verdict.CLEAN, _clean(case)


def _undetermined(case: Case) -> str:
    """Why nothing can be said although nothing was found; empty where something can."""
    facts, readers, compared = case.facts, case.facts.readers(), len(compared_readers(case))
    if not any(ran(request) for request in facts.requests.values()):
        return "No request reached the handler, so nothing can be said of what it holds over."
    if readers and all(map(timed_out, readers)):
        return "Every request that followed another timed out, so there was no answer to compare."
    if readers and not compared:
        why = "none was compared with enough fresh ones" if facts.states or facts.alone else "no replay was played"
        return f"{_NOTHING_SEEN}, but {why} to be sure."
    if facts.stopped and left_out(case):
        count = f"only {compared} of {len(readers)} answers"
        return f"{_NOTHING_SEEN}, but {count} could be compared: {facts.stopped.why}."
    return f"{_clean(case)} {_DISTURBED}" if readers and disturbances(case) else ""


def _clean(case: Case) -> str:
    readers, compared = len(case.facts.readers()), len(compared_readers(case))
    if compared == readers:
        which = _WHOLE.get(readers, f"All {readers} answers are")
    else:
        which = f"Of {readers} answers, the " + ("one that was" if compared == 1 else f"{compared} that were")
        which += " compared is" if compared == 1 else " compared are"
    return f"{which} the same as in a fresh environment, and no value of one request came out in another."
