"""What made a request, what it led to, and the messages and records that it got. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import N_, _, ngettext
from playground.run_page.timeline.request_paths import row_anchor
from playground.run_page.workflows.anchors import execution_anchor
from playground.text import labels
from playground.text.display_text import readable
from sandbox_runner.events.records import MessagesHandled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.events.records import Cause, Event
    from sandbox_runner.results.model import InvocationResult

# Requests that were made by one request.
CALLED_MAX: Final = 100


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


def cause_of(one: InvocationResult, invocations: Iterable[InvocationResult]) -> CalledBy | None:
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


def led_to(one: InvocationResult, made_here: Sequence[InvocationResult], *, is_last: bool) -> tuple[CalledRequest, ...]:
    """Those that it made, told by the time; after the last attempt, those of its destination and of its messages."""
    made = [each for each in made_here if each.called_by == one.index]
    until = one.answered_us if one.answered_us is not None else one.arrived_us
    own = [each for each in made if one.arrived_us <= each.arrived_us <= max(until, one.arrived_us)]
    shown = own if one.invocation_type == "event" else made
    if is_last:
        shown = [*shown, *(each for each in made_here if each.cause and each.cause.request == one.index)]
    return tuple(CalledRequest(_called_words(each), row_anchor(each)) for each in shown[:CALLED_MAX])


def messages_of(one: InvocationResult, events: Iterable[Event]) -> tuple[CalledRequest, ...]:
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
