"""What the environments of a live session hold, as far as they were looked at. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.events.records import SessionWalked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Event


def with_states(events: Sequence[Event]) -> Sequence[Event]:
    """The events with what was seen of the environments as if it was from a proof."""
    return [
        event.model_copy(update={"record": event.record.state}) if isinstance(event.record, SessionWalked) else event
        for event in events
    ]
