"""Checks at start-up that the database supports search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import Error, Tags, register
from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Sequence


@register(Tags.database)
def search_is_possible(databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    """Django's system check for the named databases."""
    return [error for alias in databases or () for error in problems(alias)]


def problems(alias: str) -> list[Error]:
    """What that database lacks for search."""
    connection = connections[alias]
    if connection.vendor == "postgresql":
        return []
    if connection.vendor != "sqlite":
        sentence = f"Search knows PostgreSQL and SQLite, and HOLDOVER_DATABASE_URL names {connection.display_name}."
        return [Error(sentence, id="library.E001")]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA compile_options")
        options = {row[0] for row in cursor.fetchall()}
    if "ENABLE_FTS5" in options:
        return []
    sentence = "This Python's SQLite was built without FTS5, which search needs; use another Python, or PostgreSQL."
    return [Error(sentence, id="library.E002")]
