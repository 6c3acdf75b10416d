"""The library's page: search, facets, and experiments with the same leak shape."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from playground.accounts.models import Team
from playground.experiments.viewer import viewer_of
from playground.library.library_page import library_page
from playground.library.notes import stored as stored_notes
from playground.library.notes.anchors import place_name
from playground.library.search.params import read_search_params
from playground.library.search.searching import PAGE, search
from playground.library.story import stories
from playground.text.display_text import readable

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@never_cache
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Everything visible to the viewer, filtered by the address."""
    viewer = viewer_of(request)
    asked = read_search_params(request.GET)
    found = search(asked, viewer)
    mine = [team for team, _role in viewer.roles]
    teams = dict(Team.objects.filter(pk__in=mine).values_list("pk", "name")) if mine else {}
    told = stories(hit.experiment.id for hit in found.hits)
    context = {
        "asked": asked,
        "hits": [(hit, told.get(hit.experiment.id, "")) for hit in found.hits],
        "found": found,
        "page": library_page(asked, found, teams),
        "start": 1 + (asked.page - 1) * PAGE,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if asked.query.problem else HTTPStatus.OK
    return render(request, "library/library.html", context, status=status)


@never_cache
@require_safe
def notes_on_mine(request: HttpRequest) -> HttpResponse:
    """What others wrote on experiments that are the viewer's to edit, newest first."""
    notes = stored_notes.on_what_is_theirs(viewer_of(request))[: stored_notes.NEWEST_MAX]
    rows = [(note, place_name(note.anchor, note.place), readable(note.text)) for note in notes]
    return render(request, "library/notes.html", {"rows": rows})
