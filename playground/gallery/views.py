"""The gallery's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from playground.gallery import incident, incidents

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every incident."""
    return render(request, "gallery/index.html", {"incidents": incidents()})


@require_safe
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """One incident, with what runs it."""
    found = incident(slug)
    if found is None:
        raise Http404
    return render(request, "gallery/incident.html", {"incident": found})
