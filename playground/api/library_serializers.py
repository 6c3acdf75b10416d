"""What the knowledge base answers, and from what is stored to that."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel

from playground.api.schemas import RunRow
from playground.api.serializers import absolute, run_row
from playground.text.display_text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from playground.experiments.models import Experiment
    from playground.library import search
    from playground.library.models import Collection, CollectionItem, Note
    from playground.library.search_params import Asked


class Named(BaseModel):
    """An experiment where only its name is of interest."""

    id: str
    url: str
    api_url: str
    title: str


class Hit(BaseModel):
    """One experiment that was found, its newest finished run, and the line in which it was found."""

    experiment: Named
    tags: list[str]
    run: RunRow | None
    found_in: str | None
    line: str | None


class FacetCount(BaseModel):
    """How many of the matches have that value."""

    facet: str
    value: str
    count: int


class Found(BaseModel):
    """What a search came to. ``more``: there are matches beside the ``count`` that were looked at, the newest ones."""

    items: list[Hit]
    count: int
    more: bool
    facets: list[FacetCount]
    next: str | None


class CollectionRow(BaseModel):
    """A collection in a list; ``experiments`` counts those that you may see there."""

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
    """One place of a collection."""

    experiment: Named
    remark: str


class CollectionState(CollectionRow):
    """A collection with its introduction, Markdown, and what is in it for you."""

    introduction: str
    items: list[Collected]


class NoteState(BaseModel):
    """A note. ``place`` is the anchor on the run's page, empty for the run; ``text`` is Markdown."""

    id: str
    url: str
    anchor: str
    place: str
    text: str
    author: str | None
    created_at: datetime


class Notes(BaseModel):
    """Some of the notes; ``next`` is where to ask for those that follow, or null."""

    items: list[NoteState]
    next: str | None


def found(request: HttpRequest, came_to: search.Found, asked: Asked) -> Found:
    """What a search came to."""
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
        next=request.build_absolute_uri(f"{request.path}?{following}") if following else None,
    )


def _hit(request: HttpRequest, hit: search.Hit) -> Hit:
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
    """A collection in a list."""
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
    """A collection with what is in it."""
    return CollectionState(
        **collection_row(request, collection, len(items)).model_dump(),
        introduction=collection.introduction,
        items=[Collected(experiment=_named(request, one.experiment), remark=one.remark) for one in items],
    )


def note_state(request: HttpRequest, note: Note) -> NoteState:
    """A note."""
    return NoteState(
        id=note.pk,
        url=request.build_absolute_uri(note.get_absolute_url()),
        anchor=note.anchor,
        place=note.place,
        text=note.text,
        author=note.author.username if note.author else None,
        created_at=note.created_at,
    )
