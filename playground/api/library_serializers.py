"""The library's responses, and how they are made from stored rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel

from playground.api.schemas import RunRow
from playground.api.serializers import absolute, run_row
from playground.infrastructure.site_address import site_address
from playground.text.display_text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from playground.experiments.models import Experiment
    from playground.library.models import Collection, CollectionItem, Note
    from playground.library.search import searching
    from playground.library.search.params import SearchParams


class Named(BaseModel):
    """An experiment, by name only."""

    id: str
    url: str
    api_url: str
    title: str


class Hit(BaseModel):
    """A matching experiment, its newest finished run, and the line that matched."""

    experiment: Named
    tags: list[str]
    run: RunRow | None
    found_in: str | None
    line: str | None


class FacetCount(BaseModel):
    """How many matches have that value."""

    facet: str
    value: str
    count: int


class Found(BaseModel):
    """Search results. ``more``: there are older matches beyond the ``count`` newest that were examined."""

    items: list[Hit]
    count: int
    more: bool
    facets: list[FacetCount]
    next: str | None


class CollectionRow(BaseModel):
    """A collection in a list; ``experiments`` counts those you may see."""

    id: str
    url: str
    api_url: str
    title: str
    visibility: str
    owner: str
    experiments: int
    created_at: datetime


class Collections(BaseModel):
    """Collections, newest first."""

    items: list[CollectionRow]


class Collected(BaseModel):
    """One item of a collection."""

    experiment: Named
    remark: str


class CollectionState(CollectionRow):
    """A collection with its introduction (Markdown) and the items you may see."""

    introduction: str
    items: list[Collected]


class NoteState(BaseModel):
    """A note. ``place`` is the anchor on the run's page, empty for the run itself; ``text`` is Markdown.

    ``reply_to`` is the id of the note that it answers.
    """

    id: str
    url: str
    anchor: str
    place: str
    reply_to: str | None
    text: str
    author: str | None
    created_at: datetime


class Notes(BaseModel):
    """A page of notes; ``next`` is the address of the following page, or null."""

    items: list[NoteState]
    next: str | None


def found(request: HttpRequest, came_to: searching.Found, asked: SearchParams) -> Found:
    """Serialize search results."""
    following = None
    if asked.page < came_to.pages:
        following = asked.address(page=asked.page + 1, before=asked.before)
    elif came_to.more:
        following = asked.address(before=came_to.oldest)
    return Found(
        items=[_hit(request, one) for one in came_to.hits],
        count=came_to.count,
        more=came_to.more,
        facets=[FacetCount(facet=facet, value=value, count=count) for facet, value, count in came_to.counts],
        next=site_address(request, f"{request.path}?{following}") if following else None,
    )


def _hit(request: HttpRequest, hit: searching.Hit) -> Hit:
    return Hit(
        experiment=_named(request, hit.experiment),
        tags=list(hit.tags),
        run=run_row(request, hit.run) if hit.run else None,
        found_in=hit.snippet.kind if hit.snippet else None,
        line=plain(hit.snippet.text) if hit.snippet else None,
    )


def _named(request: HttpRequest, experiment: Experiment) -> Named:
    return Named(
        id=experiment.pk,
        url=absolute(request, "experiment", experiment.pk),
        api_url=absolute(request, "api-experiment", experiment.pk),
        title=experiment.title,
    )


def collection_row(request: HttpRequest, collection: Collection, count: int) -> CollectionRow:
    """Serialize a collection for a list."""
    return CollectionRow(
        id=collection.pk,
        url=absolute(request, "collection", collection.pk),
        api_url=absolute(request, "api-collection", collection.pk),
        title=collection.title,
        visibility=collection.visibility,
        owner=collection.owner.username,
        experiments=count,
        created_at=collection.created_at,
    )


def collection_state(request: HttpRequest, collection: Collection, items: Sequence[CollectionItem]) -> CollectionState:
    """Serialize a collection with its items."""
    return CollectionState(
        **collection_row(request, collection, len(items)).model_dump(),
        introduction=collection.introduction,
        items=[Collected(experiment=_named(request, one.experiment), remark=one.remark) for one in items],
    )


def note_state(request: HttpRequest, note: Note) -> NoteState:
    """Serialize a note."""
    return NoteState(
        id=note.pk,
        url=site_address(request, note.get_absolute_url()),
        anchor=note.anchor,
        place=note.place,
        reply_to=note.reply_to_id,
        text=note.text,
        author=note.author.username if note.author else None,
        created_at=note.created_at,
    )
