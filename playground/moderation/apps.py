"""The Django app for an installation's staff."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperatingConfig(AppConfig):
    """Reports, takedowns, the admin."""

    name = "playground.moderation"
    label = "operating"
    verbose_name = _("Operating")
