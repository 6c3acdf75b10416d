"""The ledger for people: counts of what is emulated, one state at a time, sources under short names. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from playground.fidelity.document import Ledger, LedgerRow, LedgerSection, Line

STATES: Final = ("emulated", "approximated", "absent")
_SOURCE, _TESTS = 3, 4
_REPOSITORY: Final = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)(?:: *(?:issue (?P<issue>\d+)|(?P<path>[\w./-]+)))?")


@dataclass(frozen=True, slots=True)
class Source:
    """A page or a file, under the shortest name that tells it from others."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class RowView:
    """A behaviour. ``translated`` says that it is in the page's language, which the rest of the row is not."""

    anchor: str
    behaviour: Line
    translated: str
    state: str
    here: Line
    sources: tuple[Source, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A heading, in the page's language, with its rows; ``text`` is what stands below it, if it is in that language."""

    heading: str
    text: str
    section: LedgerSection
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """``counts`` are of the whole document, ``state`` is the one that is shown, or none for all."""

    title: SectionView | None
    sections: tuple[SectionView, ...]
    counts: tuple[tuple[str, int], ...]
    state: str

    @property
    def all(self) -> int:
        """How many behaviours there are."""
        return sum(count for _state, count in self.counts)


def ledger_page(ledger: Ledger, state: str, translations: Mapping[str, str]) -> LedgerPage:
    """The page.

    :param state: what is shown alone; anything that is no state shows all.
    :param translations: behaviours in the page's language, by the names of their rows, and headings by their anchors.
    """
    counted = Counter(row.state for section in ledger.sections for row in section.rows)
    chosen = state if state in STATES else ""
    views = [
        SectionView(
            translations.get(f"section-{section.anchor}", section.heading),
            translations.get(f"text-{section.anchor}", ""),
            section,
            tuple(_row(row, translations) for row in section.rows if row.anchor and chosen in ("", row.state)),
        )
        for section in ledger.sections
    ]
    return LedgerPage(
        title=views[0] if views else None,
        sections=tuple(one for one in views[1:] if one.rows or not (chosen or one.section.rows)),
        counts=tuple((one, counted[one]) for one in STATES),
        state=chosen,
    )


def _row(row: LedgerRow, translations: Mapping[str, str]) -> RowView:
    cells = (*row.cells, (), (), (), ())
    return RowView(
        anchor=row.anchor,
        behaviour=row.behaviour,
        translated=translations.get(row.anchor, ""),
        state=row.state,
        here=cells[2],
        sources=tuple(_sources(cells[_SOURCE])),
        tests=tuple(span.text for span in cells[_TESTS] if span.kind == "code"),
    )


def _sources(cell: Line) -> Iterator[Source]:
    parts: Iterable[Iterable[Source]] = (
        (Source(_short(span.text), span.text),) if span.kind == "link" else _in_repositories(span.text) for span in cell
    )
    return chain.from_iterable(parts)


def _short(address: str) -> str:
    """``https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html`` is ``snapstart``."""
    *before, last = [part for part in address.removesuffix("/").split("/") if part]
    name = re.sub(r"\.html?$", "", last)
    return f"{before[-2]} #{name}" if "github.com" in address and name.isdigit() else name


def _in_repositories(text: str) -> Iterator[Source]:
    """``aws/aws-lambda-runtime-interface-emulator: internal/lambda/rapid/exit.go`` is that file at GitHub."""
    for found in _REPOSITORY.finditer(text):
        repository = f"https://github.com/{found['name']}"
        project = found["name"].split("/")[1]
        if found["issue"]:
            yield Source(f"{project} #{found['issue']}", f"{repository}/issues/{found['issue']}")
        elif found["path"]:
            yield Source(found["path"].rsplit("/", 1)[-1], f"{repository}/tree/HEAD/{found['path']}")
        else:
            yield Source(project, repository)
