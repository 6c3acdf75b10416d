"""Accounts whose e-mail address nobody verified: they go, so that their names and addresses are free again."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.utils import timezone

from playground.accounts.models import User

KEPT: Final = timedelta(days=7)
_AT_ONCE: Final = 100


def remove_unverified() -> int:
    """Remove accounts of more than a week ago at which nobody signed in for want of a verified address."""
    verified = EmailAddress.objects.filter(verified=True).values("user")
    waiting = User.objects.filter(last_login=None, is_staff=False, emailaddress__verified=False)
    overdue = waiting.filter(date_joined__lt=timezone.now() - KEPT).exclude(pk__in=verified)
    found = list(overdue.values_list("pk", flat=True)[:_AT_ONCE])
    User.objects.filter(pk__in=found).delete()
    return len(found)
