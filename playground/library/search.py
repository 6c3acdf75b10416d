"""Search: who may come across what, what of it matches, which of that is best, and how it divides by facet.

Going through every match of a common word would take as long as there are experiments. So a search looks at the newest
``CANDIDATES_MAX`` matches, at those first whose title, tags, findings or description match; these are ranked and
counted. Where there are more, the page says so. Whoever may not come across an experiment does not spend its place:
the rule of visibility is part of the same query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Exists, OuterRef, QuerySet

from playground.experiments import stored_json
from playground.experiments.models import Experiment, Run
from playground.library.models import FacetKind, SearchDocument, SearchFacet
from playground.library.search_index import search_index
from playground.library.snippets import Snippet, lines_of, snippet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playground.experiments.viewer import Viewer
    from playground.library.asked import Asked

CANDIDATES_MAX: Final = 500
HEAD_CANDIDATES_MAX: Final = 200
PAGE: Final = 20
VALUES_SHOWN_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """An experiment that was found, its newest finished run, and where the text was found in it."""

    experiment: Experiment
    run: Run | None
    tags: tuple[str, ...]
    snippet: Snippet | None
    lines_left_out: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to. ``more`` says that there are matches older than the ``count`` that were looked at.

    ``oldest`` is the document that the next stretch of matches is older than; ``counts`` are values of facets with
    how many of the matches have them.
    """

    hits: tuple[Hit, ...] = ()
    count: int = 0
    more: bool = False
    oldest: int | None = None
    counts: tuple[tuple[str, str, int], ...] = ()
    pages: int = 1


def search(asked: Asked, viewer: Viewer, *, facets: bool = True) -> Found:
    """What ``viewer`` may come across of what is asked for; nothing where the text is no query."""
    if asked.query.problem:
        return Found()
    candidates, more = _candidates(asked, viewer)
    ranked = _ranked(candidates, asked)
    start = (asked.page - 1) * PAGE
    return Found(
        hits=_hits(ranked[start : start + PAGE], asked),
        count=len(candidates),
        more=more,
        oldest=min(candidates, default=None) if more else None,
        counts=_counts(candidates, viewer) if facets else (),
        pages=max(1, -(-len(candidates) // PAGE)),
    )


def listed_documents(viewer: Viewer) -> QuerySet[SearchDocument]:
    """The documents of what ``viewer`` may come across."""
    theirs = Experiment.objects.listed_for(viewer).filter(pk=OuterRef("experiment_id"))
    return SearchDocument.objects.filter(Exists(theirs))


def _candidates(asked: Asked, viewer: Viewer) -> tuple[list[int], bool]:
    """The newest documents that match, those first whose heading does, and whether there are more."""
    documents = _narrowed(listed_documents(viewer), asked, viewer)
    if asked.before is not None:
        documents = documents.filter(pk__lt=asked.before)
    if not asked.query.searches:
        newest = _newest(documents, CANDIDATES_MAX + 1)
        return newest[:CANDIDATES_MAX], len(newest) > CANDIDATES_MAX
    newest = _newest(search_index().matching(documents, asked.query), CANDIDATES_MAX + 1)
    if len(newest) <= CANDIDATES_MAX:
        return newest, False
    heads = []
    if asked.before is None:
        heads = _newest(search_index().matching(documents, asked.query, head_only=True), HEAD_CANDIDATES_MAX)
    return list(dict.fromkeys([*newest[:CANDIDATES_MAX], *heads])), True


def _newest(documents: QuerySet[SearchDocument], most: int) -> list[int]:
    return list(documents.order_by("-pk").values_list("pk", flat=True)[:most])


def _narrowed(documents: QuerySet[SearchDocument], asked: Asked, viewer: Viewer) -> QuerySet[SearchDocument]:
    for kind, value in asked.chosen:
        if kind == "team":
            # What belongs to a team is its members' to know.
            mine = [team for team, _ in viewer.roles if team == value]
            documents = documents.filter(experiment__team_id__in=mine)
        else:
            has = SearchFacet.objects.filter(document=OuterRef("pk"), kind=kind, value=value)
            documents = documents.filter(Exists(has))
    return documents


def _ranked(candidates: Sequence[int], asked: Asked) -> list[int]:
    if not asked.query.searches:
        return list(candidates)
    ranks = search_index().ranks(candidates, asked.query)
    return sorted(candidates, key=lambda key: (ranks.get(key, 0.0), key), reverse=True)


def _counts(candidates: Sequence[int], viewer: Viewer) -> tuple[tuple[str, str, int], ...]:
    among = SearchFacet.objects.filter(document_id__in=candidates).exclude(kind=FacetKind.FINGERPRINT)
    counted = [(row["kind"], row["value"], row["n"]) for row in among.values("kind", "value").annotate(n=Count("pk"))]
    if viewer.roles:
        mine = Experiment.objects.filter(search_document__in=candidates, team_id__in=[team for team, _ in viewer.roles])
        counted += [("team", row["team_id"], row["n"]) for row in mine.values("team_id").annotate(n=Count("pk"))]
    return tuple(sorted(counted, key=lambda row: (row[0], -row[2], row[1])))


def _hits(ids: Sequence[int], asked: Asked) -> tuple[Hit, ...]:
    documents = SearchDocument.objects.select_related("experiment", "experiment__owner", "run")
    shown = documents.defer("run__result_blob", "run__events_blob").in_bulk(ids)
    tags: dict[int, list[str]] = {}
    tagged = SearchFacet.objects.filter(document_id__in=ids, kind=FacetKind.TAG).order_by("value")
    for key, value in tagged.values_list("document_id", "value"):
        tags.setdefault(key, []).append(value)
    return tuple(_hit(shown[key], tags.get(key, ()), asked) for key in ids if key in shown)


def _hit(document: SearchDocument, tags: Iterable[str], asked: Asked) -> Hit:
    experiment = document.experiment
    place = None
    if asked.query.searches:
        stored = stored_json.unpack(document.lines_blob)
        place = snippet(asked.query, lines_of(experiment.title, experiment.description, stored))
    return Hit(experiment, document.run, tuple(tags), place, document.lines_left_out)
