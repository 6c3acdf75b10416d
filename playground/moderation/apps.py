"""The app of those who run an installation."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperatingConfig(AppConfig):
    """Reports, taking down, the admin."""

    name = "playground.moderation"
    label = "operating"
    verbose_name = _("Operating")
