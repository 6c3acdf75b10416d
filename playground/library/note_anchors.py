"""The places in a run that notes can be attached to: anchors and labels. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from playground.run_page.verdict import line_anchor
from playground.text import labels
from playground.text.display_text import readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.results.model import RunResult


@dataclass(frozen=True, slots=True)
class NoteAnchor:
    """``kind`` is run, finding, request, code or log; the run itself has no anchor."""

    kind: str
    anchor: str
    label: str


def places(result: RunResult | None) -> dict[str, NoteAnchor]:
    """Every place by its anchor, the run itself first."""
    found = [NoteAnchor("run", "", _("the run"))]
    if result is not None:
        found += [
            NoteAnchor("finding", f"finding-{number}", _("finding %(number)s") % {"number": number})
            for number in range(1, len(result.findings) + 1)
        ]
        named = {one.index: labels.request_name(one.index, one.principal) for one in result.invocations}
        found += [NoteAnchor("request", f"request-{index}", name) for index, name in named.items()]
        found += _code(result.scenario.code)
        found += [
            NoteAnchor("log", f"log-line-{number}", _("log line %(number)s") % {"number": number})
            for number in range(1, len(result.log) + 1)
        ]
    return {place.anchor: place for place in found}


def code_anchor(file: str, line: str) -> str:
    """The anchor of a named line; none if it is not a number."""
    return line_anchor(file, int(line)) if line.isascii() and line.isdecimal() and len(line) < 10 else "none"


def _code(files: Mapping[str, str]) -> list[NoteAnchor]:
    return [
        NoteAnchor(
            "code",
            line_anchor(name, number),
            _("%(file)s line %(number)s") % {"file": readable(name), "number": number},
        )
        for name, text in files.items()
        for number in range(1, text.replace("\r\n", "\n").removesuffix("\n").count("\n") + 2)
    ]


def place_name(kind: str, anchor: str) -> str:
    """A place's label when the run's result is not available."""
    number = anchor.rpartition("-")[2]
    return {
        "finding": _("finding %(number)s"),
        "request": _("request %(number)s"),
        "log": _("log line %(number)s"),
        "code": _("line %(number)s of the code"),
    }.get(kind, _("the run")) % {"number": number}
