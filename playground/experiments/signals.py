"""Signals about experiments, for apps that keep something of them and that this one does not know (the library).

Both are sent inside of the transaction that changes the experiment. Whoever changes a title or a description, or
stores how a run ended, calls :func:`experiment_has_changed`; whoever removes what experiments held calls
:func:`experiments_were_emptied`.
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


def experiment_has_changed(experiment_id: str) -> None:
    """Tell whoever keeps a copy of it."""
    experiment_changed.send(sender=experiment_has_changed, experiment_id=experiment_id)


def experiments_were_emptied(experiment_ids: Collection[str]) -> None:
    """Tell whoever keeps something of these experiments that it has to go as well."""
    experiments_emptied.send(sender=experiments_were_emptied, experiment_ids=experiment_ids)
