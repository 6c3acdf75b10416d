"""The layout of a run's picture: the verdict in words, and as much of the timeline as fits. Pure."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import told
from playground.run_page.timeline.timeline import Timeline, draw
from playground.run_page.verdict import VerdictView, verdict_view
from sandbox_runner.runtimes.stand_ins import said_of

if TYPE_CHECKING:
    from sandbox_runner.results.model import RunResult

WIDTH: Final = 1200
HEIGHT: Final = 630
MARGIN: Final = 56
LINE_HEIGHT: Final = 42
LINES_MAX: Final = 4
LINE_CHARACTERS: Final = 72
TOP: Final = 156
FOOT: Final = 580
# Smaller text is unreadable; what does not fit at this size is cut off at the edge.
SCALE_MIN: Final = 0.7
SCALE_MAX: Final = 1.5


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the sentence with its baseline."""

    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """The picture. The timeline is drawn at ``y`` with ``width`` and ``height``; ``seen`` is the visible part of it."""

    verdict: VerdictView
    lines: tuple[Line, ...]
    timeline: Timeline
    y: int
    width: int
    height: int
    seen: str
    runtime: str


def card(result: RunResult) -> Card:
    """The picture of a finished run."""
    view = verdict_view(result)
    timeline = draw(result.environments, result.invocations, result.findings, result.events)
    lines = _wrapped(view.text)
    y = TOP + LINE_HEIGHT * len(lines) + 8
    room_x, room_y = WIDTH - 2 * MARGIN, FOOT - y - 24
    scale = min(SCALE_MAX, max(SCALE_MIN, min(room_x / timeline.width, room_y / timeline.height)))
    height = min(room_y, round(timeline.height * scale))
    return Card(
        verdict=view,
        lines=tuple(Line(TOP + LINE_HEIGHT * at, line) for at, line in enumerate(lines)),
        timeline=timeline,
        y=y + (room_y - height) // 3,
        width=room_x,
        height=height,
        seen=f"0 0 {room_x / scale:.0f} {height / scale:.0f}",
        runtime=_runtime(result),
    )


def _runtime(result: RunResult) -> str:
    played_on = result.backend.played_on
    own = (runtime for runtime in result.scenario.runtimes if runtime not in played_on)
    return ", ".join((*own, *(told(message).rstrip(".。") for message in said_of(played_on))))


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(
        sentence[:1_000], LINE_CHARACTERS, max_lines=LINES_MAX, placeholder=" …", break_on_hyphens=False
    )
