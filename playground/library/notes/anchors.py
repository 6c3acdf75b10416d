"""The places in a run that notes can be attached to: anchors and labels. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from playground.run_page.verdict import line_anchor
from playground.text import labels
from playground.text.display_text import readable

if TYPE_CHECKING:
    from playground.experiments.page_part.cutting import PagePart


_DIGITS_MAX: Final = 9


@dataclass(frozen=True, slots=True)
class NoteAnchor:
    """``kind`` is run, finding, request, code or log; the run itself has no anchor."""

    kind: str
    anchor: str
    label: str


class Places:
    """The places of a run. Lines of code and log, of which a run may have hundreds of thousands, are not listed."""

    def __init__(self, part: PagePart | None) -> None:
        result = part.result if part else None
        found = [NoteAnchor("run", "", _("the run"))]
        if result is not None:
            found += [
                NoteAnchor("finding", f"finding-{number}", _("finding %(number)s") % {"number": number})
                for number in range(1, len(result.findings) + 1)
            ]
            named = {one.index: labels.request_name(one.index, one.principal) for one in result.invocations}
            found += [NoteAnchor("request", f"request-{index}", name) for index, name in named.items()]
        self._listed = {place.anchor: place for place in found}
        self._files = {} if result is None else {line_anchor(name, 0): name for name in result.scenario.code}
        self._result = result
        self._log_lines = len(part.result.log) + part.left_out.log_lines if part else 0

    def listed(self) -> tuple[NoteAnchor, ...]:
        """The run itself, its findings and its requests."""
        return tuple(self._listed.values())

    def get(self, anchor: str) -> NoteAnchor | None:
        """The place of that anchor; None if there is none."""
        if (found := self._listed.get(anchor)) is not None or self._result is None:
            return found
        start, _dash, digits = anchor.rpartition("-")
        if not digits.isascii() or not digits.isdecimal() or len(digits) > _DIGITS_MAX or digits.startswith("0"):
            return None
        number = int(digits)
        if start == "log-line":
            is_there = number <= self._log_lines
            return NoteAnchor("log", anchor, _("log line %(number)s") % {"number": number}) if is_there else None
        name = self._files.get(f"{start}-0")
        if name is None or number > _line_count(self._result.scenario.code[name]):
            return None
        label = _("%(file)s line %(number)s") % {"file": readable(name), "number": number}
        return NoteAnchor("code", anchor, label)


def _line_count(text: str) -> int:
    return text.replace("\r\n", "\n").removesuffix("\n").count("\n") + 1


def code_anchor(file: str, line: str) -> str:
    """The anchor of a named line; none if it is not a number."""
    return line_anchor(file, int(line)) if line.isascii() and line.isdecimal() and len(line) < 10 else "none"


def place_name(kind: str, anchor: str) -> str:
    """A place's label when the run's result is not available."""
    number = anchor.rpartition("-")[2]
    return {
        "finding": _("finding %(number)s"),
        "request": _("request %(number)s"),
        "log": _("log line %(number)s"),
        "code": _("line %(number)s of the code"),
    }.get(kind, _("the run")) % {"number": number}
