"""What those with edit rights on an experiment may do: describe, share, delete and restore it; and claiming.

Each is one conditional update, so that what is not (or no longer) theirs is never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

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
    return bool(changed)


def rename(experiment_id: str, title: str, by: Viewer) -> bool:
    """Store the title alone; False if it is not theirs to change."""
    with transaction.atomic():
        here = Experiment.objects.editable_by(by).filter(pk=experiment_id, deleted_at=None)
        changed = here.update(title=title)
        if changed:
            experiment_has_changed(experiment_id)
    return bool(changed)


def delete(experiment_id: str, by: Viewer) -> bool:
    """Delete it for everyone, until the grace period ends; False if it is not theirs."""
    here = Experiment.objects.editable_by(by).filter(pk=experiment_id, deleted_at=None)
    return bool(here.update(deleted_at=timezone.now()))


def restore(experiment_id: str, by: Viewer) -> bool:
    """Restore it; False if it is not theirs, or already purged."""
    here = Experiment.objects.editable_by(by).filter(
        pk=experiment_id, deleted_at__gt=timezone.now() - hard_delete.grace()
    )
    return bool(here.update(deleted_at=None))


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
