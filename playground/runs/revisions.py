"""Stores revisions: identical content in one experiment is one revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.archives.keeping import note_named
from playground.experiments import revision_summaries, stored_json
from playground.experiments.dependency_locks import inherit_locks
from playground.experiments.models import Revision

if TYPE_CHECKING:
    from playground.experiments.models import Experiment
    from sandbox_runner.scenario.model import Scenario


def revision_of(experiment: Experiment, scenario: Scenario, parent: Revision | None, renewed: str = "") -> Revision:
    """The revision of ``experiment`` with that content; within a transaction.

    :param renewed: when its packages were asked for anew; nothing else tells it from the one before.
    """
    content = scenario.to_json()
    digest = stored_json.digest([content, renewed] if renewed else content)
    if same := experiment.revisions.filter(sha256=digest).first():
        return same
    newest = experiment.revisions.order_by("-number").first()
    revision = Revision.objects.create(
        experiment=experiment,
        parent=parent,
        number=newest.number + 1 if newest else 1,
        scenario_blob=stored_json.pack(content),
        sha256=digest,
    )
    note_named(revision, scenario)
    revision_summaries.keep(revision, scenario, newest.scenario if newest else None)
    if parent is not None and not renewed:
        inherit_locks(revision, parent)
    return revision
