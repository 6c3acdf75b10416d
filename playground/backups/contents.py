"""What is in a backup: a zip with the key, the rows of the database and the zips that scenarios name.

Rows are Django's own JSON lines, so that a backup of one database restores into another.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

if TYPE_CHECKING:
    from zipfile import ZipFile

FORMAT: Final = 1
ABOUT: Final = "about.json"
KEY: Final = "secret-key"
ROWS: Final = "database.jsonl"
ARCHIVES: Final = "archives/"
DERIVED: Final = ("library.searchdocument", "library.searchfacet")
"""Models whose rows are made from others'."""


def about_this() -> dict[str, object]:
    """What has to be the same where a backup is restored: its format and the database's shape."""
    applied = MigrationRecorder(connection).applied_migrations()
    return {"format": FORMAT, "migrations": sorted(f"{app}.{name}" for app, name in applied)}


def about(kept: ZipFile) -> object:
    """What a backup says of itself.

    :raises KeyError: it is none.
    :raises ValueError: the same.
    """
    return json.loads(kept.read(ABOUT))
