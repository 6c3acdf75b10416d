"""The seam to a database's full-text index: what is asked of it, and which of the two there are is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from django.db import connection

from playground.library import search_postgresql, search_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from playground.library.query_text import Query


class SearchIndex(Protocol):
    """A database's full-text index. Both answer alike: ``tests/playground/library/test_search.py`` runs on both."""

    def write(self, entries: Iterable[tuple[int, Mapping[str, Sequence[str]]]]) -> None:
        """Put the tokens by column of each document, by its id, in the place of what is there of it."""
        ...

    def newest(self, query: Query, below: int, most: int, *, head_only: bool = False) -> list[int]:
        """Documents that may match, newest first, older than ``below``; all that match are among them.

        With ``head_only`` those whose title, tags, findings or description do.
        """
        ...

    def ranks(self, ids: Sequence[int], query: Query) -> dict[int, float]:
        """Those of the documents that do match, with how well; greater is better."""
        ...


_INDEXES: Final[dict[str, SearchIndex]] = {
    "postgresql": search_postgresql.PostgresqlIndex(),
    "sqlite": search_sqlite.SqliteIndex(),
}


def search_index() -> SearchIndex:
    """The index of the database that is configured."""
    return _INDEXES[connection.vendor]
