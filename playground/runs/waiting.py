"""Why a queued run is waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from redis.exceptions import RedisError

from playground.experiments.models import Run, Status
from playground.infrastructure import redis_client
from playground.runs.live_stream import mark_ended
from playground.runs.worker_registry import engine_away

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOLD_MAX: Final = 1_000
# Matches no claim: the stream of a run claimed meanwhile stays as it is.
_NOBODYS: Final = "-"


def waits_for_engine(status: str) -> bool:
    """Whether a run with that status waits because no worker's sandbox engine answers."""
    try:
        return status == Status.QUEUED and engine_away(redis_client.redis())
    except RedisError:
        return False


def tell_those_who_wait() -> None:
    """Tell the watchers of queued runs to refresh the reason for waiting."""
    waiting = Run.objects.filter(status=Status.QUEUED).order_by("queued_at")
    tell(waiting.values_list("id", flat=True)[:_TOLD_MAX])


def tell(run_ids: Iterable[str]) -> None:
    """Tell the watchers of these queued runs the same."""
    for run_id in run_ids:
        mark_ended(redis_client.redis(), run_id, Status.QUEUED, claim=_NOBODYS)
