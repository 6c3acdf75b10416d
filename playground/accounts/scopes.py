"""What a token may do. Pure."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """Each may do what those above it may: read; run and write; delete, and decide who may see."""

    READ = "read", _("read")
    WRITE = "write", _("read, run and write")
    ADMIN = "admin", _("everything, deleting and sharing included")

    def covers(self, asked: Scope) -> bool:
        """Whether a token of this scope may do what ``asked`` names."""
        order = list(Scope)
        return order.index(self) >= order.index(asked)
