"""The handler's files line by line, with the lines marked at which data was kept or taken. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.run_page.verdict import line_anchor
from playground.text import labels
from playground.text.display_text import Pieces, visible
from playground.text.page_room import PageRoom

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.run_page.verdict import PlaceView
    from sandbox_runner.results.model import Finding


# Of all files together; lines with a mark are shown in any case.
LINES_MAX: Final = 1_500
MARKUP_MAX: Final = 600_000
_MARKED_CHARACTERS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class CodeMark:
    """Why a line is marked: ``role`` is written, read, removed or declared, for the finding of that anchor.

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
    """A file of the handler; ``left_out`` counts the lines that are not shown."""

    name: Pieces
    lines: tuple[CodeLine, ...]
    left_out: int = 0


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
    room = PageRoom(LINES_MAX, MARKUP_MAX)
    return tuple(_file(name, text, marks, room) for name, text in files.items())


def _file(name: str, text: str, marks: Mapping[tuple[str, int], Sequence[CodeMark]], room: PageRoom) -> CodeFile:
    # Only the line ends that the runtimes know: a form feed inside a line must not shift the numbers.
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    texts: dict[int, Pieces] = {}
    for at, line in enumerate(lines[: room.lines], 1):
        if not room.takes(shown := visible(line)):
            break
        texts[at] = shown
    marked = sorted(at for file, at in marks if file == name and at not in texts and at <= len(lines))
    texts |= {at: visible(lines[at - 1], limit=_MARKED_CHARACTERS_MAX) for at in marked}
    shown_lines = (
        CodeLine(at, line_anchor(name, at), pieces, tuple(marks.get((name, at), ()))) for at, pieces in texts.items()
    )
    return CodeFile(visible(name), tuple(shown_lines), len(lines) - len(texts))
