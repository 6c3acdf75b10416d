"""Two threads beside each active run: one keeps its claim alive and watches for requests to end, one forwards events.

They are separate so that a hanging broker costs no heartbeat, and a hanging database no event. Both last as long as the
run and retry whatever fails.
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
# Time in which a process was stopped or a machine slept does not count as the run's.
GAP_MAX_S: Final = 5.0

EndReason: TypeAlias = Literal["cancelled", "overdue", "lost", "released"]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a run: ``token`` is in the run's ``claimed_by`` while the claim is valid."""

    run_id: str
    token: str


class Watch:
    """Monitors a claimed run within the block.

    :param limit_s: the run is cancelled after this time, whatever it is doing.
    :param clock: monotonic seconds.
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
        # What was wished for while the run waited holds from its first event.
        self._go_on(self._look)
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
        """Receives every event of the run, on the thread that plays it."""
        self._is_proving = self._is_proving or isinstance(event.record, ReplayStarted)
        self.publisher.add(event)

    @property
    def observed(self) -> tuple[Event, ...]:
        """The run's events so far."""
        return self.publisher.events

    def end(self, reason: EndReason) -> None:
        """Cancel the run; the first reason counts."""
        self.end_reason = self.end_reason or reason
        self.cancellation.cancel()

    def _beside(self, work: Callable[[], None], what: str) -> threading.Thread:
        # Log lines there include the run's id, as here.
        target = copy_context().run
        return threading.Thread(target=target, args=(work,), name=f"{what}-{self._claim.run_id}", daemon=True)

    def _stream(self) -> None:
        self._go_on(self.publisher.begin)
        while not self._over.wait(FLUSH_S):
            self._go_on(self.publisher.catch_up)

    def _watch(self) -> None:
        try:
            while not self._over.wait(LOOK_S):
                self._go_on(self._look)
        finally:
            renew()

    def _go_on(self, work: Callable[[], object]) -> None:
        """Run the loop. Errors do not end the thread: without it nothing could cancel the run."""
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
        """Send the heartbeat first: after a gap, it is what keeps the claim."""
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
        """Send a heartbeat. If another claim took over the stream, take it back: this claim is the valid one."""
        if not self._own(*WORKING).update(heartbeat_at=timezone.now()):
            self.end("lost")
        elif self.publisher.is_taken:
            self.publisher.take_back()

    def _look_for_a_wish_to_end(self) -> None:
        wishes = self._own(*WORKING).values_list("cancel_requested_at", "proof_stop_requested_at").first()
        cancel, stop_proof = wishes or (None, None)
        if cancel is not None:
            self.end("cancelled")
        if stop_proof is not None:
            self.cancellation.proof.cancel()

    def _say_proving(self) -> None:
        if self._own(Status.RUNNING).update(status=Status.PROVING):
            self.publisher.note(Status.PROVING)
        self._said_proving = True

    def _own(self, *statuses: str) -> RunQuerySet:
        return Run.objects.filter(pk=self._claim.run_id, claimed_by=self._claim.token, status__in=statuses)
