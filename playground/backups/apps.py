"""The Django app of backups: it has commands and nothing stored."""

from __future__ import annotations

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    """``manage.py backup`` and ``manage.py restore``."""

    name = "playground.backups"
    label = "backups"
