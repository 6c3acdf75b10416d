"""Hides experiments from everyone and restores them. Only staff do so, and each action leaves an audit entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils import timezone

from playground.accounts import audit
from playground.accounts.actions import Action
from playground.experiments.models import Experiment, TakedownReason
from playground.moderation.models import Report

if TYPE_CHECKING:
    from playground.accounts.models import User


def take_down(experiment: Experiment, reason: TakedownReason, by: User) -> bool:
    """Hide it; returns whether it was visible before."""
    now = timezone.now()
    shown = Experiment.objects.filter(pk=experiment.pk, taken_down_at=None)
    with transaction.atomic():
        if not shown.update(taken_down_at=now, taken_down_for=reason):
            return False
        Report.objects.filter(experiment=experiment, handled_at=None).update(handled_at=now, handled_by=by)
        # Its title may be what had to go.
        audit.forget_subjects([experiment.pk])
        _note(experiment, by, Action.EXPERIMENT_TAKEN_DOWN, f"Taken down: {TakedownReason(reason).value}.")
    return True


def put_back(experiment: Experiment, by: User) -> bool:
    """Show it again; returns whether it was hidden before."""
    hidden = Experiment.objects.filter(pk=experiment.pk).exclude(taken_down_at=None)
    with transaction.atomic():
        if not hidden.update(taken_down_at=None, taken_down_for=""):
            return False
        _note(experiment, by, Action.EXPERIMENT_PUT_BACK, "Put back.")
    return True


def _note(experiment: Experiment, by: User, action: Action, what: str) -> None:
    """Write the audit entries: the admin shows one in the experiment's history, its team hears of it too."""
    if experiment.team_id is not None:
        audit.note(action, experiment.team_id, by.pk, about=experiment.pk)
    LogEntry.objects.log_actions(by.pk, [experiment], CHANGE, change_message=what, single_object=True)
