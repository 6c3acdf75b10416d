"""Says that something about an experiment has changed that others keep a copy of, inside the same transaction.

Whoever changes a title or a description, or stores how a run ended, calls :func:`experiment_has_changed`. What listens
(the library's search index) belongs to apps that this one does not know.
"""

from __future__ import annotations

from django.dispatch import Signal

# Sent with ``experiment_id``.
experiment_changed = Signal()


def experiment_has_changed(experiment_id: str) -> None:
    """Tell whoever listens; to be called inside the transaction that changes it."""
    experiment_changed.send(sender=experiment_has_changed, experiment_id=experiment_id)
