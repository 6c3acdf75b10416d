"""The OpenAPI document, as JSON for programs and as a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from playground.api.api import api
from playground.api.reading import paragraphs, sections, shapes

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def json(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The document."""
    return JsonResponse(api.get_openapi_schema())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The document as a page: every operation with its parameters and responses."""
    document = api.get_openapi_schema()
    context = {
        "paragraphs": paragraphs(document),
        "sections": sections(document),
        "shapes": shapes(document),
    }
    return render(request, "api/docs.html", context)
