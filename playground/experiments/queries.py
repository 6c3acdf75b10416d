"""The questions that pages ask the database; each is a bounded number of queries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.db.models import Prefetch

from playground.experiments.models import Experiment, Revision, Run, Status

if TYPE_CHECKING:
    from playground.experiments.viewer import Viewer
    from sandbox_runner.scenario import Scenario

LISTED_MAX: Final = 200
# What is none is not asked for: a database need not take every text.
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,22}")


def run_with_scenario(run_id: str) -> Run | None:
    """That run with its revision, or None."""
    return Run.objects.select_related("revision__experiment").filter(pk=run_id).first()


def openable_run(run_id: str, viewer: Viewer) -> Run | None:
    """That run with its revision, or None: also where ``viewer`` may not open it."""
    runs = Run.objects.openable_by(viewer).select_related("revision__experiment")
    return runs.filter(pk=run_id).first() if _ID.fullmatch(run_id) else None


def runs_of_browser(key: str) -> list[Run]:
    """The newest runs of that browser; none for a browser without a key."""
    return list(Run.objects.listed().filter(browser_key=key)[:LISTED_MAX]) if key else []


def revisions_with_runs(experiment: Experiment) -> list[Revision]:
    """Its newest revisions with their runs, both newest first."""
    runs = Prefetch("runs", Run.objects.listed())
    return list(experiment.revisions.order_by("-number").defer("scenario_blob").prefetch_related(runs)[:LISTED_MAX])


def revision(revision_id: str) -> Revision | None:
    """That revision with its experiment, or None."""
    if not _ID.fullmatch(revision_id):
        return None
    return Revision.objects.select_related("experiment").filter(pk=revision_id).first()


def revision_named(name: str) -> tuple[Revision, Scenario] | None:
    """The revision of that id, or of the run of that id, and its scenario; or None."""
    if not _ID.fullmatch(name):
        return None
    found = Revision.objects.filter(pk=name).first() or Revision.objects.filter(runs__pk=name).first()
    return None if found is None else (found, found.scenario)


def queue_length() -> int:
    """How many runs wait for a worker."""
    return Run.objects.filter(status=Status.QUEUED).count()
