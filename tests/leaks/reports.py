"""Handlers made from public reports of state that was held over, and what was expected of each before it was played."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from sandbox_runner.scenario.reader import parse_scenario
from tests.leaks.cases import LOADER

if TYPE_CHECKING:
    from sandbox_runner.scenario.model import Scenario

SETS = ("reported", "reported-2", "reported-3", "reported-4")
ASPECTS = ("verdict", "proven", "writer", "reader", "place", "line")


@dataclass(frozen=True)
class Reported:
    """One handler and what is true of it.

    ``pairs`` are all requests, writer and reader, between whom data goes over, and the first of them has to be found.
    A place is also right where it is a part of one of ``places``; one between slashes is a pattern. ``lines`` are texts
    of those lines at which the data gets in.
    """

    name: str
    report: str
    why: str
    scenario: Scenario
    verdict: str
    kind: str | None
    pairs: list[tuple[int, int]]
    places: list[str]
    lines: list[str]

    def stands_at(self, text):
        """Files and numbers of the lines that have the text."""
        files = self.scenario.function.files.items()
        return [(file, number) for file, code in files for number, line in _numbered(code) if text in line]

    def is_accused_falsely(self, result):
        """Whether a handler from which nothing comes out is said to have let something out."""
        return self.verdict != "leak" and result.verdict.value in {"leak", "history-dependent"}

    def missed(self, result):
        """Those of ``ASPECTS`` that were not seen right, each with what was seen in its place."""
        seen = result.verdict.value
        missed = {} if seen == self.verdict else {"verdict": seen}
        if self.verdict != "leak":
            return missed
        leaks = [finding for finding in result.findings if finding.grade.value == "leak"]
        return missed | (self._missed_of(leaks, result) if leaks else dict.fromkeys(ASPECTS[1:], "nothing"))

    def _missed_of(self, leaks, result):
        told, kinds = leaks[0], {finding.kind for finding in leaks}
        missed = {}
        if told.confidence != "proven" or (self.kind and self.kind not in kinds):
            missed["proven"] = f"{told.confidence} {', '.join(kinds)}"
        pairs = {_who(each) for finding in leaks for each in (finding, *finding.pairs)}
        for side, aspect in enumerate(("writer", "reader")):
            if not pairs <= set(self.pairs) or self.pairs[0][side] not in {pair[side] for pair in pairs}:
                missed[aspect] = str(pairs)
        # Late work is held by a thread, a timer or a promise, and may have no other place.
        late = [work.kind for work in result.late_work if work.started_by == self.pairs[0][0]]
        places = [told.location.path] if told.location else late
        if not any(_is_in(place, self.places) for place in places):
            missed["place"] = str(places)
        written = [(source.file, source.line) for source in told.sources if source.role == "written"]
        if written[:1] not in [self.stands_at(text) for text in self.lines]:
            missed["line"] = str(written)
        return missed


def folder_of(name):
    """Where a set's cases and its table are."""
    return Path(__file__).with_name(name)


def read_reported(name):
    """All of a set, by name."""
    return [_read(path) for path in sorted(folder_of(name).glob("*.yaml"))]


def _read(path):
    case = yaml.load(path.read_text(), Loader=LOADER)
    expect = case["expect"]
    first = [(expect["writer"], expect["reader"])] if "writer" in expect else []
    return Reported(
        name=path.stem,
        report=case["reported"],
        why=case["why"],
        scenario=parse_scenario(case["scenario"]),
        verdict=expect["verdict"],
        kind=expect.get("kind"),
        pairs=list(chain(first, map(tuple, expect.get("also", [])))),
        places=expect.get("carrier", []),
        lines=expect.get("lines", []),
    )


def _numbered(code):
    return enumerate(code.splitlines(), start=1)


def _who(pair):
    return pair.writer.invocation if pair.writer else 0, pair.reader.invocation if pair.reader else 0


def _is_in(place, places):
    for expected in places:
        if expected.startswith("/") and expected.endswith("/"):
            if re.search(expected[1:-1], place):
                return True
        elif place == expected or (place.startswith(expected) and place[len(expected)] in "[./"):
            return True
    return False
