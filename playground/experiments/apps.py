"""The app's place in Django."""

from __future__ import annotations

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Experiments, revisions and runs."""

    name = "playground.experiments"
