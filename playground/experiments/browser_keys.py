"""Identifies browsers, not people: a signed cookie with a random key, set on the first submission."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

COOKIE: Final = "holdover_browser"
_A_YEAR_S: Final = 365 * 24 * 3600


def browser_key(request: HttpRequest) -> str:
    """This browser's key, or empty if it has none or its cookie is not ours."""
    key = request.get_signed_cookie(COOKIE, default="", max_age=_A_YEAR_S)
    return key or ""


def new_browser_key() -> str:
    """A new key for a browser."""
    return secrets.token_urlsafe(24)


def remember(response: HttpResponseBase, key: str) -> None:
    """Store ``key`` in the browser for a year."""
    response.set_signed_cookie(
        COOKIE, key, max_age=_A_YEAR_S, httponly=True, samesite="Lax", secure=settings.CSRF_COOKIE_SECURE
    )
