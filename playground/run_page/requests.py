"""The table of requests: a row for each attempt, with everything that unfolds below it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from playground.experiments.page_part.left_out import NOTHING, LeftOut
from playground.i18n.marking import _, ngettext
from playground.run_page.account_state import Changes, changes_of
from playground.run_page.callers.colours import caller_colours
from playground.run_page.calls import Calls, StepCall, calls_between, calls_of
from playground.run_page.faults import AskedFault, asked_fault, faults_of
from playground.run_page.request_parts.causes import cause_of, led_to, messages_of
from playground.run_page.request_parts.streamed import StreamedRow, shown_answer, streamed_row
from playground.run_page.request_parts.words import RowWords, row_words
from playground.run_page.timeline.request_paths import row_anchor
from playground.run_page.timeline.time_range import range_text
from playground.text import labels
from playground.text.display_text import Pieces, log_line, readable, visible
from playground.text.late_labels import late_sentence
from playground.text.page_room import PageRoom
from playground.text.payloads import pretty, short
from sandbox_runner.events.records import AccountCalled, LateWork
from sandbox_runner.projections.log import TAIL_BYTES, log_tail
from sandbox_runner.results.model import Outcome
from sandbox_runner.results.pairs import apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from playground.run_page.request_parts.causes import CalledBy, CalledRequest
    from playground.run_page.timeline.duration_breakdown import HiddenInit
    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import AsynchronousResult, Finding, InvocationResult, RunResult
    from sandbox_runner.results.parts import AccountResult, Truncated
    from sandbox_runner.scenario.field_types import Fault

# Sentences about late work below one request.
LATE_MAX: Final = 20
# Lines of the log and about how many characters of markup the rows have together; the log of the page has more.
LINES_MAX: Final = 1_000
MARKUP_MAX: Final = 300_000
# A row shows as many, however many rows there are.
ROW_LINES_MIN: Final = 10


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One attempt at one request; figures are texts without their unit, as the REPORT line prints them."""

    anchor: str
    index: int
    attempt: int
    asynchronous: bool
    principal: str
    start: str
    outcome: str
    failed: bool
    error_type: Pieces
    answer: Pieces
    answer_full: Pieces
    payload: Pieces
    status_code: int
    duration_ms: str
    billed_ms: str
    init_ms: str
    memory_mb: str
    environment: str
    request_id: str
    tail: Pieces
    cuts: tuple[str, ...]
    hidden: HiddenInit | None
    late: tuple[str, ...]
    calls: Calls
    changes: Changes
    ended: str
    records: tuple[tuple[str, Pieces], ...]
    fault: AskedFault | None
    finding_anchor: str
    tone: str
    lasted: str
    function: str
    called_by: CalledBy | None
    called: tuple[CalledRequest, ...] = ()
    messages: tuple[CalledRequest, ...] = ()
    log: tuple[Pieces, ...] = ()
    log_left_out: int = 0
    colour: int = 0
    streamed: StreamedRow | None = None
    before: tuple[StepCall, ...] = ()
    after: tuple[StepCall, ...] = ()

    @property
    def words(self) -> RowWords:
        """What the row says in words."""
        return row_words(self)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the rows are made from."""

    invocations: tuple[InvocationResult, ...]
    findings: tuple[Finding, ...] = ()
    asynchronous: tuple[AsynchronousResult, ...] = ()
    late: tuple[LateWork, ...] = ()
    events: tuple[Event, ...] = ()
    hidden: tuple[HiddenInit, ...] = ()
    account: AccountResult | None = None
    left_out: LeftOut = NOTHING
    faults: Mapping[int, Fault] = field(default_factory=dict)

    @classmethod
    def of_result(cls, result: RunResult, hidden: tuple[HiddenInit, ...], left_out: LeftOut = NOTHING) -> Shown:
        """Everything that a finished run has for them."""
        late = tuple(event.record for event in result.events if isinstance(event.record, LateWork))
        shown = result.invocations, result.findings, result.asynchronous, late, result.events, hidden
        return cls(*shown, account=result.account, left_out=left_out, faults=faults_of(result.scenario))


def request_rows(shown: Shown) -> tuple[RequestRow, ...]:
    """A row for each attempt; one that was answered with what others left points at the finding.

    Calls of the scenario's own steps are beside the rows between which they were made.
    """
    read: dict[int, tuple[str, str]] = {}
    for number, finding in enumerate(shown.findings, 1):
        tone = labels.TONES[finding.grade][0]
        for one in apart(finding):
            if one.reader:
                read.setdefault(one.reader.invocation, (f"finding-{number}", tone))
    for index, number in shown.left_out.readers.items():
        tone = labels.TONES[shown.findings[number - 1].grade][0]
        read.setdefault(int(index), (f"finding-{number}", tone))
    last = {one.index: one.attempt for one in shown.invocations}
    called = tuple(event for event in shown.events if isinstance(event.record, AccountCalled))
    made = tuple(each for each in shown.invocations if each.attempt == 1 and (each.cause or each.called_by is not None))
    served: set[str] = set()
    colours = caller_colours(shown.invocations)
    room = PageRoom(LINES_MAX, MARKUP_MAX)
    rows = []
    for attempt in shown.invocations:
        is_first = attempt.environment is not None and attempt.environment not in served
        served.add(attempt.environment or "")
        is_last = attempt.attempt == last[attempt.index]
        calls = calls_of(attempt, called, is_first=is_first, is_last=is_last)
        row = _request(attempt, read.get(attempt.index, ("", "")), shown, last[attempt.index], calls)
        log = _log(attempt.log, room, max(ROW_LINES_MIN, LINES_MAX // len(shown.invocations)))
        more = shown.left_out.of_attempt(attempt.index, attempt.attempt)
        rows.append(
            replace(
                row,
                colour=colours[attempt.principal],
                log=log,
                log_left_out=more + len(attempt.log) - len(log),
                called=led_to(attempt, made, is_last=is_last),
                # The end of a log that is not all there is not its end.
                tail=() if more else row.tail,
            )
        )
    return _with_step_calls(rows, calls_between(shown.events))


def _with_step_calls(rows: Sequence[RequestRow], between: Mapping[int, tuple[StepCall, ...]]) -> tuple[RequestRow, ...]:
    placed = [
        replace(row, before=between[row.index]) if _is_of_a_step(row) and row.index in between else row for row in rows
    ]
    last = max((at for at, row in enumerate(rows) if row.called_by is None), default=None)
    if last is not None and rows[last].index + 1 in between:
        placed[last] = replace(placed[last], after=between[rows[last].index + 1])
    return tuple(placed)


def _is_of_a_step(row: RequestRow) -> bool:
    return row.attempt == 1 and row.called_by is None


def _request(one: InvocationResult, reads: tuple[str, str], shown: Shown, last: int, calls: Calls) -> RequestRow:
    whole = next((a for a in shown.asynchronous if a.index == one.index), None)
    ended = whole if whole and one.attempt == last else None
    return RequestRow(
        anchor=row_anchor(one),
        index=one.index,
        attempt=one.attempt,
        asynchronous=one.invocation_type == "event",
        principal=readable(one.principal),
        start=labels.STARTS[one.start],
        outcome=labels.OUTCOMES[one.outcome],
        failed=one.outcome not in (Outcome.SUCCESS, Outcome.NOT_PLAYED),
        error_type=visible(one.error_type or ""),
        answer=short(shown_answer(one)),
        answer_full=pretty(shown_answer(one)),
        payload=pretty(one.payload),
        status_code=one.status_code,
        duration_ms=labels.milliseconds(one.duration_ms),
        billed_ms=labels.milliseconds(one.billed_duration_ms),
        init_ms=labels.milliseconds(one.init_duration_ms),
        memory_mb=labels.milliseconds(one.max_memory_used_mb),
        environment=one.environment or labels.NOTHING,
        request_id=one.request_id or labels.NOTHING,
        tail=_tail(one.log),
        cuts=_cuts(one.truncated),
        hidden=next((each for each in shown.hidden if each.anchor == row_anchor(one)), None),
        late=_late(one, shown.late),
        calls=calls,
        changes=changes_of(shown.account, one),
        ended=_ended(ended) if ended else "",
        records=_records(ended) if ended else (),
        fault=asked_fault(shown.faults.get(one.index)),
        finding_anchor=reads[0],
        tone=reads[1],
        lasted=range_text(one.arrived_us, one.answered_us) if one.answered_us is not None else "",
        function=readable(one.function or ""),
        called_by=cause_of(one, shown.invocations),
        messages=messages_of(one, shown.events),
        streamed=streamed_row(one),
    )


def _log(lines: tuple[str, ...], room: PageRoom, most: int) -> tuple[Pieces, ...]:
    return tuple(takewhile(room.takes, (log_line(line) for line in lines[:most])))


def _tail(lines: tuple[str, ...]) -> Pieces:
    """The log's last 4 KB as its caller could ask for them; empty where that is all of it."""
    if sum(len(line.encode("utf-8", "replace")) + 1 for line in lines) <= TAIL_BYTES:
        return ()
    return log_line(log_tail(lines))


