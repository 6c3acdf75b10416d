"""The search in the library's address: text, facets, and the page of results. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from playground.library.search.indexed_text import storable
from playground.library.search.query_text import Query, read_query
from playground.library.search.tokens import facet_token

if TYPE_CHECKING:
    from django.http import QueryDict

# In the order of display; the last is only available by address.
FACETS: Final = ("verdict", "runtime", "carrier", "error", "tag", "team", "fingerprint")
CHOSEN_MAX: Final = 12
PAGES_MAX: Final = 50
_ID_DIGITS_MAX: Final = 15


@dataclass(frozen=True, slots=True)
class SearchParams:
    """``chosen`` are pairs of facet and value; ``before`` is the document that the results are older than."""

    query: Query = field(default_factory=Query)
    chosen: tuple[tuple[str, str], ...] = ()
    page: int = 1
    before: int | None = None

    @property
    def text(self) -> str:
        """The search text."""
        return self.query.text

    @property
    def indexed(self) -> Query:
        """The query for the index: the words, and the facets that documents have themselves."""
        facets = tuple(facet_token(kind, value) for kind, value in self.chosen if kind != "team")
        return replace(self.query, facets=facets)

    def address(self, **changes: object) -> str:
        """The query string for the same search with ``changes``."""
        pairs: list[tuple[str, object]] = [("q", self.text)] if self.text else []
        pairs += changes.get("chosen", self.chosen)  # type: ignore[arg-type]  # the callers below give pairs
        pairs += [(name, value) for name in ("before", "page") if (value := changes.get(name))]
        return urlencode(pairs)

    def with_facet(self, kind: str, value: str) -> str:
        """The query string with this filter added."""
        return self.address(chosen=(*self.chosen, (kind, value)))

    def without_facet(self, kind: str, value: str) -> str:
        """The query string without this filter."""
        return self.address(chosen=tuple(pair for pair in self.chosen if pair != (kind, value)))


def read_search_params(given: QueryDict) -> SearchParams:
    """Parse ``given``; invalid numbers are ignored."""
    chosen = [(kind, storable(value)) for kind in FACETS for value in given.getlist(kind) if value.strip()]
    return SearchParams(
        query=read_query(given.get("q", "")),
        chosen=tuple(dict.fromkeys(chosen))[:CHOSEN_MAX],
        page=min(_number(given.get("page", "")) or 1, PAGES_MAX),
        before=_number(given.get("before", "")),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS_MAX else None
