"""The app of the knowledge base."""

from __future__ import annotations

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Search, tags, collections and notes."""

    name = "playground.library"
    label = "library"

    def ready(self) -> None:
        """Listen for what changes about experiments."""
        from playground.experiments.signals import experiment_changed  # noqa: PLC0415 - the same as below
        from playground.library import checks  # noqa: F401, PLC0415 - registers itself
        from playground.library.indexing import on_change  # noqa: PLC0415 - models are loaded by now only

        experiment_changed.connect(on_change, dispatch_uid="library-index")
