"""The app's place in Django."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Experiments, revisions and runs; registers the product's checks."""

    name = "playground.experiments"

    def ready(self) -> None:
        """Django has been set up."""
        import_module("playground.config.checks")
