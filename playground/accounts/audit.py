"""The audit list: who did what in a team, for its owners and for staff. Entries are written with what they tell of.

A list is bounded where it is written: what somebody repeats within an hour is one entry, and beyond
:data:`ENTRIES_OF_ONE_MAX` of a team the oldest go. A year later an entry goes anyway.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import F
from django.utils import timezone

from playground.accounts.models import AuditEntry, User

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from playground.accounts.actions import Action

ENTRIES_OF_ONE_MAX: Final = 5_000
KEPT: Final = timedelta(days=365)
ONE_ENTRY_WITHIN: Final = timedelta(hours=1)
_SWEPT_AT_ONCE: Final = 1_000
# The lengths of the columns.
_SUBJECT_CHARACTERS_MAX: Final = 150
_VALUE_CHARACTERS_MAX: Final = 80


def note(
    action: Action,
    team_id: str,
    by: int | None,
    *,
    about: str = "",
    subject: str = "",
    before: str = "",
    after: str = "",
) -> None:
    """Write that ``by`` did it; None is a browser at which nobody is signed in. Call it in the transaction of the deed.

    :param about: the id of the experiment or collection, for which ``subject`` can be forgotten.
    """
    told = {
        "action": action,
        "about": about,
        "subject": subject[:_SUBJECT_CHARACTERS_MAX],
        "before": before[:_VALUE_CHARACTERS_MAX],
        "after": after[:_VALUE_CHARACTERS_MAX],
    }
    entries = AuditEntry.objects.filter(team_id=team_id)
    again = entries.filter(**told, by_id=by, at__gt=timezone.now() - ONE_ENTRY_WITHIN)
    if again.update(times=F("times") + 1):
        return
    name = User.objects.filter(pk__in=[by]).values_list("username", flat=True).first() or ""
    AuditEntry.objects.create(team_id=team_id, by_id=by, by_name=name, **told)
    if beyond := entries.order_by("-pk").values_list("pk", flat=True)[ENTRIES_OF_ONE_MAX : ENTRIES_OF_ONE_MAX + 1]:
        entries.filter(pk__lte=beyond[0]).delete()


def entries_of(team_id: str) -> QuerySet[AuditEntry]:
    """The team's entries, newest first."""
    return AuditEntry.objects.filter(team_id=team_id).order_by("-pk")


def forget_subjects(ids: Collection[str]) -> None:
    """Remove what these experiments were called: somebody wants it gone. That they were there stays."""
    AuditEntry.objects.filter(about__in=ids).update(subject="")


def sweep() -> int:
    """Remove what is older than a year; returns the number of entries."""
    old = AuditEntry.objects.filter(at__lt=timezone.now() - KEPT).values_list("pk", flat=True)[:_SWEPT_AT_ONCE]
    return AuditEntry.objects.filter(pk__in=list(old)).delete()[0]
