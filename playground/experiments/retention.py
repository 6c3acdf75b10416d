"""Removes unlisted experiments without an owner that nobody has visited for a long time.

Visits are recorded at most once a day. A visitor in the last weeks before the removal is told about it, and has
postponed it by visiting. The title, verdicts and dates of what was removed stay at its address.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from playground.experiments import hard_delete
from playground.experiments.models import Experiment, Visibility
from playground.infrastructure.metrics import PRUNED, TALLY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from playground.experiments.models import ExperimentQuerySet

_LOG: Final = logging.getLogger(__name__)
VISIT_EVERY: Final = timedelta(days=1)
_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """``last_visit`` was long ago; it was due for removal on ``was_due``, and is now kept until ``stays``."""

    last_visit: datetime
    was_due: datetime
    stays: datetime


def kept_for() -> timedelta:
    """How long something is kept without visitors."""
    return timedelta(days=settings.HOLDOVER.retention_days)


def is_kept_for_good(experiment: Experiment) -> bool:
    """Whether it is kept regardless of visits: it is listed, or belongs to a person or a team."""
    listed = experiment.visibility != Visibility.UNLISTED
    return listed or experiment.owner_id is not None or experiment.team_id is not None


def notice(experiment: Experiment) -> Notice | None:
    """The notice on its page if its removal was near; else None."""
    if is_kept_for_good(experiment):
        return None
    last, now = experiment.visited_at or experiment.created_at, timezone.now()
    due = last + kept_for()
    if now < due - timedelta(days=settings.HOLDOVER.retention_notice_days):
        return None
    return Notice(last, due, now + kept_for())


def note_visit(experiment: Experiment) -> None:
    """Record a visit, at most once a day; ``experiment`` itself is not changed.

    No page waits for this or fails because of it: if the row cannot be written at once, the next visit is recorded.
    """
    now = timezone.now()
    if experiment.visited_at is not None and experiment.visited_at > now - VISIT_EVERY:
        return
    unseen = Experiment.objects.filter(Q(visited_at=None) | Q(visited_at__lte=now - VISIT_EVERY), pk=experiment.pk)
    try:
        with _at_once(), transaction.atomic():
            free = unseen.select_for_update(skip_locked=True).values("pk")
            Experiment.objects.filter(pk__in=free).update(visited_at=now)
    except DatabaseError as error:
        _LOG.warning("A visit is not noted: %s", error)


@contextmanager
def _at_once() -> Iterator[None]:
    """Do not wait for SQLite's single writer: fail at once if it is locked."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        (waits_ms,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(waits_ms)}")


def prune() -> int:
    """Remove what was not visited; returns the number of experiments."""
    found = list(overdue().values_list("pk", flat=True)[:_BATCH])
    if found:
        hard_delete.empty(found, titles_stay=True)
        Experiment.objects.filter(pk__in=found).update(pruned_at=timezone.now())
        TALLY.count(PRUNED, by=len(found))
        _LOG.info("%d experiments without a visitor were removed.", len(found))
    return len(found)


def overdue() -> ExperimentQuerySet:
    """Experiments that are due for removal."""
    before = timezone.now() - kept_for()
    unvisited = Q(visited_at__lt=before) | Q(visited_at=None, created_at__lt=before)
    nobodys = Experiment.objects.filter(visibility=Visibility.UNLISTED, owner=None, team=None)
    return nobodys.filter(unvisited, deleted_at=None, taken_down_at=None)
