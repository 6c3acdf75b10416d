"""The Django app of kept zips."""

from __future__ import annotations

from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    """Zips that scenarios name."""

    name = "playground.archives"
    label = "archives"

    def ready(self) -> None:
        """Let go of what emptied experiments named."""
        from playground.archives import keeping  # noqa: PLC0415 - models are loaded now
        from playground.experiments import signals  # noqa: PLC0415 - the same

        signals.experiments_emptied.connect(keeping.on_emptied, dispatch_uid="archives-emptied")
