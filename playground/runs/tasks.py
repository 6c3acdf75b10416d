"""Celery tasks: ids in, one call."""

from __future__ import annotations

from typing import Final

from celery import shared_task
from celery.exceptions import Reject

from playground.runs.live import apart
from playground.runs.worker import intake, this_sweeper, this_worker

# How long a message may be held that another worker could take; without a delay it would bounce between workers.
HELD_S: Final = 1.0


@shared_task(name="playground.experiments.tasks.run_experiment")  # type: ignore[untyped-decorator]  # Celery ships no types
def run_experiment(run_id: str) -> None:
    """Play that run if it is queued; a worker that takes none returns the message."""
    if not intake().wait_open(HELD_S):
        raise Reject(requeue=True)
    apart.execute(run_id, this_worker())


@shared_task(name="playground.experiments.tasks.sweep")  # type: ignore[untyped-decorator]  # Celery ships no types
def sweep() -> None:
    """Recover runs of dead workers now, instead of with the next heartbeat."""
    this_sweeper().sweep()
