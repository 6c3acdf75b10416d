"""The table of requests: a row for each attempt, with everything that unfolds below it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from playground.experiments.page_part.left_out import NOTHING, LeftOut
from playground.i18n.marking import N_, _, ngettext
from playground.run_page.account_state import Changes, changes_of
from playground.run_page.callers.colours import caller_colours
from playground.run_page.calls import Calls, StepCall, calls_between, calls_of
from playground.run_page.faults import AskedFault, asked_fault, faults_of
from playground.run_page.request_words import RowWords, row_words
from playground.run_page.streamed import StreamedRow, shown_answer, streamed_row
from playground.run_page.timeline.request_paths import row_anchor
from playground.run_page.timeline.time_range import range_text
from playground.run_page.workflows.anchors import execution_anchor
from playground.text import labels
from playground.text.display_text import Pieces, log_line, readable, visible
from playground.text.late_labels import late_sentence
from playground.text.page_room import PageRoom
from playground.text.payloads import pretty, short
from sandbox_runner.events.records import AccountCalled, LateWork, MessagesHandled
from sandbox_runner.projections.log import TAIL_BYTES, log_tail
from sandbox_runner.results.model import Outcome
from sandbox_runner.results.pairs import apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from playground.run_page.timeline.duration_breakdown import HiddenInit
    from sandbox_runner.events.records import Cause, Event
    from sandbox_runner.results.model import AsynchronousResult, Finding, InvocationResult, RunResult
    from sandbox_runner.results.parts import AccountResult, Truncated
    from sandbox_runner.scenario.field_types import Fault

# Sentences about late work below one request.
LATE_MAX: Final = 20
# Requests that were made by one request.
CALLED_MAX: Final = 100
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
class CalledBy:
    """What made a request that is none of the scenario's: its words, and where that is; nowhere for module code."""

    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class CalledRequest:
    """A request that another one led to, or a message that one led to; nowhere where nobody knows which sent it."""

    words: str
    anchor: str


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
                called=_called(attempt, made, is_last=is_last),
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
        called_by=_called_by(one, shown.invocations),
        messages=_messages(one, shown.events),
        streamed=streamed_row(one),
    )


_SENT_BY: Final = {
    "sns": N_("notification of the topic %(function)s"),
    "s3": N_("notification of the bucket %(function)s"),
    "eventbridge": N_("event by the rule %(function)s"),
}


_STREAMS: Final = frozenset({"dynamodb", "kinesis"})


def _records_words(count: int) -> tuple[str, str]:
    """Of a table's stream, and of one of Kinesis's."""
    return (
        ngettext("%(n)s record of the table %(function)s", "%(n)s records of the table %(function)s", count),
        ngettext("%(n)s record of the stream %(function)s", "%(n)s records of the stream %(function)s", count),
    )


def _called_by(one: InvocationResult, invocations: Iterable[InvocationResult]) -> CalledBy | None:
    """Which request, and which attempt at it: the last that had begun by then."""
    if one.called_by is None and one.cause is None:
        return None
    if one.called_by == 0:
        return CalledBy(_("called by module code"), "")
    by = one.cause.request if one.cause else one.called_by
    if one.cause and one.cause.kind == "workflow":
        return CalledBy(_cause_words(one.cause), execution_anchor(one.cause.execution))
    begun = [each for each in invocations if each.index == by and each.arrived_us <= one.arrived_us]
    words = _cause_words(one.cause) if one.cause else _("called by request %(number)s") % {"number": by}
    if not begun:
        return CalledBy(words, "")
    again = _(" attempt %(attempt)s") % {"attempt": begun[-1].attempt} if begun[-1].attempt > 1 else ""
    return CalledBy(words + again, row_anchor(begun[-1]))


def _cause_words(cause: Cause) -> str:
    words = {"number": cause.request, "function": readable(cause.name)}
    if cause.kind in _SENT_BY:
        sent = _(_SENT_BY[cause.kind]) % words
        return sent + (_(" because of request %(number)s") % words if cause.request else "")
    if cause.kind in _STREAMS:
        words["n"] = f"{len(cause.messages):,}"
        times = max((each.received for each in cause.messages), default=1)
        again = _(", attempt %(times)s") % {"times": f"{times:,}"} if times > 1 else ""
        of_table, of_stream = _records_words(len(cause.messages))
        return (of_table if cause.kind == "dynamodb" else of_stream) % words + again
    if cause.kind == "queue":
        words["n"] = f"{len(cause.messages):,}"
        of_queue = ngettext(
            "%(n)s message of the queue %(function)s", "%(n)s messages of the queue %(function)s", len(cause.messages)
        )
        often = max((each.received for each in cause.messages), default=1)
        again = _(", reception %(times)s") % {"times": f"{often:,}"} if often > 1 else ""
        return of_queue % words + again
    if cause.kind == "workflow":
        words["state"] = readable(cause.state)
        return _("state %(state)s of %(function)s") % words
    if cause.kind == "on-success":
        return _("destination of %(function)s after the success of request %(number)s") % words
    return _("destination of %(function)s after the failure of request %(number)s") % words


def _called(
    one: InvocationResult, made_here: Sequence[InvocationResult], *, is_last: bool
) -> tuple[CalledRequest, ...]:
    """Those that it made, told by the time; after the last attempt, those of its destination and of its messages."""
    made = [each for each in made_here if each.called_by == one.index]
    until = one.answered_us if one.answered_us is not None else one.arrived_us
    own = [each for each in made if one.arrived_us <= each.arrived_us <= max(until, one.arrived_us)]
    shown = own if one.invocation_type == "event" else made
    if is_last:
        shown = [*shown, *(each for each in made_here if each.cause and each.cause.request == one.index)]
    return tuple(CalledRequest(_called_words(each), row_anchor(each)) for each in shown[:CALLED_MAX])


def _messages(one: InvocationResult, events: Iterable[Event]) -> tuple[CalledRequest, ...]:
    """Those of its batch: which, received for the how-manieth time, who sent each, and what became of it."""
    if one.cause is None:
        return ()
    ended = [
        each.record for each in events if isinstance(each.record, MessagesHandled) and each.record.index == one.index
    ]
    deleted = {message for record in ended for message in record.deleted}
    found = []
    for each in one.cause.messages[:CALLED_MAX]:
        words = {"id": readable(each.id), "times": f"{each.received:,}", "number": each.request}
        is_record = one.cause.kind in _STREAMS
        said = [(_("%(id)s, attempt %(times)s") if is_record else _("%(id)s, reception %(times)s")) % words]
        if each.request:
            said.append((_("written by request %(number)s") if is_record else _("sent by request %(number)s")) % words)
        if ended and is_record:
            said.append(_("done with") if each.id in deleted else _("failed"))
        elif ended:
            said.append(_("deleted") if each.id in deleted else _("stays in the queue"))
        anchor = f"request-{each.request}" if each.request else ""
        found.append(CalledRequest(", ".join(said), anchor))
    return tuple(found)


def _called_words(one: InvocationResult) -> str:
    words = {"number": one.index, "function": readable(one.function or ""), "outcome": labels.OUTCOMES[one.outcome]}
    return _("request %(number)s to %(function)s: %(outcome)s") % words


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
