"""Full-text search in PostgreSQL: ``tsvector`` columns that we fill, GIN indexes, ``ts_rank_cd``.

The tokens are ours, so no text search configuration is involved. Every token is quoted, so that no query is malformed.
The index knows which words a document has, not where: phrases are checked against the text of the documents that are
ranked.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from playground.library.search.query_text import Query, Term

# PostgreSQL has four weights.
_WEIGHTS: Final = {
    "title": "A",
    "tags": "A",
    "findings": "B",
    "description": "B",
    "code": "C",
    "log": "C",
    "parts": "D",
    "facets": "D",
}
_HEAD: Final = ("title", "tags", "findings", "description", "facets")
# Weights of D, C, B, A; longer documents count less (1). OFFSET keeps the planner from scanning every document with the
# words when only a few are requested.
_RANKED: Final = """
    SELECT document_id, ts_rank_cd('{0.05, 0.2, 0.6, 1.0}', words, %(asked)s::tsquery, 1)
    FROM (SELECT document_id, words FROM library_searchwords WHERE document_id = ANY(%(ids)s) OFFSET 0) AS candidate
    WHERE words @@ %(asked)s::tsquery
"""
_WRITTEN: Final = """
    INSERT INTO library_searchwords (document_id, head, words) VALUES (%s, %s::tsvector, %s::tsvector)
    ON CONFLICT (document_id) DO UPDATE SET head = excluded.head, words = excluded.words
"""
# The sum keeps the planner from reading every text, newest first, if it mistakes a rare word for a common one.
_NEWEST: Final = """
    SELECT document_id FROM library_searchwords
    WHERE {} @@ %s::tsquery AND document_id < %s AND document_id >= %s
    ORDER BY document_id + 0 DESC LIMIT %s
"""
# This many of the newest documents are read to estimate how many have the words.
_SAMPLE: Final = 750
# Reading a text takes far longer than the planner expects. So if fewer than one document in two has the words, those
# that have them are looked up by word, and only the ones in range are read.
_FREQUENT: Final = 2
# Words rarer than one in this many are looked up in all documents at once.
_RARE: Final = 64
_BY_WORDS: Final = "SET LOCAL enable_indexscan = off; SET LOCAL enable_seqscan = off"
_AS_USUAL: Final = "SET LOCAL enable_indexscan TO DEFAULT; SET LOCAL enable_seqscan TO DEFAULT"
# Positions between columns, so that no phrase spans two of them.
_GAP: Final = 10


class PostgresqlIndex:
    """The table ``library_searchwords``."""

    def write(self, entries: Iterable[tuple[int, Mapping[str, Sequence[str]]]]) -> None:
        """A row for each document."""
        rows = [(key, tsvector({c: by_column[c] for c in _HEAD}), tsvector(by_column)) for key, by_column in entries]
        with connection.cursor() as cursor:
            cursor.executemany(_WRITTEN, rows)

    def newest(self, query: Query, below: int, most: int, *, head_only: bool = False) -> list[int]:
        """Those with every word, in any order: from the newest documents, then from as many as needed."""
        read = partial(_read, _NEWEST.format("head" if head_only else "words"), tsquery(query, in_a_row=" & "))
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(document_id) FROM library_searchwords")
            start = min(below, (cursor.fetchone()[0] or 0) + 1)
        oldest = max(0, start - _SAMPLE)
        found = read(range(oldest, start), most)
        if not oldest or len(found) == most:
            return found
        with _by_words() if len(found) * _FREQUENT < start - oldest else nullcontext():
            while oldest and len(found) < most:
                further = max(0, oldest - _span(len(found), start - oldest, most))
                found += read(range(further, oldest), most - len(found))
                oldest = further
        return found

    def ranks(self, ids: Sequence[int], query: Query) -> dict[int, float]:
        """By cover density: words close together rank higher."""
        with connection.cursor() as cursor:
            cursor.execute(_RANKED, {"asked": tsquery(query), "ids": list(ids)})
            return dict(cursor.fetchall())


def _read(statement: str, asked: str, documents: range, most: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [asked, documents.stop, documents.start, most])
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def _by_words() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BY_WORDS)
        yield
        cursor.execute(_AS_USUAL)


def _span(found: int, seen: int, most: int) -> int:
    """How many more documents to examine, after ``found`` of ``seen`` had the words and ``most`` are wanted.

    At least as many as before, so that there are few queries however the words are distributed.
    """
    if found * _RARE < seen:
        return 2**62
    return max(seen, (most - found) * seen * 5 // (found * 4))


def tsvector(by_column: Mapping[str, Sequence[str]]) -> str:
    """The ``tsvector`` literal for these tokens."""
    places: dict[str, list[str]] = {}
    at = 0
    for column, found in by_column.items():
        weight = _WEIGHTS[column]
        for token in found:
            at += 1
            places.setdefault(token, []).append(f"{at}{weight}")
        at += _GAP
    return " ".join(f"{_quoted(token)}:{','.join(where[:255])}" for token, where in places.items())


def tsquery(query: Query, *, in_a_row: str = " <-> ") -> str:
    """The ``tsquery`` literal, with the operator between tokens that follow each other."""
    wanted = [_asked(term, in_a_row) for term in query.wanted]
    # A phrase is excluded only as a phrase: excluding its words would exclude too much.
    unwanted = [f"!{_asked(term, in_a_row)}" for term in query.unwanted if in_a_row == " <-> " or _is_one(term)]
    return " & ".join([*wanted, *map(_quoted, query.facets), *unwanted])


def _is_one(term: Term) -> bool:
    return len(term.tokens) == 1 and not term.parts


def _asked(term: Term, in_a_row: str) -> str:
    itself = in_a_row.join(map(_quoted, term.tokens)) + (":*" if term.open_end else "")
    return f"({itself} | ({in_a_row.join(map(_quoted, term.parts))}))" if term.parts else f"({itself})"


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
