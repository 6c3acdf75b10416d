"""The calls that one attempt made to AWS's services, as they unfold below its row. Pure.

Every text of them is what a function sent, or was answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import _, ngettext
from playground.text import labels
from playground.text.aws_calls import by_lambda, placed
from playground.text.display_text import Pieces, readable, visible
from playground.text.payloads import pretty
from sandbox_runner.events.account_calls import place_of
from sandbox_runner.events.records import AccountCalled, RequestArrived
from sandbox_runner.events.secret_values import with_secrets_blanked
from sandbox_runner.limits import ACCOUNT_TEXT_CHARACTERS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import InvocationResult

# Calls below one request.
CALLS_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call. ``remarks`` are what sets it apart; the two last say what was cut off its texts."""

    anchor: str
    what: Pieces
    place: Pieces
    error: Pieces
    status_code: int
    took_ms: str
    remarks: str
    parameters: Pieces
    answer: Pieces
    parameters_cut: str = ""
    answer_cut: str = ""


@dataclass(frozen=True, slots=True)
class StepCall:
    """A call by somebody outside the functions, as a row among the requests."""

    principal: str
    call: CallRow


@dataclass(frozen=True, slots=True)
class Calls:
    """Those of one attempt. ``more`` says how many are not among the rows."""

    rows: tuple[CallRow, ...] = ()
    more: str = ""


def calls_of(one: InvocationResult, events: Iterable[Event], *, is_first: bool, is_last: bool = True) -> Calls:
    """The calls of an attempt, and after the last one at a request those of Lambda itself.

    :param is_first: whether this is the first attempt in its environment, which has the calls of the init.
    :param is_last: whether this is the last attempt at its request.
    """
    found = [
        (event, event.record)
        for event in events
        if isinstance(event.record, AccountCalled)
        and (
            (
                event.environment == one.environment
                and (event.request_id == one.request_id or _of_init(event, is_first=is_first))
            )
            or (bool(event.record.by_lambda) and is_last and event.request_id == one.request_id)
        )
    ]
    found.sort(key=lambda each: each[0].at_us)
    rows = tuple(_row(event, record) for event, record in found[:CALLS_MAX])
    left = sum(record.left_out for _event, record in found) + max(0, len(found) - CALLS_MAX)
    more = ngettext("%(n)s more call is not shown.", "%(n)s more calls are not shown.", left) % {"n": f"{left:,}"}
    return Calls(rows, more if left else "")


def calls_between(events: Iterable[Event]) -> dict[int, tuple[StepCall, ...]]:
    """The calls of the scenario's own steps, each by the index of the scenario's request after it."""
    found: dict[int, list[StepCall]] = {}
    came = 0
    for event in events:
        record = event.record
        if isinstance(record, RequestArrived) and record.is_of_scenario:
            came = max(came, record.index)
        elif isinstance(record, AccountCalled) and record.step is not None:
            found.setdefault(came + 1, []).append(StepCall(readable(record.principal), _row(event, record)))
    return {index: tuple(calls) for index, calls in found.items()}


def call_anchor(event: Event) -> str:
    """The address of a call on its page."""
    return f"call-{event.seq}"


def _of_init(event: Event, *, is_first: bool) -> bool:
    return event.request_id is None and is_first


def _row(event: Event, called: AccountCalled) -> CallRow:
    call = with_secrets_blanked(called)
    remarks = [_("in init")] if event.request_id is None and call.step is None else []
    if call.by_lambda:
        remarks.append(by_lambda(call))
    if call.is_ours:
        remarks.append(_("our stand-in for the service failed; neither AWS nor your code did"))
    if call.region:
        remarks.append(readable(call.region))
    if call.attempt > 1:
        remarks.append(_("the SDK's attempt %(number)s") % {"number": call.attempt})
    if call.left_out:
        remarks.append(_("the last of those that are not shown"))
    return CallRow(
        anchor=call_anchor(event),
        what=visible(f"{call.service} {call.operation}"),
        place=visible(placed(place_of(call)).removeprefix(", ")),
        error=visible(call.error),
        status_code=call.status_code,
        took_ms=labels.milliseconds(call.took_us / 1000),
        remarks=", ".join(remarks),
        parameters=pretty(call.parameters),
        answer=pretty(call.answer),
        parameters_cut=_cut(call.parameters, call.request_bytes),
        answer_cut=_cut(call.answer, call.answer_bytes),
    )


def _cut(text: str, in_all: int) -> str:
    """What is not shown of something that had so many bytes; empty where all of it is."""
    if len(text) < ACCOUNT_TEXT_CHARACTERS_MAX:
        return ""
    return _("The first %(characters)s characters; it had %(size)s in all.") % {
        "characters": f"{ACCOUNT_TEXT_CHARACTERS_MAX:,}",
        "size": labels.size(in_all),
    }
