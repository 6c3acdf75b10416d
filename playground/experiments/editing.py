"""What the holder of an experiment's edit right may do: describe, share, delete it, bring it back; and claiming it.

Each is one conditional update, so that what is not theirs (any more) is not touched.
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
    """Store title, description, tags and who may see it; False where it is not theirs to change."""
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


def delete(experiment_id: str, by: Viewer) -> bool:
    """Take it away from everybody, for the time of grace; False where it is not theirs."""
    here = Experiment.objects.editable_by(by).filter(pk=experiment_id, deleted_at=None)
    return bool(here.update(deleted_at=timezone.now()))


def restore(experiment_id: str, by: Viewer) -> bool:
    """Bring it back; False where it is not theirs, or is purged."""
    here = Experiment.objects.editable_by(by).filter(
        pk=experiment_id, deleted_at__gt=timezone.now() - hard_delete.grace()
    )
    return bool(here.update(deleted_at=None))


def claim(by: Viewer, experiment_id: str | None = None) -> int:
    """Make what this browser made without a person this person's: all of it, or that one.

    :returns: how many experiments; none that another browser or person made is among them.
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
