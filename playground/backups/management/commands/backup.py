"""``manage.py backup FILE``: writes all that this installation keeps into one file."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from playground.backups.writing import write

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Write the file; only its owner may read it, because the key is in it."""

    help = "Write a backup: database, zips and the key that cookies are signed with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("file", help="a file that is not there yet, or - for standard output")

    def handle(self, *_: Any, file: str, **__: Any) -> None:
        """Write it."""
        if file == "-":
            write(sys.stdout.buffer)
            return
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as problem:
            raise CommandError(f"{file} cannot be written: {problem.strerror}.") from None
        with os.fdopen(descriptor, "wb") as target:
            write(target)
