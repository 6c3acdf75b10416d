"""The gallery's pages, in the language that the address or the browser asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from playground.gallery import incident, incidents
from playground.gallery.telling import ENGLISH, LANGUAGES, WORDS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every incident."""
    spoken = _spoken(request)
    told = [one.told_in(spoken["language"]) for one in incidents()]
    return render(request, "gallery/index.html", {"incidents": told, **spoken})


@require_safe
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """One incident, with what runs it."""
    found = incident(slug)
    if found is None:
        raise Http404
    spoken = _spoken(request)
    return render(request, "gallery/incident.html", {"incident": found.told_in(spoken["language"]), **spoken})


def _spoken(request: HttpRequest) -> dict[str, Any]:
    """The language, its words, the others to switch to, and what keeps a choice in the links of the page.

    What the address says goes before what the browser asks for; an unknown language is English.
    """
    chosen = request.GET.get("lang", "")
    asked = chosen if chosen in LANGUAGES else getattr(request, "LANGUAGE_CODE", ENGLISH)
    language = asked if asked in LANGUAGES else ENGLISH
    return {
        "language": language,
        "words": WORDS[language],
        "others": [(code, name) for code, name in LANGUAGES.items() if code != language],
        "kept": f"?lang={chosen}" if chosen in LANGUAGES else "",
    }
