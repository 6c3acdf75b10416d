"""Error responses: a page with a sentence for people, ``application/problem+json`` for programs (RFC 9457)."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.urls import is_valid_path
from django.utils.http import escape_leading_slashes
from django.views.defaults import page_not_found

from playground.i18n.marking import N_, Words, _

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_TITLES: Final = Words(
    {
        HTTPStatus.BAD_REQUEST: N_("This request cannot be answered"),
        HTTPStatus.FORBIDDEN: N_("You may not do that"),
        HTTPStatus.NOT_FOUND: N_("Not found"),
        HTTPStatus.CONFLICT: N_("That cannot be done as things are"),
        HTTPStatus.TOO_MANY_REQUESTS: N_("Too many requests"),
        HTTPStatus.SERVICE_UNAVAILABLE: N_("Not available just now"),
    }
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused for now, in a sentence, and the seconds until a retry."""

    sentence: str
    retry_after_s: int


def problem_page(request: HttpRequest, status: HTTPStatus, sentence: str, typed: str = "") -> HttpResponse:
    """A page that explains the error in one sentence; ``typed`` is what would be lost otherwise."""
    context = {"title": _TITLES.get(status, status.phrase), "sentence": sentence, "typed": typed}
    return render(request, "problem.html", context, status=status)


def problem_json(status: HTTPStatus, sentence: str, **more: Any) -> JsonResponse:
    """The same for a program; ``more`` names the field and the place, where there is one."""
    named = {name: value for name, value in more.items() if value not in (None, "")}
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": sentence} | named
    return JsonResponse(body, status=status, content_type="application/problem+json")


def refused_page(request: HttpRequest, refusal: Refusal, typed: str = "") -> HttpResponse:
    """Too many requests: the page says why, and when to retry."""
    response = problem_page(request, HTTPStatus.TOO_MANY_REQUESTS, refusal.sentence, typed)
    response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response


def refused_json(refusal: Refusal) -> JsonResponse:
    """Too many requests, for a program."""
    response = problem_json(HTTPStatus.TOO_MANY_REQUESTS, refusal.sentence)
    response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A form without this browser's CSRF token: from another site, or from a browser without cookies."""
    sentence = _(
        "The form did not come from a page of this browser; allow cookies for this site, reload and try again."
    )
    return problem_page(request, HTTPStatus.FORBIDDEN, sentence)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A request that no page of ours sends: too many fields, a wrong host, a broken form."""
    sentence = _("Bad request: not sent from this site. Nothing was stored.")
    return problem_page(request, HTTPStatus.BAD_REQUEST, sentence)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page's address with a slash too many leads to the page; elsewhere there is none."""
    without = request.path.rstrip("/")
    if request.method in ("GET", "HEAD") and without not in ("", request.path) and is_valid_path(without):
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(escape_leading_slashes(without) + (f"?{query}" if query else ""))
    return page_not_found(request, exception)
