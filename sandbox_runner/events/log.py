"""The event log of a run: numbers and timestamps each record, stores it and passes it on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from sandbox_runner.events.kept_answers import KeptAnswers
from sandbox_runner.events.records import Event, Record, RequestAnswered

if TYPE_CHECKING:
    from sandbox_runner.clock import Clock

Sink: TypeAlias = Callable[[Event], None]


class EventLog:
    """Append-only. Times are microseconds since the log was created, which is the start of the run.

    :param sink: called with every event once it is appended, on the appending thread.
    :ivar began_epoch_ms: the wall clock at its time 0.
    :param before: the first events of the run, if it goes on: time goes on at the last of them.
    """

    def __init__(self, clock: Clock, sink: Sink | None = None, *, before: Sequence[Event] = ()) -> None:
        self._clock = clock
        self._sink = sink
        already_us = max((each.at_us for each in before), default=0)
        self._origin_us = clock.monotonic_us() - already_us
        self.began_epoch_ms = clock.epoch_ms() - already_us // 1000
        self._skipped_us = max((each.service_at_us - each.at_us for each in before), default=0)
        self._events: list[Event] = list(before)
        self._answers = KeptAnswers()

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything appended so far, in order."""
        return tuple(self._events)

    def now_us(self) -> int:
        """Run time: microseconds since the run began."""
        return self._clock.monotonic_us() - self._origin_us

    def service_us(self) -> int:
        """Service time: run time plus everything that was skipped."""
        return self.now_us() + self._skipped_us

    def epoch_us(self, event: Event) -> int:
        """When one of its events happened, in microseconds since 1970."""
        return self.began_epoch_ms * 1000 + event.at_us

    def skip(self, seconds: float) -> None:
        """Advance service time by that much more than run time."""
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
        """Append ``record``, with as much of an answer as the log still has room for.

        :param monotonic_us: when it happened by the host's monotonic clock, now by default. Events from before the run
            (of a sandbox that waited in a pool) are placed at its start.
        :param at_us: the same in run time, for something learned later about an event that is in the log already.
        """
        if at_us is None:
            at_us = self.now_us() if monotonic_us is None else max(0, monotonic_us - self._origin_us)
        event = Event(
            seq=len(self._events) + 1,
            at_us=at_us,
            service_at_us=at_us + self._skipped_us,
            environment=environment,
            request_id=request_id,
            record=self._answers.fitted(record) if isinstance(record, RequestAnswered) else record,
        )
        self._events.append(event)
        if self._sink is not None:
            self._sink(event)
        return event
