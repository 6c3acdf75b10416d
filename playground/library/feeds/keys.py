"""Keys of feeds: whoever has one reads what its person may see of a collection or a team, asked at each read.

A feed reader cannot sign in. A person has one key for each collection and team; renewing it ends the one before.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from playground.accounts.models import Team, digest
from playground.experiments.viewer import Viewer, viewer_for
from playground.library.models import Collection, FeedKey

if TYPE_CHECKING:
    from playground.accounts.models import User

KEYS_MAX: Final = 50
_SUBJECT: Final = re.compile(r"(?P<kind>collection|team):(?P<id>[A-Za-z0-9_-]{22})")

Subject = Collection | Team


class TooManyKeysError(Exception):
    """This person has as many keys as they may."""


@dataclass(frozen=True, slots=True)
class Readable:
    """What a key opens now, and for whom."""

    subject: Subject
    viewer: Viewer


def name_of(subject: Subject) -> str:
    """How a form names it."""
    return f"{'team' if isinstance(subject, Team) else 'collection'}:{subject.pk}"


def subject_named(name: str, viewer: Viewer) -> Subject | None:
    """The collection or team of that name, if ``viewer`` may open it; else None."""
    found = _SUBJECT.fullmatch(name)
    if found is None:
        return None
    if found["kind"] == "collection":
        return Collection.objects.openable_by(viewer).filter(pk=found["id"]).first()
    mine = [team for team, _role in viewer.roles]
    return Team.objects.filter(pk=found["id"], deleted_at=None).filter(pk__in=mine).first()


def make(user: User, subject: Subject) -> str:
    """The secret of a new key, which cannot be read again; the one before ends.

    :raises TooManyKeysError: they have :data:`KEYS_MAX` already.
    """
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        withdraw(user, subject)
        if FeedKey.objects.filter(user=user).count() >= KEYS_MAX:
            raise TooManyKeysError
        FeedKey.objects.create(user=user, sha256=digest(secret), **_of(subject))
    return secret


def withdraw(user: User, subject: Subject) -> bool:
    """End their key of it; False if there is none."""
    return bool(FeedKey.objects.filter(user=user, **_of(subject)).delete()[0])


def keys_of(user: User) -> list[FeedKey]:
    """Their keys, newest first."""
    return list(FeedKey.objects.filter(user=user).select_related("collection", "team").order_by("-created_at", "-pk"))


def read(secret: str) -> Readable | None:
    """What the key with that secret opens: None if there is none, or its person may not open that any more."""
    key = FeedKey.objects.select_related("user", "collection", "team").filter(sha256=digest(secret)).first()
    if key is None or not key.user.is_active:
        return None
    viewer = viewer_for(key.user)
    subject = subject_named(name_of(key.subject), viewer)
    return Readable(subject, viewer) if subject else None


def _of(subject: Subject) -> dict[str, Any]:
    return {"team": subject} if isinstance(subject, Team) else {"collection": subject}
