"""This product's rules for sign-in: how clients and guesses are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from django.conf import settings

from playground.infrastructure.clients import client_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from playground.accounts.models import User

# Names of limits in the settings.
_FAILED: Final = "login_failed"
_BY_NAME: Final = "login_failed_by_name"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Allauth's adapter with this product's rules.

    A few wrong passwords lock a name for whoever guessed, not for everybody: else anybody could lock anybody out. Many,
    from many clients, lock it for all; a new password by e-mail lets its person in.
    """

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address, the same one that submissions are counted by."""
        return client_of(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of the e-mail: at the configured site, whatever host and port the request named."""
        return at_the_configured_site(super().get_reset_password_from_key_url(key))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """:raises ValidationError: too many guesses, by this client or at this name."""
        super().pre_authenticate(request, **credentials)
        if not ratelimit.consume(request, action=_BY_NAME, key=_name(credentials)):
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return _key(request, _name(credentials))


def at_the_configured_site(address: str) -> str:
    """``address`` at the first of the configured origins; unchanged where none is configured."""
    origins = settings.HOLDOVER.trusted_origins
    if not origins:
        return address
    site = urlsplit(origins[0])
    return urlunsplit(urlsplit(address)._replace(scheme=site.scheme, netloc=site.netloc))


def forget_guesses(request: HttpRequest, user: User, **_: Any) -> None:
    """Receiver of allauth's signal that somebody set a new password by e-mail: the lock of their name ends."""
    ratelimit.clear(request, action=_FAILED, key=_key(request, user.username))
    ratelimit.clear(request, action=_BY_NAME, key=user.username.lower())


def _key(request: HttpRequest, name: str) -> str:
    return f"{client_of(request)} {name.lower()}"


def _name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "").lower()
