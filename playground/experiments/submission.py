"""The web half of a run's way: from a scenario to a stored run that a worker will hear of.

1. The scenario has been read and found playable; nothing is stored before.
2. Experiment, revision and run are stored in one transaction.
3. When that is committed, a worker is told. A broker that is away loses nothing: the sweep tells them later.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from playground.experiments import stored_json
from playground.experiments.broker import announce, redis
from playground.experiments.live_stream import LivePublisher
from playground.experiments.models import WORKING, Experiment, Revision, Run, Status
from playground.metrics import SUBMITTED, TALLY

if TYPE_CHECKING:
    from sandbox_runner.scenario import Scenario

_LOG: Final = logging.getLogger(__name__)


def submit(scenario: Scenario, *, browser_key: str = "", parent: Revision | None = None) -> Run:
    """Store ``scenario`` and a queued run of it.

    The revision goes into the experiment of ``parent`` where that is the same browser's, and into a new one where
    it is not. The same content twice in one experiment is one revision.
    """
    with transaction.atomic():
        experiment = _experiment_for(parent, browser_key)
        revision = _revision_of(experiment, scenario, parent)
        return play_again(revision, browser_key=browser_key)


def play_again(revision: Revision, *, browser_key: str = "") -> Run:
    """Store another queued run of ``revision``."""
    with transaction.atomic():
        run = Run.objects.create(revision=revision, browser_key=browser_key, queued_at=timezone.now())
        transaction.on_commit(lambda: _submitted(run.id))
    return run


def _submitted(run_id: str) -> None:
    with bound_contextvars(run_id=run_id):
        TALLY.count(SUBMITTED)
        _LOG.info("A run was submitted.")
        announce(run_id)


def cancel(run: Run) -> None:
    """Ask ``run`` to end: at once where nobody plays it yet, within a second where somebody does."""
    now = timezone.now()
    here = Run.objects.filter(pk=run.pk)
    if here.filter(status=Status.QUEUED).update(status=Status.CANCELLED, cancel_requested_at=now, finished_at=now):
        LivePublisher(redis(), run.id).mark(Status.CANCELLED)
    else:
        here.filter(status__in=WORKING, cancel_requested_at=None).update(cancel_requested_at=now)


def _experiment_for(parent: Revision | None, browser_key: str) -> Experiment:
    if parent is not None and browser_key and parent.experiment.browser_key == browser_key:
        # Held until the transaction ends, so that two revisions never want the same number.
        return Experiment.objects.select_for_update().get(pk=parent.experiment_id)
    return Experiment.objects.create(browser_key=browser_key)


def _revision_of(experiment: Experiment, scenario: Scenario, parent: Revision | None) -> Revision:
    content = scenario.to_json()
    digest = stored_json.digest(content)
    if same := experiment.revisions.filter(sha256=digest).first():
        return same
    last = experiment.revisions.aggregate(last=Max("number"))["last"] or 0
    return Revision.objects.create(
        experiment=experiment,
        parent=parent,
        number=last + 1,
        scenario_blob=stored_json.pack(content),
        sha256=digest,
    )
