"""The Django app of experiments."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Experiments, revisions and runs; registers the product's checks."""

    name = "playground.experiments"

    def ready(self) -> None:
        """Register signal receivers once Django is set up."""
        import_module("playground.config.checks")
