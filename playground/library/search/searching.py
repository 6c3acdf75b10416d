"""Search: visibility, matching, ranking and facet counts.

Going through every match of a common word would take as long as there are experiments. So a search examines the newest
``CANDIDATES_MAX`` matches, and those whose title, tags, findings or description match; these are ranked and counted. If
there are more, the page says so. Invisible experiments take no place among them: the index is read in batches, newest
first, and each batch is filtered by visibility before anything is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Exists, OuterRef, QuerySet

from playground.experiments import stored_json
from playground.experiments.models import Experiment, Run
from playground.library.models import FacetKind, SearchDocument, SearchFacet
from playground.library.search.index import search_index
from playground.library.search.snippets import Snippet, lines_of, snippet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from playground.experiments.viewer import Viewer
    from playground.library.search.params import SearchParams

CANDIDATES_MAX: Final = 300
HEAD_CANDIDATES_MAX: Final = 100
PAGE: Final = 20
# With this many matches no further batch is read: a phrase may be rare although each of its words is common.
ENOUGH: Final = 3 * PAGE
# How many matches are read from the index at a time; the second if few of the first remain.
_STRETCHES: Final = (750, 2_000)
# How many are filtered by visibility at a time: few are looked up by key, but for many a database would rather scan all
# experiments.
_PART: Final = 375
_BEYOND: Final = 2**62


@dataclass(frozen=True, slots=True)
class Hit:
    """A matching experiment, its newest finished run, and where the text was found in it."""

    experiment: Experiment
    run: Run | None
    tags: tuple[str, ...]
    snippet: Snippet | None
    lines_left_out: int


@dataclass(frozen=True, slots=True)
class Found:
    """Search results. ``more``: there are older matches beyond the ``count`` that were examined.

    ``oldest`` is the document that the next batch is older than; ``counts`` are facet values with the number of matches
    that have them.
    """

    hits: tuple[Hit, ...] = ()
    count: int = 0
    more: bool = False
    oldest: int | None = None
    counts: tuple[tuple[str, str, int], ...] = ()
    pages: int = 1


def search(asked: SearchParams, viewer: Viewer, *, facets: bool = True) -> Found:
    """Search what is visible to ``viewer``; empty if the text is not a query."""
    if asked.query.problem:
        return Found()
    ranks, oldest = _candidates(asked, viewer)
    ranked = sorted(ranks, key=lambda key: (ranks[key], key), reverse=True)
    start = (asked.page - 1) * PAGE
    return Found(
        hits=_hits(ranked[start : start + PAGE], asked),
        count=len(ranked),
        more=oldest is not None,
        oldest=oldest,
        counts=_counts(ranked, viewer) if facets else (),
        pages=max(1, -(-len(ranked) // PAGE)),
    )


def listed_documents(viewer: Viewer) -> QuerySet[SearchDocument]:
    """The documents visible to ``viewer``."""
    theirs = Experiment.objects.listed_for(viewer).filter(pk=OuterRef("experiment_id"))
    return SearchDocument.objects.filter(Exists(theirs))


def _candidates(asked: SearchParams, viewer: Viewer) -> tuple[dict[int, float], int | None]:
    """The newest matching documents with their ranks, and the document that unexamined ones are older than."""
    ranks: dict[int, float] = {}
    below, older = _BEYOND if asked.before is None else asked.before, False
    for part, older_than_part in _newest(asked, below, ranks):
        seen = _visible(part, asked, viewer)
        taken = seen[: CANDIDATES_MAX - len(ranks)]
        ranks |= _ranks(taken, asked)
        cut = len(taken) < len(seen)
        below, older = taken[-1] if cut else part[-1], older_than_part or cut
        if cut or len(ranks) >= CANDIDATES_MAX:
            break
    return (ranks | _heads(asked, viewer, below), below) if older else (ranks, None)


def _newest(asked: SearchParams, below: int, found: Mapping[int, float]) -> Iterator[tuple[list[int], bool]]:
    """Documents that may match, newest first, in batches, and whether there are older ones than the batch's.

    Ends after the batch in which enough of them are ``found``.
    """
    for size in _STRETCHES:
        ids = _stretch(asked, below, size + 1)
        for at in range(0, min(len(ids), size), _PART):
            part = ids[at : min(at + _PART, size)]
            yield part, at + len(part) < len(ids)
        if len(ids) <= size or len(found) >= ENOUGH:
            return
        below = ids[size - 1]


def _heads(asked: SearchParams, viewer: Viewer, below: int) -> dict[int, float]:
    """Older ones whose heading matches: among many matches, these are most likely what was meant."""
    if not asked.query.wanted or asked.before is not None:
        return {}
    ids = search_index().newest(asked.indexed, below, HEAD_CANDIDATES_MAX, head_only=True)
    return _ranks(_visible(ids, asked, viewer), asked)


def _stretch(asked: SearchParams, below: int, most: int) -> list[int]:
    if asked.indexed.searches:
        return search_index().newest(asked.indexed, below, most)
    return list(SearchDocument.objects.filter(pk__lt=below).order_by("-pk").values_list("pk", flat=True)[:most])


def _visible(ids: Sequence[int], asked: SearchParams, viewer: Viewer) -> list[int]:
    """Those visible to the viewer, and of the requested team if any, newest first."""
    documents = listed_documents(viewer).filter(pk__in=ids)
    for team in (value for kind, value in asked.chosen if kind == "team"):
        # Only members know what belongs to a team.
        mine = [one for one, _ in viewer.roles if one == team]
        documents = documents.filter(experiment__team_id__in=mine)
    return sorted(documents.values_list("pk", flat=True), reverse=True)


def _ranks(ids: Sequence[int], asked: SearchParams) -> dict[int, float]:
    return search_index().ranks(ids, asked.query) if asked.query.wanted and ids else dict.fromkeys(ids, 0.0)


def _counts(candidates: Sequence[int], viewer: Viewer) -> tuple[tuple[str, str, int], ...]:
    among = SearchFacet.objects.filter(document_id__in=candidates).exclude(kind=FacetKind.FINGERPRINT)
    counted = [(row["kind"], row["value"], row["n"]) for row in among.values("kind", "value").annotate(n=Count("*"))]
    if viewer.roles:
        mine = Experiment.objects.filter(search_document__in=candidates, team_id__in=[team for team, _ in viewer.roles])
        counted += [("team", row["team_id"], row["n"]) for row in mine.values("team_id").annotate(n=Count("pk"))]
    return tuple(sorted(counted, key=lambda row: (row[0], -row[2], row[1])))


def _hits(ids: Sequence[int], asked: SearchParams) -> tuple[Hit, ...]:
    documents = SearchDocument.objects.select_related("experiment", "experiment__owner", "run")
    shown = documents.defer("run__result_blob", "run__events_blob").in_bulk(ids)
    tags: dict[int, list[str]] = {}
    tagged = SearchFacet.objects.filter(document_id__in=ids, kind=FacetKind.TAG).order_by("value")
    for key, value in tagged.values_list("document_id", "value"):
        tags.setdefault(key, []).append(value)
    return tuple(_hit(shown[key], tags.get(key, ()), asked) for key in ids if key in shown)


def _hit(document: SearchDocument, tags: Iterable[str], asked: SearchParams) -> Hit:
    experiment = document.experiment
    place = None
    if asked.query.wanted:
        stored = stored_json.unpack(document.lines_blob)
        place = snippet(asked.query, lines_of(experiment.title, experiment.description, stored))
    return Hit(experiment, document.run, tuple(tags), place, document.lines_left_out)
