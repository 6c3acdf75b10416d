"""Identifies browsers, not people: a signed cookie with a random key, set on the first submission."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

COOKIE: Final = "holdover_browser"
_A_YEAR_S: Final = 365 * 24 * 3600


def cookie_name() -> str:
    """The name of the cookie that is set."""
    return f"{settings.COOKIE_PREFIX}{COOKIE}"


def browser_key(request: HttpRequest) -> str:
    """This browser's key, or empty if it has none or its cookie is not ours.

    A browser that was here before cookies had a prefix is known by the plain name, until it gets another.
    """
    for name in (cookie_name(), COOKIE):
        if key := request.get_signed_cookie(name, default="", max_age=_A_YEAR_S):
            return key
    return ""


def new_browser_key() -> str:
    """A new key for a browser."""
    return secrets.token_urlsafe(24)


def remember(response: HttpResponseBase, key: str) -> None:
    """Store ``key`` in the browser for a year."""
    response.set_signed_cookie(
        cookie_name(), key, max_age=_A_YEAR_S, httponly=True, samesite="Lax", secure=settings.CSRF_COOKIE_SECURE
    )
