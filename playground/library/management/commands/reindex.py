"""``manage.py reindex``: rebuilds the search index from stored data."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from playground.library.search.indexing import index_all


class Command(BaseCommand):
    """Rebuild the search document of every experiment, while search continues to work."""

    help = "Build the search document of every experiment anew; search goes on meanwhile."

    def handle(self, *_: Any, **__: Any) -> None:
        """Index all, and print how many there were."""
        count = sum(1 for _ in index_all())
        self.stdout.write(f"{count:,} experiments were indexed.")
