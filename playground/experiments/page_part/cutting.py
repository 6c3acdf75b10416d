"""Cuts a result to what a page may be made from, so that no page costs more than a bound, whatever ran. Pure.

A result that is within every bound comes out as it went in. The bounds are those of the pages or a little above.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from playground.experiments.page_part.left_out import NOTHING, Attempts, LeftOut
from playground.experiments.page_part.state import cut_state
from sandbox_runner.events.records import LogWritten, ReplayAnswered, ReplayStarted, StateCaptured

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import (
        AsynchronousResult,
        EnvironmentResult,
        Finding,
        InvocationResult,
        RunResult,
    )

T = TypeVar("T")

# As many as the steps of a scenario. A row takes a millisecond; a picture of more environments is none.
ATTEMPTS_MAX: Final = 200
ENVIRONMENTS_MAX: Final = 60
# Of one environment.
SPANS_MAX: Final = 600
FINDINGS_MAX: Final = 40
PAIRS_MAX: Final = 20
# Of all payloads and answers together; each has at least the second.
TEXTS_MAX: Final = 400_000
TEXT_AT_LEAST: Final = 1_000
# The log of the run, and those of its requests.
LOG_LINES_MAX: Final = 3_000
LOG_CHARACTERS_MAX: Final = 600_000
REQUEST_LINES_MAX: Final = 1_000
REQUEST_CHARACTERS_MAX: Final = 300_000
# Records of the event log, without those that no page reads.
RECORDS_MAX: Final = 4_000
RECORDS_CHARACTERS_MAX: Final = 600_000
# What pages take from the result's own log, and what only a page of a run that goes on shows.
_UNREAD: Final = (LogWritten, ReplayStarted, ReplayAnswered)


@dataclass(frozen=True, slots=True)
class PagePart:
    """What pages show of a result, and what they have to say is missing."""

    result: RunResult
    left_out: LeftOut


def cut(result: RunResult) -> PagePart:
    """The part of ``result`` that pages show."""
    findings, pairs = _findings(result.findings)
    attempts, environments = _chosen(result, findings)
    length = _text_length(attempts)
    invocations, request_lines = _with_short_logs([_short(one, length) for one in attempts])
    events, records, places, moments = _events(result, attempts, environments, length)
    log = _first(result.log, LOG_LINES_MAX, LOG_CHARACTERS_MAX, lambda entry: len(entry.line))
    indexes = {one.index for one in attempts}
    is_whole = len(attempts) == len(result.invocations) and len(environments) == len(result.environments)
    left = LeftOut(
        attempts=None
        if is_whole
        else Attempts(len(attempts), len(result.invocations), len(environments), len(result.environments)),
        log_lines=len(result.log) - len(log),
        findings=len(result.findings) - len(findings),
        pairs=pairs,
        records=records,
        text_characters=length,
        request_lines=request_lines,
        places=places,
        moments=moments,
        readers=_readers_left_out(result.findings, indexes) if pairs else {},
    )
    if left == NOTHING:
        return PagePart(result, NOTHING)
    changed: dict[str, Any] = {
        "findings": findings,
        "invocations": tuple(invocations),
        "environments": tuple(_with_spans_of(one, attempts) for one in environments),
        "events": events,
        "log": log,
        "asynchronous": tuple(_short_records(one, length) for one in result.asynchronous if one.index in indexes),
    }
    return PagePart(result.model_copy(update=changed), left)


def _first(items: Sequence[T], most: int, characters: int, size: Callable[[T], int]) -> tuple[T, ...]:
    """As many from the beginning as are within both bounds."""
    found = 0
    for one in items[:most]:
        characters -= size(one)
        if characters < 0:
            break
        found += 1
    return tuple(items[:found])


# --- what is chosen -------------------------------------------------------------------------------------------------


def _findings(findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], int]:
    """The gravest, each with some of its pairs; and how many pairs that leaves out."""
    kept = tuple(
        one.model_copy(update={"pairs": one.pairs[:PAIRS_MAX]}) if len(one.pairs) > PAIRS_MAX else one
        for one in findings[:FINDINGS_MAX]
    )
    return kept, sum(max(0, len(one.pairs) - PAIRS_MAX) for one in findings[:FINDINGS_MAX])


def _readers_left_out(findings: Sequence[Finding], indexes: Collection[int]) -> dict[str, int]:
    """By the request, of ``indexes``, the number of the finding that has its pair and not on the page."""
    found: dict[str, int] = {}
    for number, one in enumerate(findings[:FINDINGS_MAX], 1):
        for pair in one.pairs[PAIRS_MAX:]:
            if pair.reader and pair.reader.invocation in indexes:
                found.setdefault(str(pair.reader.invocation), number)
    return found


def _chosen(
    result: RunResult, findings: Sequence[Finding]
) -> tuple[list[InvocationResult], tuple[EnvironmentResult, ...]]:
    """Attempts in their order, those of findings before all others; and the environments, theirs before all others."""
    told = {at for one in findings for at in _requests_of(one)}
    wanted = sorted(result.invocations, key=lambda one: one.index not in told)
    environments: dict[str, None] = {}
    kept = set()
    for one in wanted[:ATTEMPTS_MAX]:
        if one.environment is None or one.environment in environments or len(environments) < ENVIRONMENTS_MAX:
            kept.add((one.index, one.attempt))
            if one.environment is not None:
                environments[one.environment] = None
    for other in result.environments:
        if len(environments) < ENVIRONMENTS_MAX:
            environments[other.id] = None
    return (
        [one for one in result.invocations if (one.index, one.attempt) in kept],
        tuple(one for one in result.environments if one.id in environments),
    )


def _requests_of(finding: Finding) -> set[int]:
    parties = (finding.writer, finding.reader)
    return {one.invocation for one in parties if one is not None} | set(finding.reproduces_with)


# --- its texts ------------------------------------------------------------------------------------------------------


def _text_length(attempts: Sequence[InvocationResult]) -> int:
    """How many characters each payload and answer may have; 0: all of them fit as they are."""
    if sum(len(one.payload) + len(one.response) for one in attempts) <= TEXTS_MAX:
        return 0
    return max(TEXT_AT_LEAST, TEXTS_MAX // (2 * len(attempts)))


def _short(one: InvocationResult, length: int) -> InvocationResult:
    if not length or max(len(one.payload), len(one.response)) <= length:
        return one
    return one.model_copy(update={"payload": one.payload[:length], "response": one.response[:length]})


def _short_records(one: AsynchronousResult, length: int) -> AsynchronousResult:
    """What its destination and its dead-letter queue got, whose parts are payloads and answers."""
    if not length:
        return one
    records = {name: getattr(one, name) for name in ("destination", "dead_letter")}
    return one.model_copy(
        update={
            name: {key: _short_value(value, length) for key, value in record.items()}
            for name, record in records.items()
            if record
        }
    )


def _short_value(value: Any, length: int) -> Any:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= length else text[:length]


def _with_short_logs(attempts: list[InvocationResult]) -> tuple[list[InvocationResult], dict[str, int]]:
    """The beginning of each one's log, unless all of them together fit; and how many lines that leaves out of which."""
    lines = sum(len(one.log) for one in attempts)
    characters = sum(len(line) for one in attempts for line in one.log)
    if lines <= REQUEST_LINES_MAX and characters <= REQUEST_CHARACTERS_MAX:
        return attempts, {}
    most, room = max(10, REQUEST_LINES_MAX // len(attempts)), max(2_000, REQUEST_CHARACTERS_MAX // len(attempts))
    short = [one.model_copy(update={"log": _first(one.log, most, room, len)}) for one in attempts]
    left_out = {
        f"{one.index}.{one.attempt}": len(whole.log) - len(one.log)
        for whole, one in zip(attempts, short, strict=True)
        if len(whole.log) > len(one.log)
    }
    return short, left_out


# --- what happened --------------------------------------------------------------------------------------------------


def _with_spans_of(one: EnvironmentResult, attempts: Iterable[InvocationResult]) -> EnvironmentResult:
    """The environment with the spans of these attempts, and those of no request that follow one of them."""
    requests = {each.request_id for each in attempts}
    kept, follows = [], True
    for span in one.spans:
        if span.request_id is not None:
            follows = span.request_id in requests
        if follows:
            kept.append(span)
    return one.model_copy(update={"spans": tuple(kept[:SPANS_MAX])}) if len(kept) < len(one.spans) else one


def _events(
    result: RunResult, attempts: Sequence[InvocationResult], environments: Sequence[EnvironmentResult], length: int
) -> tuple[tuple[Event, ...], int, dict[str, int], dict[str, int]]:
    """The records that pages read; how many of those that is not, and which places and moments of the state."""
    events: Iterable[Event] = (one for one in result.events if not isinstance(one.record, _UNREAD))
    if len(attempts) < len(result.invocations) or len(environments) < len(result.environments):
        indexes = {one.index for one in attempts}
        requests = {one.request_id for one in attempts}
        names = {one.id for one in environments}
        events = (one for one in events if _is_of(one, indexes, requests, names))
    short, places, moments = cut_state([_short_event(one, length) for one in events], result.findings)
    kept: list[Event] = []
    characters, left_out = RECORDS_CHARACTERS_MAX, 0
    for one in short:
        size = 0 if isinstance(one.record, StateCaptured) else _size(one)
        if len(kept) < RECORDS_MAX and size <= characters:
            characters -= size
            kept.append(one)
        else:
            left_out += 1
    return tuple(kept), left_out, places, moments


def _is_of(
    event: Event, indexes: Collection[int], requests: Collection[str | None], environments: Collection[str]
) -> bool:
    """Whether it is about one of these attempts or environments, or about the run."""
    index = getattr(event.record, "index", None)
    if isinstance(index, int):
        return index in indexes
    if event.request_id is not None:
        return event.request_id in requests
    return event.environment is None or event.environment in environments


def _short_event(event: Event, length: int) -> Event:
    texts = {name: value for name, value in event.record if isinstance(value, str) and len(value) > length}
    if not length or not texts:
        return event
    record = event.record.model_copy(update={name: value[:length] for name, value in texts.items()})
    return event.model_copy(update={"record": record})


def _size(event: Event) -> int:
    return sum(len(value) for _, value in event.record if isinstance(value, str))
