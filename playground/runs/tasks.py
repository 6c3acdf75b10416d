"""Celery's doors: ids in, one call."""

from __future__ import annotations

from celery import shared_task

from playground.runs import execution
from playground.runs.worker import this_sweeper, this_worker


@shared_task(name="playground.experiments.tasks.run_experiment")  # type: ignore[untyped-decorator]  # Celery ships no types
def run_experiment(run_id: str) -> None:
    """Play that run, if it waits for somebody to."""
    execution.execute(run_id, this_worker())


@shared_task(name="playground.experiments.tasks.sweep")  # type: ignore[untyped-decorator]  # Celery ships no types
def sweep() -> None:
    """Bring back what dead workers held, now instead of with the next beat."""
    this_sweeper().sweep()
