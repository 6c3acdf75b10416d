"""Hides experiments from everyone and restores them. Only staff do so, and each action leaves an audit entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone

from playground.experiments.models import Experiment, TakedownReason
from playground.moderation.models import Report

if TYPE_CHECKING:
    from playground.accounts.models import User


def take_down(experiment: Experiment, reason: TakedownReason, by: User) -> bool:
    """Hide it; returns whether it was visible before."""
    now = timezone.now()
    shown = Experiment.objects.filter(pk=experiment.pk, taken_down_at=None)
    if not shown.update(taken_down_at=now, taken_down_for=reason):
        return False
    Report.objects.filter(experiment=experiment, handled_at=None).update(handled_at=now, handled_by=by)
    _note(experiment, by, f"Taken down: {TakedownReason(reason).value}.")
    return True


def put_back(experiment: Experiment, by: User) -> bool:
    """Show it again; returns whether it was hidden before."""
    hidden = Experiment.objects.filter(pk=experiment.pk).exclude(taken_down_at=None)
    if not hidden.update(taken_down_at=None, taken_down_for=""):
        return False
    _note(experiment, by, "Put back.")
    return True


def _note(experiment: Experiment, by: User, what: str) -> None:
    """Write the audit entry; the admin shows it in the experiment's history."""
    LogEntry.objects.log_actions(by.pk, [experiment], CHANGE, change_message=what, single_object=True)
