"""What a member of a team may do. Pure."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Owners manage the team and its members, editors manage its experiments; readers read and run."""

    OWNER = "owner", _("owner")
    EDITOR = "editor", _("editor")
    READER = "reader", _("reader")


MAY_EDIT = (Role.OWNER, Role.EDITOR)
