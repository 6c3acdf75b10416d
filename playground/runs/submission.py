"""Submits runs in the web process: from a scenario to a stored, announced run.

1. The scenario is read and validated; nothing is stored before.
2. Experiment, revision and run are stored in one transaction.
3. After the commit, a worker is told. If the broker is away nothing is lost: the sweep announces the run later.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from playground.experiments.models import FINAL, WORKING, Experiment, Revision, Run, Status, Visibility
from playground.experiments.viewer import STRANGER
from playground.infrastructure.metrics import SUBMITTED, TALLY
from playground.infrastructure.redis_client import announce, redis
from playground.runs.live_stream import mark_ended
from playground.runs.revisions import revision_of

if TYPE_CHECKING:
    from playground.experiments.viewer import Viewer
    from sandbox_runner.scenario.model import Scenario

_LOG: Final = logging.getLogger(__name__)


def submit(scenario: Scenario, *, by: Viewer = STRANGER, parent: Revision | None = None) -> Run:
    """Store ``scenario`` and a queued run of it, both owned by ``by``.

    The revision is added to the experiment of ``parent`` if they may edit that, else to a fork of it. Identical content
    in one experiment is one revision. ``parent`` must be one that they may open.
    """
    with transaction.atomic():
        return play_again(store(scenario, by=by, parent=parent), by=by)


def store(scenario: Scenario, *, by: Viewer = STRANGER, parent: Revision | None = None) -> Revision:
    """The same without a run."""
    with transaction.atomic():
        return revision_of(_experiment_for(parent, by), scenario, parent)


def renew_dependencies(revision: Revision, *, by: Viewer = STRANGER) -> Run:
    """Store the same scenario as a new revision without the packages kept with ``revision``, and a queued run of it."""
    with transaction.atomic():
        experiment = _experiment_for(revision, by)
        renewed = timezone.now().isoformat()
        return play_again(revision_of(experiment, revision.scenario, revision, renewed), by=by)


def play_again(revision: Revision, *, by: Viewer = STRANGER) -> Run:
    """Store another queued run of ``revision``."""
    with transaction.atomic():
        run = Run.objects.create(
            revision=revision, owner_id=by.user_id, browser_key=by.browser_key, queued_at=timezone.now()
        )
        # The run is stored: whatever an announcement fails at, a sweep announces it, and nobody is told of a failure.
        transaction.on_commit(lambda: _submitted(run.id), robust=True)
    return run


def may_cancel(run: Run, viewer: Viewer) -> bool:
    """Whether ``viewer`` started it; an anonymous run may be cancelled by anyone with its address."""
    if run.owner_id is not None:
        return run.owner_id == viewer.user_id
    return not run.browser_key or run.browser_key == viewer.browser_key


def may_steer(run: Run, viewer: Viewer) -> bool:
    """Whether ``viewer`` may stop the proof of ``run``: whoever started it, or may edit its experiment."""
    editable = Experiment.objects.editable_by(viewer).filter(pk=run.revision.experiment_id)
    return may_cancel(run, viewer) or editable.exists()


def _submitted(run_id: str) -> None:
    with bound_contextvars(run_id=run_id):
        TALLY.count(SUBMITTED)
        _LOG.info("A run was submitted.")
        announce(run_id)


def cancel(run: Run) -> None:
    """Cancel ``run``: at once if it is queued, within a second if it is being played."""
    now = timezone.now()
    here = Run.objects.filter(pk=run.pk)
    if here.filter(status=Status.QUEUED).update(status=Status.CANCELLED, cancel_requested_at=now, finished_at=now):
        mark_ended(redis(), run.id, Status.CANCELLED)
    else:
        here.filter(status__in=WORKING, cancel_requested_at=None).update(cancel_requested_at=now)


def stop_proof(run: Run) -> None:
    """End the proof of ``run`` within a second and keep what was proven; before it begins, there is none then."""
    waiting = Run.objects.filter(pk=run.pk, proof_stop_requested_at=None).exclude(status__in=FINAL)
    waiting.update(proof_stop_requested_at=timezone.now())


def _experiment_for(parent: Revision | None, by: Viewer) -> Experiment:
    if parent is None:
        return Experiment.objects.create(owner_id=by.user_id, browser_key=by.browser_key)
    editable = Experiment.objects.editable_by(by).filter(pk=parent.experiment_id, deleted_at=None)
    # Locked until the transaction ends, so that two revisions never get the same number.
    return editable.select_for_update().first() or _fork_of(parent, by)


def _fork_of(parent: Revision, by: Viewer) -> Experiment:
    """A fork of what is visible only to a team stays in the team."""
    source = parent.experiment
    in_team = source.visibility == Visibility.TEAM
    return Experiment.objects.create(
        owner_id=by.user_id,
        browser_key=by.browser_key,
        forked_from=parent,
        title=source.title,
        visibility=Visibility.TEAM if in_team else Visibility.UNLISTED,
        team_id=source.team_id if in_team else None,
    )
