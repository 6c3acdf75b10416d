"""``manage.py restore FILE``: an empty installation has afterwards what that backup has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from playground.backups.restoring import CannotRestoreError, restore

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Restore, or change nothing."""

    help = "Restore a backup into an installation that has been migrated and has nothing yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where from."""
        parser.add_argument("file", type=Path, help="what `manage.py backup` has written")

    def handle(self, *_: Any, file: Path, **__: Any) -> None:
        """Restore it, and print how much there is."""
        try:
            count = restore(file)
        except CannotRestoreError as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"It is restored; {count:,} experiments were indexed.")
