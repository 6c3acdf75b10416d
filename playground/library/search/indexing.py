"""Keeps search documents up to date: one when its experiment changes, or all when rebuilt."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from django.db import DatabaseError, transaction

from playground.experiments import stored_json
from playground.experiments.models import Experiment, Run
from playground.library.models import Note, SearchDocument, SearchFacet
from playground.library.search.index import search_index
from playground.library.search.indexed_text import Heading, IndexedText, indexed_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


_LOG: Final = logging.getLogger(__name__)
# A fixed experiment is still found by what it did before: this many revisions are indexed.
REVISIONS_SEARCHED: Final = 3


def on_change(*, experiment_id: str, **_: Any) -> None:
    """Update that experiment's document; a failure is logged and leaves the old one.

    A run's result matters more than its place in the index, which ``manage.py reindex`` repairs.
    """
    try:
        with transaction.atomic():
            index(experiment_id)
    except (DatabaseError, ValueError):
        _LOG.exception("Experiment %s is not searchable as it is now", experiment_id)


def on_emptied(*, experiment_ids: Collection[str], **_: Any) -> None:
    """Remove the notes and search documents of these experiments."""
    Note.objects.filter(run__revision__experiment__in=experiment_ids).delete()
    SearchDocument.objects.filter(experiment__in=experiment_ids).delete()


def index(experiment_id: str) -> None:
    """Rewrite the document of that experiment; without a finished run it has none."""
    experiment = Experiment.objects.select_for_update().get(pk=experiment_id)
    runs = _newest_runs(experiment)
    if not runs:
        return
    results = [(run.id, result) for run in runs if (result := run.result)]
    text = indexed_text(heading_of(experiment), results)
    document, _ = SearchDocument.objects.update_or_create(
        experiment=experiment,
        defaults={
            "run": runs[0],
            "lines_blob": packed_lines(text),
            "lines_left_out": text.lines_left_out,
        },
    )
    document.facets.all().delete()
    SearchFacet.objects.bulk_create(
        SearchFacet(document=document, kind=kind, value=value) for kind, value in text.facets
    )
    search_index().write([(document.id, text.columns)])


def index_all() -> Iterator[str]:
    """Index every experiment, oldest first, each in its own transaction; yields the ids."""
    ids = Experiment.objects.order_by("created_at", "id").values_list("id", flat=True)
    for experiment_id in ids.iterator():
        with transaction.atomic():
            index(experiment_id)
        yield experiment_id


def heading_of(experiment: Experiment) -> Heading:
    """What people wrote about it."""
    tags = tuple(experiment.tags.order_by("name").values_list("name", flat=True))
    return Heading(experiment.title, experiment.description, tags)


def packed_lines(text: IndexedText) -> bytes:
    """The lines as stored beside the index."""
    return stored_json.pack([[line.run_id, line.kind, line.anchor, line.text] for line in text.lines])


def _newest_runs(experiment: Experiment) -> list[Run]:
    """The newest finished run of each of its newest revisions, if any."""
    # By result, not status: nearly every run is finished, which a database's planner cannot know.
    of_it = Run.objects.filter(revision__experiment=experiment, reverifies=None, proves_further=None)
    finished = of_it.filter(result_blob__isnull=False)
    newest: dict[str, str] = {}
    rows = finished.order_by("-revision__number", "-created_at", "id").values_list("revision_id", "id")
    for revision_id, run_id in rows.iterator():
        newest.setdefault(revision_id, run_id)
        if len(newest) > REVISIONS_SEARCHED:
            break
    wanted = list(newest.values())[:REVISIONS_SEARCHED]
    return list(Run.objects.filter(pk__in=wanted).order_by("-revision__number"))
