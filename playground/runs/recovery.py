"""Recovers runs whose worker died (no heartbeat) and runs whose messages were lost.

Nothing here compares a stored time with a clock: clocks jump, and those of two machines differ. What counts is how long
a heartbeat was seen unchanged, or a message missing, on a monotonic clock. A gap between two checks hardly counts: no
heartbeat could be observed while this process was suspended or the database was away.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from playground.experiments import stored_json
from playground.experiments.models import ATTEMPTS_MAX, WORKING, Run, Status
from playground.infrastructure import redis_client
from playground.infrastructure.metrics import RECOVERED, TALLY
from playground.runs.live_stream import mark_ended
from sandbox_runner.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

_LOG: Final = logging.getLogger(__name__)

# A live claim has a heartbeat every three seconds.
STALE_S: Final = 10.0
# First seen missing, announced again by the fourth check: within ten seconds.
FORGOTTEN_S: Final = 6.0
# The most that the time since the previous check counts; checks are two seconds apart.
GAP_MAX_S: Final = 2.5
_CLAIM: Final = ("id", "claimed_by", "heartbeat_at", "attempts", "cancel_requested_at")
INTERRUPTED: Final = stored_json.pack_messages([say("interrupted")])


class Standstill:
    """How long things have been observed unchanged.

    :param clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._looked_at = clock()
        self._still: dict[str, tuple[object, float]] = {}

    def look(self, seen: Mapping[str, object]) -> dict[str, float]:
        """For each of these, the seconds it has been in the state ``seen``; others are forgotten."""
        now = self._clock()
        passed_s = min(now - self._looked_at, GAP_MAX_S)
        self._looked_at = now
        before = self._still
        self._still = {
            name: (state, before[name][1] + passed_s if name in before and before[name][0] == state else 0.0)
            for name, state in seen.items()
        }
        return {name: still_s for name, (_, still_s) in self._still.items()}


class Sweeper:
    """Looks for abandoned runs; must be called every few seconds.

    :param own_claims: the claim tokens of this process, which is alive however late their heartbeats are.
    :param clock: monotonic seconds.
    """

    def __init__(
        self, own_claims: Callable[[], Collection[str]] = tuple, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._own_claims = own_claims
        self._heartbeats = Standstill(clock)
        self._unannounced = Standstill(clock)
        self._one_at_a_time = threading.Lock()

    def sweep(self) -> int:
        """Queue stale runs again, or fail those out of attempts; announce lost ones. Returns the number of runs
        touched.
        """
        with self._one_at_a_time:
            return self._recover_stale() + self._announce_forgotten()

    def _recover_stale(self) -> int:
        claims = Run.objects.filter(status__in=WORKING).exclude(claimed_by__in=self._own_claims())
        found = list(claims.order_by("queued_at").values_list(*_CLAIM))
        still_s = self._heartbeats.look({run_id: (token, beat) for run_id, token, beat, *_ in found})
        return sum(_recover(*claim) for claim in found if still_s[claim[0]] >= STALE_S)

    def _announce_forgotten(self) -> int:
        waiting = Run.objects.filter(status=Status.QUEUED).order_by("queued_at").values_list("id", flat=True)
        # In this order: a run queued and announced in between is not missing.
        ids = list(waiting)
        announced = frozenset(redis_client.announced()) if ids else frozenset()
        unheard_s = self._unannounced.look({run_id: "" for run_id in ids if run_id not in announced})
        return sum(redis_client.announce_again(run_id) for run_id, for_s in unheard_s.items() if for_s >= FORGOTTEN_S)


def _recover(run_id: str, token: str, beat: datetime | None, attempts: int, cancelled_at: datetime | None) -> bool:
    """Remove the claim. The run keeps its place in the queue, ``queued_at``."""
    if cancelled_at is not None:
        end: dict[str, Any] = {"status": Status.CANCELLED, "finished_at": timezone.now()}
    elif attempts < ATTEMPTS_MAX:
        end = {"status": Status.QUEUED}
    else:
        end = {"status": Status.FAILED, "failure_messages": INTERRUPTED, "finished_at": timezone.now()}
    # The token and the heartbeat are checked again: a slow worker may have come back.
    stale = Run.objects.filter(pk=run_id, claimed_by=token, status__in=WORKING, heartbeat_at=beat)
    if not stale.update(claimed_by="", **end):
        return False
    became = str(end["status"])
    _LOG.warning("A run lost its worker.", extra={"run_id": run_id, "attempts": attempts, "became": became})
    TALLY.count(RECOVERED, became)
    mark_ended(redis_client.redis(), run_id, became, claim=token)
    if end["status"] == Status.QUEUED:
        redis_client.announce(run_id, first=True)
    return True
