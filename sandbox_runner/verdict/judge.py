"""The verdict: every oracle's findings, and what was checked and what was not. Pure.

It works on the events alone, so a stored run can be judged again, and a run that is still going on as far as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox_runner.messages import say
from sandbox_runner.results.model import Finding, Verdict
from sandbox_runner.verdict.checks import (
    all_failed,
    checks,
    compared_readers,
    disturbances,
    left_out,
    nothing_to_compare,
    same_values,
    timed_out_beside_probe,
    walk_cut_short,
)
from sandbox_runner.verdict.evidence.case import Case
from sandbox_runner.verdict.evidence.facts import ran, timed_out
from sandbox_runner.verdict.evidence.reading import read_facts
from sandbox_runner.verdict.findings.by_interference import all_leaks
from sandbox_runner.verdict.findings.by_peer import explained, unavailable
from sandbox_runner.verdict.findings.by_state import dependent, readers_of, retained, until_the_next
from sandbox_runner.verdict.findings.late_writers import late_line_of, late_lines, with_late_writers
from sandbox_runner.verdict.findings.load_failures import load_failure, not_prepared
from sandbox_runner.verdict.findings.reverse_order import in_other_order
from sandbox_runner.verdict.findings.service_passages import passages, values
from sandbox_runner.verdict.findings.stories import stories
from sandbox_runner.verdict.findings.unreachable import unreachable
from sandbox_runner.verdict.fingerprints import fingerprinted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Event, LateWork
    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import Check, Passage
    from sandbox_runner.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a run came to, the gravest finding first; ``passages`` are what came by way of AWS's services."""

    verdict: Verdict
    messages: tuple[Message, ...]
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]
    passages: tuple[Passage, ...] = ()


def judge(scenario: Scenario, events: Sequence[Event]) -> Judgement:
    """The verdict on what ``events`` say of ``scenario``."""
    case = Case(scenario, read_facts(scenario, events))
    leaked, searched = all_leaks(case)
    depending = explained(dependent(case, readers_of(leaked)), unavailable(case, events, readers_of(leaked)))
    turned = in_other_order(case, (*leaked, *depending))
    reported = {text for finding in (*leaked, *turned) for text in _names(finding)}
    found = (*leaked, *turned, *depending, *retained(case, reported))
    late = late_lines(events)
    written = with_late_writers(case, map(fingerprinted, found), late)
    found = stories(written, lambda finding: _late_line(finding, late))
    passed = passages(case)
    verdict, messages = _verdict(case, events, found)
    if passed and verdict == Verdict.CLEAN:
        compared, readers = len(compared_readers(case)), len(case.facts.readers())
        messages = (say("came-by-services", compared=compared, answers=readers, values=values(passed)),)
    return Judgement(verdict, messages, found, checks(case, found, passed, searched), passed)


def _late_line(finding: Finding, late: Sequence[LateWork]) -> tuple[int, int, str] | None:
    line = late_line_of(finding, late)
    return None if line is None else (line.started_by, line.ran_in, line.text)


def _names(finding: Finding) -> tuple[str, ...]:
    sent = [
        seen.text or ""
        for evidence in finding.evidence
        for seen in evidence.observations
        if seen.condition.code == "value-sent"
    ]
    return (*sent, *([finding.location.path] if finding.location else []))


def _verdict(case: Case, events: Sequence[Event], found: Sequence[Finding]) -> tuple[Verdict, tuple[Message, ...]]:
    if found:
        more = len(found) - 1
        tail = (say("more-findings", more=more),) if more else ()
        return found[0].grade, (*found[0].messages, *tail)
    if why := not_prepared(events) or _undetermined(case):
        return Verdict.UNDETERMINED, why
    if not case.facts.readers():
        return Verdict.NOTHING_TO_COMPARE, (nothing_to_compare(case), *unreachable(case))
    return Verdict.CLEAN, (
        *_clean(case),
        *same_values(case),
        *until_the_next(case),
        *all_failed(case),
        *unreachable(case),
    )


def _undetermined(case: Case) -> tuple[Message, ...]:
    """Why nothing can be said although nothing was found; empty where something can."""
    facts, readers, compared = case.facts, case.facts.readers(), len(compared_readers(case))
    requests = facts.requests.values()
    # A slow init may time out where a quicker one says what is wrong.
    if not any(ran(each) and not timed_out(each) for each in requests) and (failed := load_failure(case)):
        return *failed, *unreachable(case)
    if not any(map(ran, requests)):
        return (say("no-request-ran"),)
    if readers and all(map(timed_out, readers)):
        longest = max(case.function(each.function).timeout_s for each in readers)
        if not any(each.environment in facts.loaded for each in readers):
            return (say("none-loaded-in-time", seconds=longest),)
        return say("all-timed-out"), say("timeout-to-raise", seconds=longest)
    if readers and not compared:
        return (say("too-few-cold-starts" if facts.states or facts.alone else "not-replayed"),)
    return _in_part(case)


def _in_part(case: Case) -> tuple[Message, ...]:
    """Why answers that match are no proof; empty where they are one."""
    readers, stopped = case.facts.readers(), case.facts.stopped
    if stopped and left_out(case):
        return say("compared-in-part", compared=len(compared_readers(case)), answers=len(readers)), stopped.why
    if stopped and walk_cut_short(case):
        return *_clean(case), say("state-not-read"), stopped.why
    if readers and disturbances(case):
        return *_clean(case), *(all_failed(case) or (say("probe-disturbed"),))
    if readers and timed_out_beside_probe(case):
        return *_clean(case), *(all_failed(case) or (say("state-timed-out"),))
    return ()


def _clean(case: Case) -> tuple[Message, ...]:
    readers, compared = len(case.facts.readers()), len(compared_readers(case))
    if compared == readers:
        return (say("answers-match", answers=readers),)
    return (say("compared-answers-match", compared=compared, answers=readers),)
