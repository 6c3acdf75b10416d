"""The arrows of a lane: what one request left to another, and work that came out in a later one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.i18n.marking import _
from playground.run_page.timeline.shapes import ARROW_HEIGHT, CHARACTER_PX, LATE_HEIGHT, Arrow, Mark
from playground.text import labels
from playground.text.display_text import plain, readable, sentence
from playground.text.late_labels import WORK, late_sentence, started_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import LateWork
    from sandbox_runner.results.model import Finding

# As much of a caller's name as an arrow says.
NAME_CHARACTERS: Final = 18

Carried = tuple[int, "Finding"]
"""A finding and its number."""


def _bars(marks: Sequence[Mark]) -> tuple[dict[str, Mark], Mark | None]:
    bars = {mark.anchor: mark for mark in marks if mark.kind == "invoke"}
    return bars, next((mark for mark in marks if mark.kind == "init"), None)


def arrows(
    carried: Sequence[Carried], marks: Sequence[Mark], top: int, right: int, *, goes_on: bool = False
) -> tuple[Arrow, ...]:
    """An arrow for each of ``carried`` above the bars at ``top``; labels end at ``right`` or turn to the left.

    :param goes_on: whether what carried them may still be found.
    """
    bars, first = _bars(marks)
    found: list[Arrow] = []
    for level, (number, finding) in enumerate(carried):
        writer = bars.get(f"request-{finding.writer.invocation}", first) if finding.writer else None
        reader = bars.get(f"request-{finding.reader.invocation}") if finding.reader else None
        if writer and reader:
            levels = (top - ARROW_HEIGHT * level, top - 2)
            label = f"{_between(finding)}{_label(finding, goes_on=goes_on)}"
            found.append(_arrow((number, finding), label, (writer, reader), levels, right))
    return tuple(found)


def _between(finding: Finding) -> str:
    """``alice → bob: ``, where the two are different callers."""
    writer, reader = finding.writer, finding.reader
    if writer is None or reader is None or not writer.invocation or writer.principal == reader.principal:
        return ""
    return " → ".join(_caller(one.invocation, one.principal) for one in (writer, reader)) + ": "


def _caller(index: int, principal: str) -> str:
    name = f"#{index}" if principal == f"request-{index}" else readable(principal)
    return name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1]}…"


def _label(finding: Finding, *, goes_on: bool) -> str:
    if finding.location:
        return readable(finding.location.path)
    if finding.kind == "background-log":
        return _("by late work")
    return _("carrier not known yet") if goes_on else _("carrier not found")


def _arrow(carried: Carried, label: str, ends: tuple[Mark, Mark], levels: tuple[int, int], right: int) -> Arrow:
    number, finding = carried
    top, low = levels
    start, end, high = ends[0].label_x, ends[1].label_x, top - 10
    room_right = start + 6 + len(label) * CHARACTER_PX < right
    path = f"M{start} {low}V{high}H{end}V{low - 5}"
    head = f"M{end - 4} {low - 6}L{end} {low}L{end + 4} {low - 6}Z"
    if _are_beside(*ends):
        path, head = _from_row_to_row(*ends)
    return Arrow(
        path=path,
        head=head,
        label=label,
        label_x=start + 6 if room_right else end - 6,
        label_y=high - 5,
        from_the_end=not room_right,
        title=plain(sentence(finding.sentence)),
        anchor=f"finding-{number}",
        grade=labels.TONES[finding.grade][0],
    )


def _are_beside(writer: Mark, reader: Mark) -> bool:
    """Whether two bars are drawn below one another because they overlap."""
    return writer.y != reader.y and max(writer.x, reader.x) < min(writer.right, reader.right)


def _from_row_to_row(writer: Mark, reader: Mark) -> tuple[str, str]:
    """Path and head of an arrow from one bar to another that is above or below it, where both are."""
    x = (max(writer.x, reader.x) + min(writer.right, reader.right)) // 2
    if writer.y > reader.y:
        tip = reader.y + reader.height
        return f"M{x} {writer.y}H{x}V{tip + 5}", f"M{x - 4} {tip + 6}L{x} {tip}L{x + 4} {tip + 6}Z"
    return f"M{x} {writer.y + writer.height}H{x}V{reader.y - 5}", (
        f"M{x - 4} {reader.y - 6}L{x} {reader.y}L{x + 4} {reader.y - 6}Z"
    )


def late_arrows(late: Sequence[tuple[LateWork, int]], marks: Sequence[Mark], low: int, right: int) -> tuple[Arrow, ...]:
    """The same for ``late`` work, below the bars at ``low``."""
    bars, first = _bars(marks)
    found: list[Arrow] = []
    for level, (work, times) in enumerate(late):
        start = bars.get(f"request-{work.started_by}", first if work.started_by == 0 else None)
        end = bars.get(f"request-{work.ran_in}")
        if start and end:
            found.append(_late_arrow(work, times, (start, end), (low + LATE_HEIGHT * level, low), right))
    return tuple(found)


def _late_arrow(work: LateWork, times: int, ends: tuple[Mark, Mark], levels: tuple[int, int], right: int) -> Arrow:
    top, bars = levels
    start, end, deep = ends[0].label_x, ends[1].label_x, top + 9
    label = (_("%(kind)s of %(work)s, late") % {"kind": WORK[work.kind], "work": started_by(work)}) + (
        _(" (%(times)s times)") % {"times": times} if times > 1 else ""
    )
    room_right = start + 6 + len(label) * CHARACTER_PX < right
    return Arrow(
        path=f"M{start} {bars}V{deep}H{end}V{bars + 5}",
        head=f"M{end - 4} {bars + 6}L{end} {bars}L{end + 4} {bars + 6}Z",
        label=label,
        label_x=start + 6 if room_right else end - 6,
        label_y=deep + 10,
        from_the_end=not room_right,
        title=late_sentence(work),
        anchor=f"request-{work.ran_in}",
        grade="late",
    )
