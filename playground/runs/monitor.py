"""The threads beside each running run: one keeps its claim alive and notices that it should end, one passes events on.

They are two so that a broker that hangs costs no heartbeat, and a database that hangs no event. Neither ends before the
run does: what one of them fails at is tried again.
"""

from __future__ import annotations

import logging
import threading
import time
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self, TypeAlias

from django.utils import timezone

from playground.experiments.models import WORKING, Run, Status
from playground.infrastructure.patience import AWAY, renew
from playground.runs.live_stream import LivePublisher
from sandbox_runner.cancellation import Cancellation
from sandbox_runner.events.records import ReplayStarted

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from redis import Redis

    from playground.experiments.models import RunQuerySet
    from sandbox_runner.events.records import Event

_LOG: Final = logging.getLogger(__name__)
FLUSH_S: Final = 0.1
LOOK_S: Final = 0.5
BEAT_S: Final = 3.0
# A process that was stopped, or a machine that slept, does not use up the run's time.
GAP_MAX_S: Final = 5.0

EndReason: TypeAlias = Literal["cancelled", "overdue", "lost", "released"]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a run: ``token`` is in the run's ``claimed_by`` for as long as it stands."""

    run_id: str
    token: str


class Watch:
    """Watches over one claimed run while the block lasts.

    :param limit_s: after that long the run is asked to end, whatever it is doing.
    :param clock: seconds that never go back.
    """

    def __init__(
        self, claim: Claim, redis: Redis, *, limit_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.cancellation = Cancellation()
        self.end_reason: EndReason | None = None
        self.publisher = LivePublisher(redis, claim.run_id, claim.token)
        self._claim = claim
        self._limit_s = limit_s
        self._clock = clock
        self._is_proving = self._said_proving = False
        self._is_away = False
        self._lived_s = 0.0
        self._looked_at = clock()
        # At once: getting here may have taken long.
        self._beats_at = clock()
        self._over = threading.Event()
        self._threads = (self._beside(self._watch, "watch"), self._beside(self._stream, "stream"))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def sink(self, event: Event) -> None:
        """Takes every event of the run, on the thread that plays it."""
        self._is_proving = self._is_proving or isinstance(event.record, ReplayStarted)
        self.publisher.add(event)

    @property
    def observed(self) -> tuple[Event, ...]:
        """The run's events so far."""
        return self.publisher.events

    def end(self, reason: EndReason) -> None:
        """Ask the run to end; the first reason counts."""
        self.end_reason = self.end_reason or reason
        self.cancellation.cancel()

    def _beside(self, work: Callable[[], None], what: str) -> threading.Thread:
        # What is logged there says the run's id, as here.
        target = copy_context().run
        return threading.Thread(target=target, args=(work,), name=f"{what}-{self._claim.run_id}", daemon=True)

    def _stream(self) -> None:
        self._go_on(self.publisher.begin)
        while not self._over.wait(FLUSH_S):
            self._go_on(self.publisher.flush)

    def _watch(self) -> None:
        try:
            self._go_on(self._look)
            while not self._over.wait(LOOK_S):
                self._go_on(self._look)
        finally:
            renew()

    def _go_on(self, work: Callable[[], object]) -> None:
        """Do it. Whatever goes wrong, the thread goes on: without it nobody could end the run."""
        try:
            work()
        except AWAY as error:
            renew()
            if not self._is_away:
                _LOG.warning("The run is played on without the database (%s).", type(error).__name__)
            self._is_away = True
        except Exception:  # noqa: BLE001 - whatever it is, the run's claim needs this thread
            _LOG.exception("What watches over the run failed; it is tried again.")

    def _look(self) -> None:
        """Beat first: after a gap that is what keeps the claim."""
        now = self._clock()
        self._lived_s += min(now - self._looked_at, GAP_MAX_S)
        self._looked_at = now
        if self._lived_s > self._limit_s:
            self.end("overdue")
        if now >= self._beats_at:
            self._beat()
            self._beats_at = now + BEAT_S
        self._look_for_a_wish_to_end()
        if self._is_proving and not self._said_proving:
            self._say_proving()
        self._is_away = False

    def _beat(self) -> None:
        """Another claim's stream that this one finds in its place is taken back: it is this claim that stands."""
        if not self._own(*WORKING).update(heartbeat_at=timezone.now()):
            self.end("lost")
        elif self.publisher.is_taken:
            self.publisher.take_back()

    def _look_for_a_wish_to_end(self) -> None:
        row = self._own(*WORKING).values_list("cancel_requested_at", flat=True).first()
        if row is not None:
            self.end("cancelled")

    def _say_proving(self) -> None:
        if self._own(Status.RUNNING).update(status=Status.PROVING):
            self.publisher.note(Status.PROVING)
        self._said_proving = True

    def _own(self, *statuses: str) -> RunQuerySet:
        return Run.objects.filter(pk=self._claim.run_id, claimed_by=self._claim.token, status__in=statuses)