def _late(one: InvocationResult, late: Iterable[LateWork]) -> tuple[str, ...]:
    """What came out here of others, and what of this one came out elsewhere."""
    own = (late_sentence(each) for each in late if one.index in (each.ran_in, each.started_by))
    return tuple(dict.fromkeys(own))[:LATE_MAX]


def _ended(one: AsynchronousResult) -> str:
    """What became of an asynchronous request, all attempts together."""
    tried = labels.attempts(one.attempts)
    throttled = ""
    if one.throttles:
        times = ngettext(", throttled %(n)s time", ", throttled %(n)s times", one.throttles)
        throttled = times % {"n": f"{one.throttles:,}"}
    what = labels.CONDITIONS_OF_END.get(one.condition or "", one.condition or "")
    return _("The caller got status %(status_code)s and an empty body at once. %(tried)s%(throttled)s; %(what)s.") % {
        "status_code": one.status_code,
        "tried": tried,
        "throttled": throttled,
        "what": what,
    }


def _records(one: AsynchronousResult) -> tuple[tuple[str, Pieces], ...]:
    """What a destination and a dead-letter queue would have got."""
    kind = "On-success" if one.condition == "Success" else "On-failure"
    found = []
    if one.destination is not None:
        found.append(
            (
                _("%(kind)s destination's record") % {"kind": kind},
                pretty(json.dumps(one.destination, ensure_ascii=False)),
            )
        )
    if one.dead_letter is not None:
        found.append((_("Dead-letter queue's message"), pretty(json.dumps(one.dead_letter, ensure_ascii=False))))
    return tuple(found)


def _cuts(truncated: Truncated) -> tuple[str, ...]:
    found: list[str] = []
    if truncated.log_lines or truncated.log_bytes:
        lines = ngettext("%(n)s log line", "%(n)s log lines", truncated.log_lines) % {"n": f"{truncated.log_lines:,}"}
        found.append(
            _("%(lines)s (%(log_bytes)s) were cut at the source: over the caps of a phase.")
            % {"lines": lines, "log_bytes": labels.size(truncated.log_bytes)}
        )
    if truncated.response_bytes:
        found.append(
            _("%(response_bytes)s of the answer were left out of the result.")
            % {"response_bytes": labels.size(truncated.response_bytes)}
        )
    return tuple(found)
