"""Full-text search in SQLite: an FTS5 table that we fill with tokens, ``bm25`` with a weight for each column.

Every token is quoted, so that no query is malformed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from playground.library.search.query_text import Query, Term

# In the order of the table's columns. Far apart, because bm25 gives even a high frequency little more than two.
_WEIGHTS: Final = {
    "title": 100.0,
    "tags": 100.0,
    "findings": 20.0,
    "description": 20.0,
    "code": 2.0,
    "log": 2.0,
    "parts": 0.5,
    "facets": 0.0,
}
_HEAD: Final = "{title tags findings description}"
_COLUMNS: Final = ", ".join(_WEIGHTS)
_RANKED: Final = f"""
    SELECT rowid, -bm25(library_searchindex, {", ".join(map(str, _WEIGHTS.values()))})
    FROM library_searchindex
    WHERE library_searchindex MATCH %s AND rowid BETWEEN %s AND %s
      AND +rowid IN (SELECT value FROM json_each(%s))
"""  # noqa: S608 - weights are constants, the rest parameters
_NEWEST: Final = """
    SELECT rowid FROM library_searchindex
    WHERE library_searchindex MATCH %s AND rowid < %s ORDER BY rowid DESC LIMIT %s
"""


class SqliteIndex:
    """The table ``library_searchindex``, whose row ids are the documents'."""

    def write(self, entries: Iterable[tuple[int, Mapping[str, Sequence[str]]]]) -> None:
        """Insert or replace a row per document."""
        rows = [_row(key, by_column) for key, by_column in entries]
        places = ", ".join(["%s"] * (len(_WEIGHTS) + 1))
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM library_searchindex WHERE rowid = %s", [row[:1] for row in rows])
            insert = f"INSERT INTO library_searchindex (rowid, {_COLUMNS}) VALUES ({places})"  # noqa: S608 - constants
            cursor.executemany(insert, rows)

    def newest(self, query: Query, below: int, most: int, *, head_only: bool = False) -> list[int]:
        """Those whose row matches."""
        with connection.cursor() as cursor:
            cursor.execute(_NEWEST, [match_text(query, head_only=head_only), below, most])
            return [row[0] for row in cursor.fetchall()]

    def ranks(self, ids: Sequence[int], query: Query) -> dict[int, float]:
        """By bm25: rare words rank higher."""
        if not ids or not query.wanted:
            return dict.fromkeys(ids, 0.0)
        with connection.cursor() as cursor:
            cursor.execute(_RANKED, [match_text(query), min(ids), max(ids), json.dumps(list(ids))])
            return dict(cursor.fetchall())


def _row(key: int, by_column: Mapping[str, Sequence[str]]) -> list[int | str]:
    return [key, *(" ".join(by_column[name]) for name in _WEIGHTS)]


def match_text(query: Query, *, head_only: bool = False) -> str:
    """The FTS5 match expression."""
    asked = [" AND ".join(_asked(term) for term in query.wanted)] if query.wanted else []
    if asked and head_only:
        asked = [f"({_HEAD} : ({asked[0]}))"]
    wanted = " AND ".join([*asked, *(f'facets : "{token}"' for token in query.facets)])
    unwanted = " OR ".join(_asked(term) for term in query.unwanted)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _asked(term: Term) -> str:
    itself = _in_a_row(term.tokens) + (" *" if term.open_end else "")
    return f"({itself} OR {_in_a_row(term.parts)})" if term.parts else itself


def _in_a_row(found: Sequence[str]) -> str:
    return '"' + " ".join(found) + '"'
