"""The interface to a database's full-text index, and the choice between the two implementations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from django.db import connection

from playground.library.search import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from playground.library.search.query_text import Query


class SearchIndex(Protocol):
    """A database's full-text index. The tests of searching check that both behave alike."""

    def write(self, entries: Iterable[tuple[int, Mapping[str, Sequence[str]]]]) -> None:
        """Write the tokens by column of each document, by id, replacing what is there."""
        ...

    def newest(self, query: Query, below: int, most: int, *, head_only: bool = False) -> list[int]:
        """Documents that may match, newest first, older than ``below``; includes all that do match.

        With ``head_only``, those whose title, tags, findings or description match.
        """
        ...

    def ranks(self, ids: Sequence[int], query: Query) -> dict[int, float]:
        """Those of the documents that match, with their rank; greater is better."""
        ...


_INDEXES: Final[dict[str, SearchIndex]] = {
    "postgresql": postgresql.PostgresqlIndex(),
    "sqlite": sqlite.SqliteIndex(),
}


def search_index() -> SearchIndex:
    """The index of the configured database."""
    return _INDEXES[connection.vendor]
