"""``manage.py reindex``: what is searched, built anew from what is stored."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from playground.library.indexing import index_all


class Command(BaseCommand):
    """Build the search document of every experiment anew; search goes on meanwhile."""

    help = "Build the search document of every experiment anew; search goes on meanwhile."

    def handle(self, *_: Any, **__: Any) -> None:
        """Index all, and say how many there were."""
        count = sum(1 for _ in index_all())
        self.stdout.write(f"{count:,} experiments were indexed.")
