"""The handler's files line by line, with the lines marked at which data was kept or taken. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.run_page.verdict import line_anchor
from playground.text import labels
from playground.text.display_text import Pieces, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.run_page.verdict import PlaceView
    from sandbox_runner.results.model import Finding


@dataclass(frozen=True, slots=True)
class CodeMark:
    """Why a line is marked: ``role`` is written, read or declared, for the finding of that anchor.

    A line that did not load has the role failed, and the verdict's anchor.
    """

    role: str
    tone: str
    anchor: str


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line with its number from 1."""

    number: int
    anchor: str
    text: Pieces
    marks: tuple[CodeMark, ...]


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file of the handler."""

    name: Pieces
    lines: tuple[CodeLine, ...]


def code_files(
    files: Mapping[str, str], findings: Sequence[Finding], failed: PlaceView | None = None
) -> tuple[CodeFile, ...]:
    """Every file, in the scenario's order; ``failed`` is the line that did not load."""
    marks: dict[tuple[str, int], list[CodeMark]] = {}
    for number, finding in enumerate(findings, 1):
        tone = labels.TONES[finding.grade][0]
        for source in finding.sources:
            held = marks.setdefault((source.file, source.line), [])
            # One sign for each role: the gravest finding is the first, and its own lines lead to the others.
            if all(mark.role != source.role for mark in held):
                held.append(CodeMark(source.role, tone, f"finding-{number}"))
    if failed is not None:
        marks.setdefault((failed.file, failed.line), []).append(CodeMark("failed", "failed", "verdict"))
    return tuple(_file(name, text, marks) for name, text in files.items())


def _file(name: str, text: str, marks: Mapping[tuple[str, int], Sequence[CodeMark]]) -> CodeFile:
    # Only the line ends that the runtimes know: a form feed inside a line must not shift the numbers.
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    shown = tuple(
        CodeLine(at, line_anchor(name, at), visible(line), tuple(marks.get((name, at), ())))
        for at, line in enumerate(lines, 1)
    )
    return CodeFile(visible(name), shown)
