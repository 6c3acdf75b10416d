"""What is said once on the next page ("Saved."): in a cookie named like this site's others, or in the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

if TYPE_CHECKING:
    from django.http import HttpRequest

PLAIN_NAME: Final = "messages"


def cookie_name() -> str:
    """The name of the cookie."""
    return f"{settings.COOKIE_PREFIX}{PLAIN_NAME}"


class InCookie(CookieStorage):
    """A cookie that no other host of the domain sets."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.cookie_name = cookie_name()


class Messages(FallbackStorage):
    """The session has what is too long for the cookie."""

    storage_classes = (InCookie, SessionStorage)
