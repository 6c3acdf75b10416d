"""Celery's doors: ids in, one call."""

from __future__ import annotations

from typing import Final

from celery import shared_task
from celery.exceptions import Reject

from playground.runs import execution
from playground.runs.worker import intake, this_sweeper, this_worker

# As long as a message may be held that another worker could have; without it one would go back and forth.
HELD_S: Final = 1.0


@shared_task(name="playground.experiments.tasks.run_experiment")  # type: ignore[untyped-decorator]  # Celery ships no types
def run_experiment(run_id: str) -> None:
    """Play that run, if it waits for somebody to; a worker that takes none gives the message back."""
    if not intake().wait_open(HELD_S):
        raise Reject(requeue=True)
    execution.execute(run_id, this_worker())


@shared_task(name="playground.experiments.tasks.sweep")  # type: ignore[untyped-decorator]  # Celery ships no types
def sweep() -> None:
    """Bring back what dead workers held, now instead of with the next beat."""
    this_sweeper().sweep()
