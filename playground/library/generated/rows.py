"""Stores generated experiments in bulk, search documents included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from playground.experiments import stored_json
from playground.experiments.models import Experiment, Revision, Run, Status
from playground.library.models import SearchDocument, SearchFacet, Tag
from playground.library.search.index import search_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playground.accounts.models import Team, User
    from playground.library.generated.experiments import Generated, Generator

BATCH: Final = 500
_BROWSERS: Final = 500


def store_generated(generator: Generator, count: int, people: Sequence[User], teams: Sequence[Team]) -> Iterator[int]:
    """Store ``count`` experiments owned by these people and teams; yields how many are stored so far."""
    for start in range(0, count, BATCH):
        batch = [generator.next() for _ in range(min(BATCH, count - start))]
        with transaction.atomic():
            _store(batch, start, people, teams)
        yield start + len(batch)


def _store(batch: Sequence[Generated], start: int, people: Sequence[User], teams: Sequence[Team]) -> None:
    experiments = Experiment.objects.bulk_create(
        Experiment(
            title=one.title,
            description=one.description,
            visibility=one.visibility,
            owner=people[(start + at) % len(people)] if at % 4 == 0 else None,
            team=teams[(start + at) % len(teams)] if one.visibility == "team" else None,
            browser_key="" if at % 4 == 0 else f"generated-{(start + at) % _BROWSERS}",
        )
        for at, one in enumerate(batch)
    )
    runs = _runs(batch, experiments)
    documents = SearchDocument.objects.bulk_create(
        SearchDocument(
            experiment=experiment,
            run=run,
            lines_blob=stored_json.pack([[run.id, *line] for line in one.lines]),
        )
        for one, experiment, run in zip(batch, experiments, runs, strict=True)
    )
    SearchFacet.objects.bulk_create(
        SearchFacet(document=document, kind=kind, value=value)
        for one, document in zip(batch, documents, strict=True)
        for kind, value in one.facets
    )
    search_index().write((document.id, one.columns) for one, document in zip(batch, documents, strict=True))
    _tag(batch, experiments)


def _runs(batch: Sequence[Generated], experiments: Sequence[Experiment]) -> list[Run]:
    revisions = Revision.objects.bulk_create(
        Revision(
            experiment=experiment,
            number=1,
            scenario_blob=stored_json.pack(one.variant.scenario),
            sha256=stored_json.digest(one.variant.scenario),
        )
        for one, experiment in zip(batch, experiments, strict=True)
    )
    now = timezone.now()
    return Run.objects.bulk_create(
        Run(
            revision=revision,
            browser_key=experiment.browser_key,
            status=Status.FINISHED,
            queued_at=now,
            finished_at=now,
            backend="generated",
            verdict=one.variant.verdict,
            verdict_messages=one.variant.messages,
            result_blob=stored_json.pack(one.result),
        )
        for one, experiment, revision in zip(batch, experiments, revisions, strict=True)
    )


def _tag(batch: Sequence[Generated], experiments: Sequence[Experiment]) -> None:
    names = {name for one in batch for name in one.tags}
    Tag.objects.bulk_create([Tag(name=name) for name in sorted(names)], ignore_conflicts=True)
    ids = dict(Tag.objects.filter(name__in=names).values_list("name", "id"))
    links = Tag.experiments.through
    links.objects.bulk_create(
        links(tag_id=ids[name], experiment_id=experiment.id)
        for one, experiment in zip(batch, experiments, strict=True)
        for name in one.tags
    )
