"""The thread beside each running run: passes its events on, keeps its claim alive, notices that it should end."""

from __future__ import annotations

import threading
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

from django.db import connection
from django.utils import timezone

from playground.experiments.live_stream import LivePublisher
from playground.experiments.models import WORKING, Run, Status
from sandbox_runner.cancellation import Cancellation
from sandbox_runner.events import ReplayStarted

if TYPE_CHECKING:
    from types import TracebackType

    from redis import Redis

    from playground.experiments.models import RunQuerySet
    from sandbox_runner.events import Event

FLUSH_S: Final = 0.1
LOOK_S: Final = 0.5
BEAT_S: Final = 3.0

EndReason: TypeAlias = Literal["cancelled", "overdue", "lost", "released"]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a run: ``token`` is in the run's ``claimed_by`` for as long as it stands."""

    run_id: str
    token: str


class Watch:
    """Watches over one claimed run while the block lasts.

    :param limit_s: after that long the run is asked to end, whatever it is doing.
    """

    def __init__(self, claim: Claim, redis: Redis, *, limit_s: float) -> None:
        self.cancellation = Cancellation()
        self.end_reason: EndReason | None = None
        self.publisher = LivePublisher(redis, claim.run_id)
        self._claim = claim
        self._limit_s = limit_s
        self._events: list[Event] = []
        self._over = threading.Event()
        # What is logged there says the run's id, as here.
        target = copy_context().run
        self._thread = threading.Thread(target=target, args=(self._watch,), name=f"watch-{claim.run_id}", daemon=True)

    def __enter__(self) -> Self:
        self.publisher.begin()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def sink(self, event: Event) -> None:
        """Takes every event of the run, on the thread that plays it."""
        self._events.append(event)
        self.publisher.add(event)

    @property
    def observed(self) -> tuple[Event, ...]:
        """The run's events so far."""
        return tuple(self._events)

    def end(self, reason: EndReason) -> None:
        """Ask the run to end; the first reason counts."""
        self.end_reason = self.end_reason or reason
        self.cancellation.cancel()

    def _watch(self) -> None:
        lived_s = 0.0
        try:
            while not self._over.wait(FLUSH_S):
                lived_s += FLUSH_S
                self._pass_on()
                if self._due(lived_s, LOOK_S):
                    self._look()
                if self._due(lived_s, BEAT_S):
                    self._beat()
                if lived_s > self._limit_s:
                    self.end("overdue")
        finally:
            connection.close()

    @staticmethod
    def _due(lived_s: float, every_s: float) -> bool:
        return lived_s % every_s < FLUSH_S

    def _pass_on(self) -> None:
        events = self.publisher.flush()
        if any(isinstance(event.record, ReplayStarted) for event in events):
            self._say_proving()

    def _say_proving(self) -> None:
        if self._own(Status.RUNNING).update(status=Status.PROVING):
            self.publisher.mark(Status.PROVING)

    def _look(self) -> None:
        row = self._own(*WORKING).values_list("cancel_requested_at", flat=True).first()
        if row is not None:
            self.end("cancelled")

    def _beat(self) -> None:
        if not self._own(*WORKING).update(heartbeat_at=timezone.now()):
            self.end("lost")

    def _own(self, *statuses: str) -> RunQuerySet:
        return Run.objects.filter(pk=self._claim.run_id, claimed_by=self._claim.token, status__in=statuses)
