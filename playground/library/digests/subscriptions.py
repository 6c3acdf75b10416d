"""Who gets the weekly e-mail, at which address, and the secret in its link that ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from allauth.account.models import EmailAddress
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from playground.library.models import Digest

if TYPE_CHECKING:
    from playground.accounts.models import User

EVERY: Final = timedelta(days=7)
_SALT: Final = "playground.library.digests"


def address_of(user: User) -> str:
    """Their verified e-mail address, or nothing; e-mails go to no other."""
    verified = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return verified.values_list("email", flat=True).first() or ""


def subscribe(user: User, *, language: str, site: str) -> Digest:
    """Send it to them weekly from now on, in ``language``, with links to ``site``; or change these two."""
    now = timezone.now()
    chosen = {"language": language, "site": site}
    return Digest.objects.update_or_create(
        user=user, defaults=chosen, create_defaults=chosen | {"covered_until": now, "due_at": now + EVERY}
    )[0]


def unsubscribe(user: User) -> bool:
    """Send them no more of it; False if they get none."""
    return bool(Digest.objects.filter(user=user).delete()[0])


def secret_of(digest: Digest) -> str:
    """What the link to end it has: only this installation can make it, and it ends no later subscription."""
    return f"{digest.pk}-{salted_hmac(_SALT, str(digest.pk), algorithm='sha256').hexdigest()}"


def digest_of(secret: str) -> Digest | None:
    """The one that the link with that secret ends; None if there is none."""
    key, dash, _told = secret.partition("-")
    if not dash or not key.isascii() or not key.isdecimal() or len(key) > len(str(10**15)):
        return None
    found = Digest.objects.select_related("user").filter(pk=int(key)).first()
    return found if found and constant_time_compare(secret, secret_of(found)) else None
