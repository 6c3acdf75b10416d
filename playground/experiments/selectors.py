"""Database queries of the pages; each is a bounded number of queries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from playground.experiments.models import HEAVY, Experiment, Reverification, Revision, Run, Status

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from playground.experiments.viewer import Viewer

LISTED_MAX: Final = 200
RUNS_OF_REVISION_MAX: Final = 10
COMPARED_MAX: Final = 30
# Invalid ids are not looked up: a database need not accept every text.
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,22}")


def openable_run(run_id: str, viewer: Viewer, *, light: bool = False) -> Run | None:
    """That run with its revision and experiment if ``viewer`` may open it, else None.

    Includes the run it re-verifies or proves further, and its own re-verification, because its page shows them.

    :param light: without what may be megabytes: its result, its events, its scenario.
    """
    if not _ID.fullmatch(run_id):
        return None
    again = Exists(Reverification.objects.filter(original=OuterRef("pk")))
    runs = Run.objects.openable_by(viewer).select_related(
        "revision__experiment", "reverifies", "proves_further", "live_session"
    )
    found = runs.annotate(is_verified_again=again).filter(pk=run_id)
    return (found.defer(*HEAVY) if light else found).first()


def may_open_run(run_id: str, viewer: Viewer) -> bool:
    """Whether ``viewer`` may open that run."""
    return bool(_ID.fullmatch(run_id)) and Run.objects.openable_by(viewer).filter(pk=run_id).exists()


def original_of(run: Run, viewer: Viewer) -> Run | None:
    """The newest finished run of the revision that this run's was copied from, if ``viewer`` may open it."""
    source = run.revision.parent_id or run.revision.experiment.forked_from_id
    if source is None:
        return None
    finished = Run.objects.openable_by(viewer).listed().filter(status=Status.FINISHED)
    return finished.filter(revision_id=source).first()


def comparable_runs(run: Run, viewer: Viewer) -> list[Run]:
    """The newest other finished runs of its experiment."""
    # By result, not status: nearly every run is finished, which a database's planner cannot know.
    finished = Run.objects.openable_by(viewer).listed().filter(result_blob__isnull=False)
    return list(finished.filter(revision__experiment_id=run.revision.experiment_id).exclude(pk=run.pk)[:COMPARED_MAX])


def runs_of(viewer: Viewer) -> list[Run]:
    """The newest runs that this person or browser started and may still open; none for an unknown viewer.

    With their experiments, ``may_edit`` of these, and the summaries of their revisions.
    """
    if viewer.user_id is None and not viewer.browser_key:
        return []
    editable = Experiment.objects.editable_by(viewer).filter(pk=OuterRef("revision__experiment_id"))
    theirs = Run.objects.started_by(viewer).openable_by(viewer).listed().annotate(may_edit=Exists(editable))
    return list(theirs.select_related("revision__experiment", "revision__summary")[:LISTED_MAX])


def claimable(viewer: Viewer) -> int:
    """How many experiments this browser created before this person signed in."""
    return 0 if viewer.user_id is None else Experiment.objects.claimable_by(viewer).count()


def openable_experiment(experiment_id: str, viewer: Viewer) -> Experiment | None:
    """That experiment with its owner and team if ``viewer`` may open it, else None."""
    if not _ID.fullmatch(experiment_id):
        return None
    openable = Experiment.objects.openable_by(viewer).select_related("owner", "team")
    return openable.filter(pk=experiment_id).first()


def remembered(experiment_id: str, viewer: Viewer) -> Experiment | None:
    """That deleted experiment with counts of its content, if ``viewer`` could open it before; else None."""
    return _remembered(viewer).filter(pk=experiment_id).first() if _ID.fullmatch(experiment_id) else None


def remembered_of_run(run_id: str, viewer: Viewer) -> Experiment | None:
    """The same for the experiment of that run."""
    if not _ID.fullmatch(run_id):
        return None
    of_run = Revision.objects.filter(runs__pk=run_id).values("experiment_id")
    return _remembered(viewer).filter(pk__in=of_run).first()


def _remembered(viewer: Viewer) -> QuerySet[Experiment]:
    counted = Experiment.objects.remembered_for(viewer)
    return counted.annotate(
        revision_count=Count("revisions", distinct=True), run_count=Count("revisions__runs", distinct=True)
    )


def verdicts_of(experiment: Experiment) -> list[str]:
    """The distinct verdicts of its runs."""
    runs = Run.objects.filter(revision__experiment=experiment).exclude(verdict="")
    return sorted(set(runs.values_list("verdict", flat=True)))


def may_edit(experiment: Experiment, viewer: Viewer) -> bool:
    """Whether ``viewer`` may rename, publish, delete or restore it."""
    return Experiment.objects.editable_by(viewer).filter(pk=experiment.pk).exists()


def source_of(experiment: Experiment, viewer: Viewer) -> Revision | None:
    """The revision it was forked from, if ``viewer`` may open that; else None."""
    if experiment.forked_from_id is None:
        return None
    openable = Revision.objects.filter(experiment__in=Experiment.objects.openable_by(viewer)).defer("scenario_blob")
    return openable.select_related("experiment__owner").filter(pk=experiment.forked_from_id).first()


def revisions_of(experiment: Experiment, *, below: int | None, most: int) -> list[Revision]:
    """Its newest revisions numbered under ``below``, with summaries and ``newest_runs``, without scenarios.

    :returns: one more than ``most`` if there are more; the last one is only for comparison.
    """
    runs = Prefetch("runs", Run.objects.listed()[:RUNS_OF_REVISION_MAX], to_attr="newest_runs")
    listed = Count("runs", filter=Q(runs__reverifies=None, runs__proves_further=None))
    light = experiment.revisions.order_by("-number").select_related("summary").defer("scenario_blob")
    asked = light.annotate(run_count=listed).prefetch_related(runs)
    return list((asked if below is None else asked.filter(number__lt=below))[: most + 1])


def revisions_numbered(experiment: Experiment, number: int) -> list[Revision]:
    """That revision and the one before it, if any; empty if there is no such number."""
    light = experiment.revisions.select_related("summary").defer("scenario_blob")
    found = list(light.filter(number__lte=number).order_by("-number")[:2])
    return found if found and found[0].number == number else []


def runs_of_revision(revision: Revision) -> list[Run]:
    """Its newest runs."""
    return list(Run.objects.listed().filter(revision=revision)[:LISTED_MAX])


def openable_revision(name: str, viewer: Viewer) -> Revision | None:
    """The revision of that id, or of the run of that id, with its experiment, if ``viewer`` may open it; or None."""
    if not _ID.fullmatch(name):
        return None
    openable = Revision.objects.select_related("experiment").filter(
        experiment__in=Experiment.objects.openable_by(viewer)
    )
    return openable.filter(pk=name).first() or openable.filter(runs__pk=name).first()


def queue_length() -> int:
    """How many runs wait for a worker."""
    return Run.objects.filter(status=Status.QUEUED).count()
