"""What the environments of a live session hold, as far as they were looked at. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox_runner.events.records import SessionWalked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playground.run_page.state_table import StateTableRow, XrayTable
    from sandbox_runner.events.records import Event


def with_states(events: Sequence[Event]) -> Sequence[Event]:
    """The events with what was seen of the environments as if it was from a proof."""
    return [
        event.model_copy(update={"record": event.record.state}) if isinstance(event.record, SessionWalked) else event
        for event in events
    ]


def live_tables(tables: Iterable[XrayTable], leads_to: str) -> tuple[XrayTable, ...]:
    """The tables for a page that has no findings yet: what stands for all of them is at ``leads_to``."""
    return tuple(
        replace(one, rows=_leading(one.rows, leads_to), folded=_leading(one.folded, leads_to)) for one in tables
    )


def _leading(rows: Iterable[StateTableRow], leads_to: str) -> tuple[StateTableRow, ...]:
    return tuple(replace(row, anchor=leads_to if row.anchor else "") for row in rows)
