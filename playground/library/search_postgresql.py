"""Full-text search in PostgreSQL: ``tsvector`` columns that we fill, GIN indexes, ``ts_rank_cd``.

The tokens are ours, so no text search configuration takes part. Every token is quoted, so that no query is malformed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from playground.library.models import SearchDocument
    from playground.library.query_text import Query, Term

# PostgreSQL has four weights.
_WEIGHTS: Final = {
    "title": "A",
    "tags": "A",
    "findings": "B",
    "description": "B",
    "code": "C",
    "log": "C",
    "parts": "D",
}
_HEAD: Final = ("title", "tags", "findings", "description")
# Of D, C, B, A; longer documents count less (1).
_RANK: Final = "ts_rank_cd('{0.05, 0.2, 0.6, 1.0}', words, %s::tsquery, 1)"
# Positions between columns, so that no phrase reaches from one into the next.
_GAP: Final = 10


class PostgresqlIndex:
    """The columns ``head`` and ``words`` of the documents' table."""

    def write(self, entries: Iterable[tuple[int, Mapping[str, Sequence[str]]]]) -> None:
        """One update for each document."""
        rows = [(tsvector({c: by_column[c] for c in _HEAD}), tsvector(by_column), key) for key, by_column in entries]
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE library_searchdocument SET head = %s::tsvector, words = %s::tsvector WHERE id = %s", rows
            )

    def matching(
        self, documents: QuerySet[SearchDocument], query: Query, *, head_only: bool = False
    ) -> QuerySet[SearchDocument]:
        """A condition that either GIN index answers."""
        column = "head" if head_only else "words"
        condition = f"library_searchdocument.{column} @@ %s::tsquery"
        return documents.filter(RawSQL(condition, [tsquery(query)], output_field=BooleanField()))  # noqa: S611 - the text is a parameter

    def ranks(self, ids: Sequence[int], query: Query) -> dict[int, float]:
        """By cover density: words that stand close together in what weighs more."""
        statement = f"SELECT id, {_RANK} FROM library_searchdocument WHERE id = ANY(%s)"  # noqa: S608 - both parts are constants
        with connection.cursor() as cursor:
            cursor.execute(statement, [tsquery(query), list(ids)])
            return dict(cursor.fetchall())


def tsvector(by_column: Mapping[str, Sequence[str]]) -> str:
    """The literal of a ``tsvector`` that holds these tokens."""
    places: dict[str, list[str]] = {}
    at = 0
    for column, found in by_column.items():
        weight = _WEIGHTS[column]
        for token in found:
            at += 1
            places.setdefault(token, []).append(f"{at}{weight}")
        at += _GAP
    return " ".join(f"{_quoted(token)}:{','.join(where[:255])}" for token, where in places.items())


def tsquery(query: Query) -> str:
    """The literal of the ``tsquery`` that asks for it."""
    wanted = [_asked(term) for term in query.wanted]
    unwanted = [f"!({_asked(term)})" for term in query.unwanted]
    return " & ".join([*wanted, *unwanted])


def _asked(term: Term) -> str:
    itself = _in_a_row(term.tokens) + (":*" if term.open_end else "")
    return f"({itself} | ({_in_a_row(term.parts)}))" if term.parts else f"({itself})"


def _in_a_row(found: Sequence[str]) -> str:
    return " <-> ".join(_quoted(token) for token in found)


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
