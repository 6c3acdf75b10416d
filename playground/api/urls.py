"""The addresses of version 1 of the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.http import HttpResponseNotAllowed
from django.urls import URLPattern, path, re_path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from playground.api import document, other_sites
from playground.api.api import api
from playground.infrastructure.problem_responses import problem_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    View = Callable[..., HttpResponseBase]


def _spoken(view: View) -> View:
    """Wrap ``view``: a disallowed method gets the usual error response, and HEAD is GET without a body.

    What another site's page sends does not reach it.
    """

    def spoken(request: HttpRequest, **found: str) -> HttpResponseBase:
        if (foreign := other_sites.refused(request)) is not None:
            return foreign
        if request.method == "HEAD":
            request.method = "GET"
        response = view(request, **found)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = ", ".join(sorted(response.headers["Allow"].split(", ")))
        refused = problem_json(HTTPStatus.METHOD_NOT_ALLOWED, f"This address takes {allowed}.")
        refused.headers["Allow"] = allowed
        return refused

    spoken.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie speaks for anybody here
    return spoken


def _nothing(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    return problem_json(HTTPStatus.NOT_FOUND, "There is nothing at this address; /api/v1/docs lists what there is.")


_operations: Final = [
    URLPattern(pattern.pattern, _spoken(pattern.callback), pattern.default_args, pattern.name)
    for router in api._get_bound_routers()  # noqa: SLF001 - its public `urls` adds pages that load scripts from elsewhere
    for pattern in router.urls_paths(router.prefix)
]

urlpatterns = [
    path("", require_safe(RedirectView.as_view(pattern_name="api-docs")), name="api-root"),
    path("docs", document.page, name="api-docs"),
    path("openapi.json", document.json, name="api-openapi"),
    *_operations,
    re_path("", _spoken(_nothing), name="api-nothing"),
]
