"""The calls that one attempt made to AWS's services, as they unfold below its row. Pure.

Every text of them is what a function sent, or was answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import _, ngettext
from playground.text import labels
from playground.text.display_text import Pieces, visible
from playground.text.payloads import pretty
from sandbox_runner.events.records import AccountCalled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import InvocationResult

# Calls below one request.
CALLS_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call. ``remarks`` are what sets it apart, as a sentence's parts."""

    what: Pieces
    error: Pieces
    status_code: int
    took_ms: str
    remarks: str
    parameters: Pieces
    answer: Pieces


@dataclass(frozen=True, slots=True)
class Calls:
    """Those of one attempt. ``more`` says how many are not among the rows."""

    rows: tuple[CallRow, ...] = ()
    more: str = ""


def calls_of(one: InvocationResult, events: Iterable[Event], *, is_first: bool) -> Calls:
    """The calls of an attempt; those of an init belong to the first attempt in that environment.

    :param is_first: whether this is that.
    """
    found = [
        (event, event.record)
        for event in events
        if isinstance(event.record, AccountCalled)
        and event.environment == one.environment
        and (event.request_id == one.request_id or (event.request_id is None and is_first))
    ]
    found.sort(key=lambda each: each[0].at_us)
    rows = tuple(_row(record, in_init=event.request_id is None) for event, record in found[:CALLS_MAX])
    left = sum(record.left_out for _event, record in found) + max(0, len(found) - CALLS_MAX)
    more = ngettext("%(n)s more call is not shown.", "%(n)s more calls are not shown.", left) % {"n": f"{left:,}"}
    return Calls(rows, more if left else "")


def _row(call: AccountCalled, *, in_init: bool) -> CallRow:
    remarks = [_("in init")] if in_init else []
    if call.attempt > 1:
        remarks.append(_("the SDK's attempt %(number)s") % {"number": call.attempt})
    if call.left_out:
        remarks.append(_("the last of those that are not shown"))
    return CallRow(
        what=visible(f"{call.service} {call.operation}"),
        error=visible(call.error),
        status_code=call.status_code,
        took_ms=labels.milliseconds(call.took_us / 1000),
        remarks=", ".join(remarks),
        parameters=pretty(call.parameters),
        answer=pretty(call.answer),
    )
