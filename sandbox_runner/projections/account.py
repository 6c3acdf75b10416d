"""The account of a run: what changed in it, and what it held in the end. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.events.records import AccountChanged, AccountHeld
from sandbox_runner.results.parts import AccountChanges, AccountResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Event


def account_result(events: Sequence[Event]) -> AccountResult | None:
    """Nothing where the run had no account, or ended before anybody looked at what it held."""
    held = next((each.record for each in reversed(events) if isinstance(each.record, AccountHeld)), None)
    if held is None:
        return None
    changed = ((each.at_us, each.record) for each in events if isinstance(each.record, AccountChanged))
    return AccountResult(
        things=held.things,
        things_in_all=held.things_in_all,
        changes=tuple(
            AccountChanges(at_us=at_us, during=each.during, changes=each.changes, left_out=each.left_out)
            for at_us, each in changed
        ),
        lost=held.lost,
    )
