"""Serializes stored rows into responses for one caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.urls import reverse

from playground.api.error_handlers import none_such
from playground.api.schemas import ExperimentState, RevisionRow, RevisionState, RunRow
from playground.experiments import selectors, stored_json
from playground.experiments.models import Experiment, Revision
from playground.i18n.marking import told
from playground.infrastructure.site_address import site_address
from playground.runs import longer_proofs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from playground.experiments.models import ExperimentQuerySet, Run
    from playground.experiments.viewer import Viewer


def longer_proof_of(run: Run) -> dict[str, Any] | None:
    """What a longer proof of ``run`` would add, and the run that plays it now; None where it would add nothing."""
    would = longer_proofs.would_add(run)
    if not would:
        return None
    going_on = longer_proofs.under_way(run)
    return {
        "messages": [each.model_dump(mode="json") for each in would],
        "sentence": told(*would),
        "run": going_on and going_on.run_id,
    }


def absolute(request: HttpRequest, name: str, *arguments: object) -> str:
    """The absolute address of a page or an API call."""
    return site_address(request, reverse(name, args=arguments))


def experiment_states(request: HttpRequest, experiments: Sequence[Experiment], viewer: Viewer) -> list[ExperimentState]:
    """Serialize experiments of :func:`with_what_is_told`, in a bounded number of queries."""
    ids = [one.pk for one in experiments]
    editable = set(Experiment.objects.editable_by(viewer).filter(pk__in=ids).values_list("pk", flat=True))
    sources = openable_revisions(viewer, [one.forked_from_id for one in experiments])
    return [_experiment_state(request, one, sources=sources, may_edit=one.pk in editable) for one in experiments]


def with_what_is_told(experiments: ExperimentQuerySet) -> QuerySet[Experiment]:
    """``experiments``, newest first, with everything their responses show."""
    told = experiments.select_related("owner").prefetch_related("tags")
    return told.annotate(revision_count=Count("revisions", distinct=True)).order_by("-created_at", "pk")


def openable_revisions(viewer: Viewer, ids: Sequence[str | None]) -> set[str]:
    """Those of ``ids`` that ``viewer`` may open: a copy of something private does not reveal it."""
    wanted = {one for one in ids if one is not None}
    openable = Experiment.objects.openable_by(viewer)
    return set(Revision.objects.filter(pk__in=wanted, experiment__in=openable).values_list("pk", flat=True))


def _experiment_state(
    request: HttpRequest, experiment: Experiment, *, sources: set[str], may_edit: bool
) -> ExperimentState:
    source = experiment.forked_from_id
    return ExperimentState(
        id=experiment.pk,
        url=absolute(request, "experiment", experiment.pk),
        api_url=absolute(request, "api-experiment", experiment.pk),
        title=experiment.title,
        description=experiment.description,
        visibility=experiment.visibility,
        team=experiment.team_id,
        tags=sorted(tag.name for tag in experiment.tags.all()),
        owner=experiment.owner.username if experiment.owner else None,
        forked_from=source if source in sources else None,
        revisions=experiment.revision_count,  # type: ignore[attr-defined]  # with_what_is_told counts them
        may_edit=may_edit,
        created_at=experiment.created_at,
    )


def revision_rows(request: HttpRequest, revisions: Sequence[Revision], viewer: Viewer) -> list[RevisionRow]:
    """Serialize revisions for a list."""
    parents = openable_revisions(viewer, [one.parent_id for one in revisions])
    return [_revision_row(request, one, parents) for one in revisions]


def revision_state(request: HttpRequest, revision: Revision, viewer: Viewer) -> RevisionState:
    """Serialize one revision with its scenario."""
    row = _revision_row(request, revision, openable_revisions(viewer, [revision.parent_id]))
    return RevisionState(**row.model_dump(), scenario=revision.scenario)


def _revision_row(request: HttpRequest, revision: Revision, parents: set[str]) -> RevisionRow:
    return RevisionRow(
        id=revision.pk,
        url=absolute(request, "revision", revision.experiment_id, revision.number),
        api_url=absolute(request, "api-revision", revision.pk),
        experiment=revision.experiment_id,
        number=revision.number,
        parent=revision.parent_id if revision.parent_id in parents else None,
        created_at=revision.created_at,
    )


def openable_run(run_id: str, viewer: Viewer) -> Run:
    """Find a run with its revision and experiment.

    :raises Refused: ``viewer`` can see none.
    """
    found = selectors.openable_run(run_id, viewer)
    if found is None:
        raise none_such("run")
    return found


def failure_of(run: Run) -> dict[str, Any] | None:
    """Why a run failed on our side, as a message and as its sentence; null if it did not."""
    said = stored_json.unpack_messages(run.failure_messages)
    if not said:
        return None
    messages = [each.model_dump(mode="json") for each in said]
    return {"reference": run.failure_reference, "messages": messages, "sentence": run.failure_sentence}


def run_row(request: HttpRequest, run: Run) -> RunRow:
    """Serialize a run for a list."""
    return RunRow(
        id=run.pk,
        url=absolute(request, "run", run.pk),
        api_url=absolute(request, "api-run", run.pk),
        status=run.status,
        revision=run.revision_id,
        verdict=run.verdict or None,
        verdict_sentence=run.verdict_sentence or None,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )
