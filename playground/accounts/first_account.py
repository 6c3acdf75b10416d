"""The first account of an installation is its operator's: somebody has to see reports and take pages down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Q
from django.utils.translation import gettext as _

from playground.accounts.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest


def make_staff(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Receiver of allauth's signal that somebody signed in: whoever is the first that ever did may use the admin.

    Not whoever signs up first: an address that nobody verifies would be staff, and nobody after it.
    """
    before = Q(is_staff=True) | Q(last_login__isnull=False)
    if user.is_staff or User.objects.filter(before).exclude(pk=user.pk).exists():
        return
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    said = _("Yours is the first account here: it is staff, and may use the admin at %(address)s.")
    messages.info(request, said % {"address": "/admin/"})
