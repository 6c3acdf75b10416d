"""Recovers runs whose worker died (no heartbeat) and runs whose messages were lost.

Nothing here compares a stored time with a clock: clocks jump, and those of two machines differ. What counts is how long
a heartbeat was seen unchanged, or a message missing, on a monotonic clock. A gap between two checks hardly counts: no
heartbeat could be observed while this process was suspended or the database was away.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.utils import timezone

from playground.experiments import stored_json
from playground.experiments.models import ATTEMPTS_MAX, WORKING, Run, Status
from playground.infrastructure import redis_client
from playground.infrastructure.metrics import RECOVERED, TALLY
from playground.runs.live import relay
from playground.runs.live_stream import mark_ended, read_live
from sandbox_runner.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from playground.experiments.live_session import LiveSession

_LOG: Final = logging.getLogger(__name__)

# A live claim has a heartbeat every three seconds.
STALE_S: Final = 10.0
# First seen missing, announced again by the fourth check: within ten seconds.
FORGOTTEN_S: Final = 6.0
# The most that the time since the previous check counts; checks are two seconds apart.
GAP_MAX_S: Final = 2.5
LOST: Final = stored_json.pack_messages([say("session-lost")])
INTERRUPTED: Final = stored_json.pack_messages([say("interrupted")])


class _Held(NamedTuple):
    """A claim, by the names of the columns that it is read from."""

    id: str
    claimed_by: str
    heartbeat_at: datetime | None
    attempts: int
    cancel_requested_at: datetime | None
    live_session: int | None


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

    def sweep_session(self, session: LiveSession) -> int:
        """The same for one session, by a process that need not be a worker: whoever watches is told without one.

        What is held is not given up, however late its heartbeats are.

        :raises RedisError: the broker is away.
        """
        is_held = redis_client.redis().exists(relay.lease_key(session.address))
        with self._one_at_a_time:
            still = self._still(Run.objects.filter(pk=session.run_id, status=Status.RUNNING))
            return 0 if is_held else sum(map(_recover, still))

    def _recover_stale(self) -> int:
        claims = Run.objects.filter(status__in=WORKING).exclude(claimed_by__in=self._own_claims())
        return sum(map(_recover, self._still(claims)))

    def _still(self, claims: QuerySet[Run]) -> list[_Held]:
        """Those whose heartbeats have stood still for too long."""
        found = [_Held(*each) for each in claims.order_by("queued_at").values_list(*_Held._fields)]
        still_s = self._heartbeats.look({held.id: (held.claimed_by, held.heartbeat_at) for held in found})
        return [held for held in found if still_s[held.id] >= STALE_S]

    def _announce_forgotten(self) -> int:
        waiting = Run.objects.filter(status=Status.QUEUED).order_by("queued_at").values_list("id", flat=True)
        # In this order: a run queued and announced in between is not missing.
        ids = list(waiting)
        announced = frozenset(redis_client.announced()) if ids else frozenset()
        unheard_s = self._unannounced.look({run_id: "" for run_id in ids if run_id not in announced})
        return sum(redis_client.announce_again(run_id) for run_id, for_s in unheard_s.items() if for_s >= FORGOTTEN_S)


def _recover(held: _Held) -> bool:
    """Remove the claim. The run keeps its place in the queue, ``queued_at``; a session is over."""
    run_id, token = held.id, held.claimed_by
    if held.cancel_requested_at is not None:
        end: dict[str, Any] = {"status": Status.CANCELLED, "finished_at": timezone.now()}
    elif held.live_session is not None:
        end = _lost(run_id)
    elif held.attempts < ATTEMPTS_MAX:
        end = {"status": Status.QUEUED}
    else:
        end = {"status": Status.FAILED, "failure_messages": INTERRUPTED, "finished_at": timezone.now()}
    # The token and the heartbeat are checked again: a slow worker may have come back.
    stale = Run.objects.filter(pk=run_id, claimed_by=token, status__in=WORKING, heartbeat_at=held.heartbeat_at)
    if not stale.update(claimed_by="", **end):
        return False
    became = str(end["status"])
    _LOG.warning("A run lost its worker.", extra={"run_id": run_id, "attempts": held.attempts, "became": became})
    TALLY.count(RECOVERED, became)
    mark_ended(redis_client.redis(), run_id, became, claim=token)
    if end["status"] == Status.QUEUED:
        redis_client.announce(run_id, first=True)
    return True


def _lost(run_id: str) -> dict[str, Any]:
    """The end of a session whose environments are gone; what was shown of it is kept."""
    seen = read_live(redis_client.redis(), run_id).events
    return {
        "status": Status.FAILED,
        "failure_messages": LOST,
        "finished_at": timezone.now(),
        "events_blob": stored_json.pack_events(seen),
    }
