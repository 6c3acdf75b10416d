"""What brings back the work of the dead: runs without a heartbeat, and runs whose messages were lost."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from playground.experiments import broker
from playground.experiments.live_stream import say_ended
from playground.experiments.models import WORKING, Run, Status
from playground.metrics import RECOVERED, TALLY

_LOG: Final = logging.getLogger(__name__)

STALE: Final = timedelta(seconds=10)
FORGOTTEN: Final = timedelta(seconds=10)
ATTEMPTS_MAX: Final = 2
INTERRUPTED: Final = "The run was interrupted by us; run it again."
_BATCH: Final = 100


def sweep_runs() -> int:
    """Queue the stale runs again, or end those that were tried often enough; returns how many were touched."""
    stale = Run.objects.filter(status__in=WORKING, heartbeat_at__lt=timezone.now() - STALE)
    found = list(stale.values_list("id", "claimed_by", "attempts", "cancel_requested_at")[:_BATCH])
    return sum(_recover(*row) for row in found) + _announce_forgotten()


def _recover(run_id: str, token: str, attempts: int, cancel_requested_at: object) -> bool:
    if cancel_requested_at is not None:
        end: dict[str, Any] = {"status": Status.CANCELLED, "finished_at": timezone.now()}
    elif attempts < ATTEMPTS_MAX:
        end = {"status": Status.QUEUED, "queued_at": timezone.now()}
    else:
        end = {"status": Status.FAILED, "failure_sentence": INTERRUPTED, "finished_at": timezone.now()}
    # The token and the age are asked for again: a worker that was only slow may have come back.
    stale = Q(pk=run_id, claimed_by=token, status__in=WORKING, heartbeat_at__lt=timezone.now() - STALE)
    if not Run.objects.filter(stale).update(claimed_by="", **end):
        return False
    became = str(end["status"])
    _LOG.warning("A run lost its worker.", extra={"run_id": run_id, "attempts": attempts, "became": became})
    TALLY.count(RECOVERED, became)
    say_ended(broker.redis(), run_id, became, claim=token)
    if end["status"] == Status.QUEUED:
        broker.announce(run_id)
    return True


def _announce_forgotten() -> int:
    """Tell the workers again of queued runs whose messages are gone; none are while messages wait."""
    if broker.messages_waiting():
        return 0
    forgotten = Run.objects.filter(status=Status.QUEUED, queued_at__lt=timezone.now() - FORGOTTEN)
    ids = list(forgotten.order_by("queued_at").values_list("id", flat=True)[:_BATCH])
    Run.objects.filter(pk__in=ids, status=Status.QUEUED).update(queued_at=timezone.now())
    for run_id in ids:
        broker.announce(run_id)
    return len(ids)
