"""Final removal of what was deleted: after a grace period only the fact that it existed is kept.

The emptied rows stay, so that an address never names anything else.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from playground.accounts import audit
from playground.experiments.models import FINAL, DependencyLock, Experiment, Revision, RevisionSummary, Run
from playground.experiments.page_part.stored import PageResult
from playground.experiments.signals import experiments_were_emptied

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_LOG: Final = logging.getLogger(__name__)
_BATCH: Final = 100


def grace() -> timedelta:
    """How long something deleted can be restored."""
    return timedelta(hours=settings.HOLDOVER.deletion_grace_hours)


def purged_after(experiment: Experiment) -> datetime | None:
    """Until when it can be restored; None if it is not deleted or already purged."""
    if experiment.deleted_at is None or experiment.purged_at is not None:
        return None
    return experiment.deleted_at + grace()


def purge_deleted() -> int:
    """Empty what was deleted longer ago than the grace period; returns the number of experiments."""
    overdue = Experiment.objects.filter(purged_at=None, deleted_at__lt=timezone.now() - grace())
    found = list(overdue.values_list("pk", flat=True)[:_BATCH])
    if found:
        empty(found)
        _LOG.info("%d deleted experiments were purged.", len(found))
    return len(found)


def empty(experiment_ids: Collection[str], *, titles_stay: bool = False) -> None:
    """Remove these experiments' content: text, code, payloads, results, notes. Counts, dates and states stay.

    :param titles_stay: keep the title, if nobody asked for the removal.
    """
    now = timezone.now()
    with transaction.atomic():
        for experiment in Experiment.objects.filter(pk__in=experiment_ids):
            experiment.tags.clear()
        runs = Run.objects.filter(revision__experiment__in=experiment_ids)
        experiments_were_emptied(experiment_ids)
        runs.exclude(status__in=FINAL).update(cancel_requested_at=now)
        runs.update(result_blob=None, events_blob=None, verdict_messages="", longer_messages="", failure_messages="")
        PageResult.objects.filter(run__in=runs).delete()
        # A digest of its content could confirm a guess.
        Revision.objects.filter(experiment__in=experiment_ids).update(scenario_blob=b"", sha256=F("id"))
        DependencyLock.objects.filter(revision__experiment__in=experiment_ids).delete()
        RevisionSummary.objects.filter(revision__experiment__in=experiment_ids).delete()
        Experiment.objects.filter(pk__in=experiment_ids).update(
            description="", browser_key="", forked_from=None, deleted_at=now, purged_at=now
        )
        if not titles_stay:
            Experiment.objects.filter(pk__in=experiment_ids).update(title="")
            audit.forget_subjects(experiment_ids)
