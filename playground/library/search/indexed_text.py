"""The searchable form of an experiment: words by field, facets, and lines to show as excerpts. Pure.

Everything is bounded here, and what exceeds a limit is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from playground.library.search.tokens import distinct_words, facet_token, parts, tokens
from playground.run_page.verdict import line_anchor
from sandbox_runner.messages import render_all
from sandbox_runner.results.pairs import fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox_runner.results.model import RunResult

LINE_CHARACTERS_MAX: Final = 2_000
FACET_CHARACTERS_MAX: Final = 200
FACET_VALUES_MAX: Final = 40
# Limits per kind of line: (how many, total characters).
BUDGETS: Final = {"finding": (60, 12_000), "error": (60, 4_000), "code": (1_200, 40_000), "log": (600, 24_000)}
# PostgreSQL's positions are below 16,384; all columns together stay under that.
WORDS_MAX: Final = {
    "title": 100,
    "tags": 200,
    "findings": 1_500,
    "description": 2_000,
    "code": 5_000,
    "log": 4_000,
    "parts": 3_000,
}
_ROUTINE: Final = ("START RequestId", "END RequestId", "INIT_START")


@dataclass(frozen=True, slots=True)
class Line:
    """A searchable line: its run, its kind (finding, error, code, log), and its anchor there."""

    run_id: str
    kind: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What people wrote about an experiment."""

    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexedText:
    """One document. ``columns`` are tokens by column, ``facets`` pairs of kind and value."""

    columns: dict[str, list[str]]
    facets: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    lines_left_out: int = 0


def indexed_text(heading: Heading, results: Sequence[tuple[str, RunResult]]) -> IndexedText:
    """The document of an experiment with these results, newest first, each with its run's id."""
    budget = _Budget()
    for run_id, result in results:
        for line in _lines(run_id, result):
            budget.take(line)
    facets = tuple(dict.fromkeys((*(("tag", tag) for tag in heading.tags), *_facets(results))))
    return IndexedText(
        columns=columns(heading, budget.kept) | {"facets": facet_tokens(facets)},
        facets=facets,
        lines=tuple(budget.kept),
        lines_left_out=budget.left_out,
    )


def facet_tokens(facets: Iterable[tuple[str, str]]) -> list[str]:
    """The tokens of a document's facets."""
    return [facet_token(kind, value) for kind, value in facets]


def columns(heading: Heading, lines: Sequence[Line]) -> dict[str, list[str]]:
    """Tokens of words by column."""
    texts = {
        "title": heading.title,
        "tags": " ".join(heading.tags),
        "findings": "\n".join(line.text for line in lines if line.kind in ("finding", "error")),
        "description": heading.description,
        "code": "\n".join(line.text for line in lines if line.kind == "code"),
        "log": "\n".join(line.text for line in lines if line.kind == "log"),
    }
    found = {name: tokens(text)[: WORDS_MAX[name]] for name, text in texts.items()}
    names = (part for text in texts.values() for word in distinct_words(text) for part in parts(word))
    return found | {"parts": _first(names, WORDS_MAX["parts"])}


def _first(names: Iterable[str], most: int) -> list[str]:
    return [name for name, _ in zip(names, range(most), strict=False)]


@dataclass(slots=True)
class _Budget:
    """Accepts lines until their kind's limit is reached; repeated lines count once."""

    kept: list[Line] = field(default_factory=list)
    left_out: int = 0
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _used: dict[str, list[int]] = field(default_factory=lambda: {kind: [0, 0] for kind in BUDGETS})

    def take(self, line: Line) -> None:
        text = line.text[:LINE_CHARACTERS_MAX]
        if not text.strip() or (line.kind, text) in self._seen:
            return
        lines_max, characters_max = BUDGETS[line.kind]
        used = self._used[line.kind]
        fits = used[0] < lines_max and used[1] + len(text) <= characters_max
        if not fits or len(text) < len(line.text):
            self.left_out += 1
        if fits:
            self._seen.add((line.kind, text))
            used[0] += 1
            used[1] += len(text)
            self.kept.append(Line(line.run_id, line.kind, line.anchor, text))


def _lines(run_id: str, result: RunResult) -> Iterator[Line]:
    for number, finding in enumerate(result.findings, 1):
        carrier = finding.location.path if finding.location else ""
        sentence = render_all(finding.messages).replace("`", "")
        said = f"{sentence} {carrier} {finding.kind} {' '.join(fingerprints(finding))}"
        yield Line(run_id, "finding", f"finding-{number}", said)
    for one in result.invocations:
        if one.error_type:
            yield Line(run_id, "error", f"request-{one.index}", one.error_type)
    for name, text in result.scenario.code.items():
        yield Line(run_id, "code", "code", name)
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
            yield Line(run_id, "code", line_anchor(name, number), line)
    for number, entry in enumerate(result.log, 1):
        if not entry.line.startswith(_ROUTINE) and (not entry.line.startswith("REPORT") or "Status:" in entry.line):
            yield Line(run_id, "log", f"log-line-{number}", entry.line.rstrip("\r\n"))


def _facets(results: Sequence[tuple[str, RunResult]]) -> Iterator[tuple[str, str]]:
    for _, result in results:
        carriers = {one.location.root for one in result.findings if one.location}
        shapes = {each for one in result.findings for each in fingerprints(one) if each}
        errors = {one.error_type for one in result.invocations if one.error_type}
        yield from (("runtime", runtime) for runtime in result.scenario.runtimes)
        yield "verdict", result.verdict.value
        for kind, values in (("carrier", carriers), ("error", errors), ("fingerprint", shapes)):
            yield from ((kind, storable(value)) for value in sorted(values)[:FACET_VALUES_MAX])


def storable(text: str) -> str:
    """The text as a facet value, without characters that a database cannot store."""
    return text[:FACET_CHARACTERS_MAX].encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
