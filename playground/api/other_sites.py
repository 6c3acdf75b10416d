"""Keeps pages of other sites from using a visitor's browser to call the API without a token, and tokens from the air.

A browser sends a form's media types and requests without a body to any site without asking that site first
(https://fetch.spec.whatwg.org/#http-cors-protocol), and a local installation would then play code that the other site
chose. It does say where such a request comes from. A token is different: a browser asks before it sends
``Authorization`` to another site, and this one never agrees.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.conf import settings

from playground.infrastructure.problem_responses import problem_json

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

JSON: Final = "application/json"
ZIP: Final = "application/zip"
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def refused(request: HttpRequest) -> HttpResponse | None:
    """The response to a writing request that is not JSON or comes from another site; None for every other request.

    At a site with TLS nothing is read without it.
    """
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        sentence = "The API is at https:// only. A token that was sent without TLS may have been read: revoke it."
        return problem_json(HTTPStatus.FORBIDDEN, sentence)
    if request.method in _READING:
        return None
    if is_from_another_site(request) and not request.headers.get("Authorization"):
        sentence = "The request comes from a page of another site; send it from a program, or with a token."
        return problem_json(HTTPStatus.FORBIDDEN, sentence)
    # A browser asks before it sends a PUT, whatever is in it.
    is_sent = request.method == "PUT" and request.content_type == ZIP
    if _has_body(request) and request.content_type != JSON and not is_sent:
        return problem_json(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"A body has to be sent with Content-Type: {JSON}.")
    return None


def is_from_another_site(request: HttpRequest) -> bool:
    """Whether a browser says so; programs say nothing."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return True
    origin = request.headers.get("Origin")
    ours = f"{request.scheme}://{request.get_host()}"
    return origin is not None and origin != ours and origin not in settings.CSRF_TRUSTED_ORIGINS


def _has_body(request: HttpRequest) -> bool:
    return request.headers.get("Content-Length", "") not in ("", "0") or "Transfer-Encoding" in request.headers
