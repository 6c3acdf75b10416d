"""The replays that a proof which was cut short has left, as far as that can be known, and how long they take. Pure.

What an answer turns out to be decides what is asked next, so this counts what will be asked in any case, and for each
open question what it usually takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import ReplayAnswered, ReplayStarted
from sandbox_runner.events.times_alone import times_alone
from sandbox_runner.verdict.evidence.case import Case
from sandbox_runner.verdict.evidence.error_bound import ECHOED_MIN, REPEATS
from sandbox_runner.verdict.evidence.planning import BATCHES, first_plan, second_plan, walks_again
from sandbox_runner.verdict.evidence.reading import read_facts
from sandbox_runner.verdict.evidence.suspects import recognised, unrecognised
from sandbox_runner.verdict.findings.by_interference import all_leaks
from sandbox_runner.verdict.findings.by_state import readers_of
from sandbox_runner.verdict.findings.carriers import REPEATS as CARRIED
from sandbox_runner.verdict.findings.carriers import questions
from sandbox_runner.verdict.findings.reverse_order import turned_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox_runner.results.model import Finding, RunResult

# What a replay takes beside its requests: files are written, and the sandbox is wiped.
_BESIDE_S: Final = 0.05
_UNBOUNDED: Final = 1_000_000
# All leaves of earlier requests at once, then each half of them.
_SEARCH: Final = 8

Indexes = tuple[int, ...]


def replays_left(result: RunResult) -> tuple[Indexes, ...]:
    """The requests of each of them."""
    case = Case(result.scenario, read_facts(result.scenario, result.events))
    return tuple(_planned(case))


def seconds_for(result: RunResult, replays: Iterable[Indexes], used_s: float) -> float:
    """How long these take, played as those that were played in ``used_s``; one after the other where none was."""
    alone = times_alone(result.events)
    played = sum(_alone_s(alone, each) for each in _played(result))
    pace = used_s / played if played else 1.0
    return pace * sum(_alone_s(alone, each) for each in replays)


def _planned(case: Case) -> Iterator[Indexes]:
    facts = case.facts
    first, _ = first_plan(facts, _UNBOUNDED)
    yield from (each.indexes for each in (*first, *walks_again(facts)))
    found, _ = all_leaks(case)
    yield from _to_prove(case, found)
    yield from _to_place(case, found)
    leaking = readers_of(found)
    for batch in BATCHES:
        yield from (each.indexes for each in second_plan(facts, leaking, batch))
    if not found:
        yield from (each.indexes for each in turned_plan(facts))


def _to_prove(case: Case, found: Sequence[Finding]) -> Iterator[Indexes]:
    """Replays of both kinds for what is recognised; a search for what is not."""
    proven = [each for each in found if each.confidence == "proven"]
    known = {(each.writer.invocation, each.reader.invocation) for each in proven if each.writer and each.reader}
    for target in recognised(case, found):
        pair = (target.writer, target.reader)
        if pair not in known:
            yield from [pair] * (2 * ECHOED_MIN)
    # One search mostly explains the others.
    for reader in () if proven else unrecognised(case, found)[:1]:
        yield from [(*case.facts.before(reader.index), reader.index)] * (_SEARCH + 2 * REPEATS)


def _to_place(case: Case, found: Sequence[Finding]) -> Iterator[Indexes]:
    """Replays with and without putting back the first place that is asked about; of a walk that has not been, one."""
    asked = questions(case, found)
    for question in asked[:1]:
        yield from [question.indexes] * (2 * CARRIED)
    unseen = [each for each in found if each.reader and not _is_walked(case, each.reader.invocation)]
    for finding in unseen[:1]:
        if finding.writer and finding.reader:
            yield from [(finding.writer.invocation, finding.reader.invocation)] * (2 * CARRIED)


def _is_walked(case: Case, reader: int) -> bool:
    return bool(case.facts.states.get(case.facts.requests[reader].environment or ""))


def _played(result: RunResult) -> Iterator[Indexes]:
    over = {each.record.replay for each in result.events if isinstance(each.record, ReplayAnswered)}
    for event in result.events:
        if isinstance(event.record, ReplayStarted) and event.record.replay in over:
            yield event.record.indexes


def _alone_s(alone: dict[int, float], indexes: Indexes) -> float:
    return _BESIDE_S + alone.get(0, 0.0) + sum(alone.get(index, 0.0) for index in indexes)
