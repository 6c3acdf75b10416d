"""What those with edit rights on an experiment may do: describe, share, delete and restore it; and claiming.

Each is one conditional update, so that what is not (or no longer) theirs is never changed. What is a team's is told in
its audit list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from playground.accounts import audit
from playground.accounts.actions import Action
from playground.experiments import hard_delete
from playground.experiments.models import Experiment, Run
from playground.experiments.signals import experiment_has_changed

if TYPE_CHECKING:
    from playground.experiments.details_form import Details
    from playground.experiments.viewer import Viewer


def describe(experiment: Experiment, details: Details, by: Viewer) -> bool:
    """Store title, description, tags and visibility; False if it is not theirs to change."""
    with transaction.atomic():
        here = Experiment.objects.editable_by(by).filter(pk=experiment.pk, deleted_at=None)
        before = here.select_for_update().first()
        tags_before = set(experiment.tags.values_list("name", flat=True))
        changed = here.update(
            title=details.title,
            description=details.description,
            visibility=details.visibility,
            team_id=details.team_id,
        )
        if changed:
            tags = experiment.tags.model.objects
            experiment.tags.set([tags.get_or_create(name=name)[0] for name in details.tags])
            experiment_has_changed(experiment.pk)
        if before is not None and changed:
            _tell_of_sharing(before, details, by)
            if (before.title, before.description, tags_before) != (details.title, details.description, {*details.tags}):
                _tell(Action.EXPERIMENT_CHANGED, before.pk, by)
    return bool(changed)


def _tell_of_sharing(before: Experiment, details: Details, by: Viewer) -> None:
    """What the teams hear of it: the one that it was of, and the one that it is of."""
    if before.team_id == details.team_id:
        if before.visibility != details.visibility:
            _tell(Action.EXPERIMENT_OPENED, before.pk, by, before=before.visibility, after=details.visibility)
        return
    if before.team_id is not None:
        told = {"about": before.pk, "subject": before.title}
        audit.note(Action.EXPERIMENT_TAKEN_OUT, before.team_id, by.user_id, **told)
    _tell(Action.EXPERIMENT_SHARED, before.pk, by, after=details.visibility)


def _tell(action: Action, experiment_id: str, by: Viewer, **told: str) -> None:
    """Write it into the audit list of the experiment's team, if it has one."""
    found = Experiment.objects.filter(pk=experiment_id).exclude(team=None).values_list("team_id", "title").first()
    if found is not None:
        audit.note(action, str(found[0]), by.user_id, about=experiment_id, subject=found[1], **told)


def rename(experiment_id: str, title: str, by: Viewer) -> bool:
    """Store the title alone; False if it is not theirs to change."""
    with transaction.atomic():
        here = Experiment.objects.editable_by(by).filter(pk=experiment_id, deleted_at=None)
        changed = here.update(title=title)
        if changed:
            experiment_has_changed(experiment_id)
            _tell(Action.EXPERIMENT_CHANGED, experiment_id, by)
    return bool(changed)


def delete(experiment_id: str, by: Viewer) -> bool:
    """Delete it for everyone, until the grace period ends; False if it is not theirs."""
    with transaction.atomic():
        here = Experiment.objects.editable_by(by).filter(pk=experiment_id, deleted_at=None)
        if deleted := here.update(deleted_at=timezone.now()):
            _tell(Action.EXPERIMENT_DELETED, experiment_id, by)
    return bool(deleted)


def restore(experiment_id: str, by: Viewer) -> bool:
    """Restore it; False if it is not theirs, or already purged."""
    with transaction.atomic():
        here = Experiment.objects.editable_by(by).filter(
            pk=experiment_id, deleted_at__gt=timezone.now() - hard_delete.grace()
        )
        if restored := here.update(deleted_at=None):
            _tell(Action.EXPERIMENT_RESTORED, experiment_id, by)
    return bool(restored)


def claim(by: Viewer, experiment_id: str | None = None) -> int:
    """Give this person what this browser created anonymously: everything, or one experiment.

    :returns: the number of experiments, never including those of another browser or person.
    """
    if by.user_id is None:
        return 0
    with transaction.atomic():
        theirs = Experiment.objects.claimable_by(by)
        wanted = theirs if experiment_id is None else theirs.filter(pk=experiment_id)
        claimed = list(wanted.select_for_update().values_list("pk", flat=True))
        Experiment.objects.filter(pk__in=claimed).update(owner_id=by.user_id)
        started = Run.objects.filter(revision__experiment__in=claimed, owner=None, browser_key=by.browser_key)
        started.update(owner_id=by.user_id)
    return len(claimed)
