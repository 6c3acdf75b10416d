"""Tokens for people's programs: shown once, stored as digests, revoked permanently."""

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

PREFIX: Final = "hld_"
TOKENS_MAX: Final = 50
NAME_CHARACTERS_MAX: Final = 80
_HINT_CHARACTERS: Final = 12
# Useful to people, but not worth a write on every request.
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


class TooManyTokens(Exception):  # noqa: N818 - said to the person, who revokes one
    """This person has the maximum number of tokens."""


def issue(user: User, name: str) -> tuple[ApiToken, str]:
    """Create a token for ``user`` and return it with its secret, which cannot be read again.

    :raises TooManyTokens: they already have :data:`TOKENS_MAX` valid tokens.
    """
    if tokens_of(user).count() >= TOKENS_MAX:
        raise TooManyTokens
    secret = PREFIX + secrets.token_urlsafe(32)
    hint = secret[:_HINT_CHARACTERS]
    return ApiToken.objects.create(user=user, name=name, hint=hint, sha256=digest(secret)), secret


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Their valid tokens, newest first."""
    return ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at", "-pk")


def token_of(secret: str) -> ApiToken | None:
    """The valid token with that secret, or None; its use is recorded."""
    if not secret.startswith(PREFIX):
        return None
    found = ApiToken.objects.select_related("user").filter(sha256=digest(secret), revoked_at=None).first()
    if found is None or not found.user.is_active:
        return None
    now = timezone.now()
    unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - _USE_NOTED_EVERY)
    ApiToken.objects.filter(unnoted, pk=found.pk).update(last_used_at=now)
    return found


def revoke(user: User, token_id: int) -> bool:
    """Revoke that token of ``user``; False if they have none with that id."""
    return bool(tokens_of(user).filter(pk=token_id).update(revoked_at=timezone.now()))
