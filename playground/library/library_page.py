"""Prepares a search for the library's page: facets with counts, active filters, pagination links."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.utils.functional import Promise

    from playground.library.search.params import SearchParams
    from playground.library.search.searching import Found

VALUES_SHOWN_MAX: Final = 12
_TITLES: Final[dict[str, Promise]] = {
    "verdict": _("Verdict"),
    "runtime": _("Runtime"),
    "carrier": _("Kind of carrier"),
    "error": _("Error type"),
    "tag": _("Tag"),
    "team": _("Team"),
    "fingerprint": _("Leak shape"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """A facet's value. ``address`` adds it to the filters, or removes it if it is active."""

    label: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of the matches, most frequent first; ``left_out`` counts the rarer ones not shown."""

    kind: str
    title: Promise
    values: tuple[Value, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """An active filter."""

    kind: str
    title: Promise
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """Everything derived from a search and its results. Addresses come without the question mark."""

    facets: tuple[Facet, ...]
    chosen: tuple[Chosen, ...]
    page_before: str
    page_after: str
    older: str
    newest: str


def library_page(asked: SearchParams, found: Found, teams: Mapping[str, str]) -> LibraryPage:
    """The page; ``teams`` are names by id."""
    return LibraryPage(
        facets=tuple(_facets(asked, found, teams)),
        chosen=tuple(
            Chosen(kind, _TITLES[kind], _label(kind, value, teams), asked.without_facet(kind, value))
            for kind, value in asked.chosen
        ),
        page_before=asked.address(page=asked.page - 1, before=asked.before) if asked.page > 1 else "",
        page_after=asked.address(page=asked.page + 1, before=asked.before) if asked.page < found.pages else "",
        older=asked.address(before=found.oldest) if found.more else "",
        newest=asked.address() if asked.before is not None else "",
    )


def _facets(asked: SearchParams, found: Found, teams: Mapping[str, str]) -> Iterator[Facet]:
    by_kind = {kind: list(rows) for kind, rows in groupby(found.counts, key=lambda row: row[0])}
    for kind, title in _TITLES.items():
        rows = [row for row in by_kind.get(kind, []) if (kind, row[1]) not in asked.chosen]
        shown = tuple(
            Value(_label(kind, value, teams), count, asked.with_facet(kind, value))
            for _kind, value, count in rows[:VALUES_SHOWN_MAX]
        )
        if shown:
            yield Facet(kind, title, shown, len(rows) - len(shown))


def _label(kind: str, value: str, teams: Mapping[str, str]) -> str:
    return teams.get(value, value) if kind == "team" else value
