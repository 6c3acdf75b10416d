"""Says in the log who signed in and out, who failed to, and whose password, address or second factor changed.

A line has the person's number and the client's address. What was typed is in none: a name that nobody has may be a
password in the wrong field.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth

from playground.accounts.models import User
from playground.infrastructure.clients import client_of

if TYPE_CHECKING:
    from django.dispatch import Signal
    from django.http import HttpRequest

_LOG: Final = logging.getLogger(__name__)
_SAID: Final[dict[Signal, str]] = {
    auth.user_logged_in: "Signed in.",
    auth.user_logged_out: "Signed out.",
    account.user_signed_up: "Signed up.",
    account.password_changed: "A password was changed.",
    account.password_set: "A password was set.",
    account.password_reset: "A password was replaced by e-mail.",
    account.email_confirmed: "An e-mail address was verified.",
    account.email_changed: "An e-mail address was changed.",
    account.email_removed: "An e-mail address was removed.",
    mfa.authentication_failed: "A second factor was wrong.",
    mfa.authenticator_added: "A second factor was added.",
    mfa.authenticator_removed: "A second factor was removed.",
    mfa.authenticator_reset: "Recovery codes were made anew.",
}
# Signals keep no receiver that nothing else holds.
_receivers: Final[list[Any]] = []


def connect() -> None:
    """Log from now on."""
    for signal, sentence in _SAID.items():
        _receivers.append(_saying(sentence))
        signal.connect(_receivers[-1], dispatch_uid=f"security-log {sentence}")
    auth.user_login_failed.connect(_failed, dispatch_uid="security-log failed")


def _saying(sentence: str) -> Any:
    def say(request: HttpRequest | None = None, user: Any = None, **more: Any) -> None:
        person = user or getattr(more.get("email_address"), "user", None)
        _LOG.info(sentence, extra=_who(request, person))

    return say


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """A password was wrong, or there is nobody of that name."""
    named = User.objects.filter(username=str(credentials.get("username", "")).lower()).first()
    _LOG.warning("A sign-in failed.", extra=_who(request, named))


def _who(request: HttpRequest | None, person: Any) -> dict[str, Any]:
    return {"person": getattr(person, "pk", None), "client": client_of(request) if request else ""}
