"""Signals about experiments, for apps that this one does not know (the library).

The first two are sent inside the transaction that changes the experiment. Call :func:`experiment_has_changed` after
changing a title or a description or storing how a run ended, and :func:`experiments_were_emptied` after removing what
experiments held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.dispatch import Signal

if TYPE_CHECKING:
    from collections.abc import Collection

# Sent with ``experiment_id``.
experiment_changed = Signal()
# Sent with ``experiment_ids``.
experiments_emptied = Signal()
# Sent by a worker every few minutes, outside of any transaction, for what is done now and then.
tidying = Signal()


def experiment_has_changed(experiment_id: str) -> None:
    """Tell receivers that an experiment changed."""
    experiment_changed.send(sender=experiment_has_changed, experiment_id=experiment_id)


def experiments_were_emptied(experiment_ids: Collection[str]) -> None:
    """Tell receivers to remove what they store about these experiments."""
    experiments_emptied.send(sender=experiments_were_emptied, experiment_ids=experiment_ids)


def tidy_up() -> None:
    """Let receivers do what they do now and then."""
    tidying.send(sender=tidy_up)
