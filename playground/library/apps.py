"""The Django app of the knowledge base."""

from __future__ import annotations

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Search, tags, collections and notes."""

    name = "playground.library"
    label = "library"

    def ready(self) -> None:
        """Connect to the signals about experiments."""
        from playground.experiments import signals  # noqa: PLC0415 - the same as below
        from playground.library import checks  # noqa: F401, PLC0415 - models are loaded now; checks register
        from playground.library.digests import sending  # noqa: PLC0415 - as above
        from playground.library.search import indexing  # noqa: PLC0415 - as above

        signals.experiment_changed.connect(indexing.on_change, dispatch_uid="library-index")
        signals.tidying.connect(sending.on_tidying, dispatch_uid="library-digests")
        signals.experiments_emptied.connect(indexing.on_emptied, dispatch_uid="library-emptied")
