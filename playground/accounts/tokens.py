"""Tokens for people's programs: shown once, stored as digests, bounded in scope and time, revoked permanently."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils import timezone

from playground.accounts.models import ApiToken, digest

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from playground.accounts.models import User
    from playground.accounts.scopes import Scope

PREFIX: Final = "hld_"
TOKENS_MAX: Final = 50
NAME_CHARACTERS_MAX: Final = 80
# How many days a token may be made for.
DAYS: Final = (7, 30, 90, 365)
# How long an expired one is still listed, for whoever wonders why a program is refused.
_LISTED_AFTER: Final = timedelta(days=30)
_HINT_CHARACTERS: Final = 12
# Useful to people, but not worth a write on every request.
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


class TooManyTokens(Exception):  # noqa: N818 - said to the person, who revokes one
    """This person has the maximum number of tokens."""


def issue(user: User, name: str, scope: Scope, days: int) -> tuple[ApiToken, str]:
    """Create a token for ``user`` and return it with its secret, which cannot be read again.

    :raises TooManyTokens: they already have :data:`TOKENS_MAX` valid tokens.
    """
    if _valid(ApiToken.objects.filter(user=user)).count() >= TOKENS_MAX:
        raise TooManyTokens
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        hint=secret[:_HINT_CHARACTERS],
        sha256=digest(secret),
        scope=scope,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, secret


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Their tokens that are valid or expired lately, newest first."""
    listed = Q(expires_at=None) | Q(expires_at__gt=timezone.now() - _LISTED_AFTER)
    return ApiToken.objects.filter(listed, user=user, revoked_at=None).order_by("-created_at", "-pk")


def _valid(tokens: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
    return tokens.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


def token_of(secret: str) -> ApiToken | None:
    """The valid token with that secret, or None; its use is recorded."""
    if not secret.startswith(PREFIX):
        return None
    found = _valid(ApiToken.objects.select_related("user").filter(sha256=digest(secret))).first()
    if found is None or not found.user.is_active:
        return None
    now = timezone.now()
    unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - _USE_NOTED_EVERY)
    ApiToken.objects.filter(unnoted, pk=found.pk).update(last_used_at=now)
    return found


def revoke(user: User, token_id: int) -> bool:
    """Revoke that token of ``user``; False if they have none with that id."""
    return bool(tokens_of(user).filter(pk=token_id).update(revoked_at=timezone.now()))
