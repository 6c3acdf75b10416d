"""Records what a scenario's peers saw in the event log, within one limit for the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from sandbox_runner.events.records import PeerEvent
from sandbox_runner.limits import KB, PEER_EVENTS_MAX
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from sandbox_runner.events.log import EventLog

What: TypeAlias = Literal["connected", "refused", "received", "sent", "closed-by-peer", "closed-by-client"]

_TEXT_BYTES_MAX: Final = KB


class PeerRecord:
    """Records what one peer saw. Over the limit, events are only counted, and the last one carries the count."""

    def __init__(self, log: EventLog, peer: str, events_max: int = PEER_EVENTS_MAX) -> None:
        self._log = log
        self._peer = peer
        self._left = events_max
        self._left_out = 0
        self._last: tuple[str, PeerEvent] | None = None

    def note(
        self, environment: str, connection: int, what: What, data: bytes = b"", *, monotonic_us: int | None = None
    ) -> None:
        """Record one event; ``monotonic_us`` is its time on the host's clock, now by default."""
        text = well_formed(data[:_TEXT_BYTES_MAX].decode("utf-8", "replace"))
        event = PeerEvent(peer=self._peer, connection=connection, what=what, bytes=len(data), text=text)
        if self._left > 0:
            self._left -= 1
            self._log.append(event, environment=environment, monotonic_us=monotonic_us)
        else:
            self._left_out += 1
            self._last = environment, event

    def settle(self) -> None:
        """At the end, record the last event that was left out, with the count."""
        if self._last is not None:
            environment, event = self._last
            self._log.append(event.model_copy(update={"left_out": self._left_out - 1}), environment=environment)
            self._last, self._left_out = None, 0
