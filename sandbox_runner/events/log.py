"""The event log of one run: stamps each record with its place and its times, keeps it, hands it on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from sandbox_runner.events.records import Event, Record

if TYPE_CHECKING:
    from sandbox_runner.clock import Clock

Sink: TypeAlias = Callable[[Event], None]


class EventLog:
    """Append-only. Times are microseconds since the log was made, which is when the run began.

    :param sink: called with every event as soon as it is appended, on the thread that appends.
    """

    def __init__(self, clock: Clock, sink: Sink | None = None) -> None:
        self._clock = clock
        self._sink = sink
        self._origin_us = clock.monotonic_us()
        self._skipped_us = 0
        self._events: list[Event] = []

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything appended so far, in order."""
        return tuple(self._events)

    def now_us(self) -> int:
        """Run time: microseconds since the run began."""
        return self._clock.monotonic_us() - self._origin_us

    def service_us(self) -> int:
        """Service time: run time and everything that was skipped."""
        return self.now_us() + self._skipped_us

    def skip(self, seconds: float) -> None:
        """Let service time run ahead of run time by that much more."""
        self._skipped_us += round(seconds * 1_000_000)

    def append(
        self,
        record: Record,
        *,
        environment: str | None = None,
        request_id: str | None = None,
        monotonic_us: int | None = None,
        at_us: int | None = None,
    ) -> Event:
        """Put ``record`` at the end of the log.

        :param monotonic_us: when it happened as the host's monotonic clock reads; now, where it is not given. What
            was observed before the run began (a sandbox that waited in a pool) is put at its beginning.
        :param at_us: the same in run time, for what was found out about an event that is in the log already.
        """
        if at_us is None:
            at_us = self.now_us() if monotonic_us is None else max(0, monotonic_us - self._origin_us)
        event = Event(
            seq=len(self._events) + 1,
            at_us=at_us,
            service_at_us=at_us + self._skipped_us,
            environment=environment,
            request_id=request_id,
            record=record,
        )
        self._events.append(event)
        if self._sink is not None:
            self._sink(event)
        return event
