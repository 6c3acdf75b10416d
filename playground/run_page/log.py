"""The log as CloudWatch orders it, the lines of one request folded together. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, groupby, takewhile
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import _
from playground.run_page.callers.colours import caller_colours
from playground.text import labels
from playground.text.display_text import Pieces, log_line
from playground.text.page_room import PageRoom

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.results.model import InvocationResult, LogEntry


# A run may write hundreds of thousands of lines; nobody reads them on a page.
LINES_MAX: Final = 2_000
MARKUP_MAX: Final = 500_000


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; ``source`` is platform, function or holdover."""

    anchor: str
    at: str
    source: str
    text: Pieces


@dataclass(frozen=True, slots=True)
class LogGroup:
    """Neighbouring lines of one request, or of no request (an init); ``colour`` is its caller's, or 0."""

    anchor: str
    request_anchor: str
    environment: str
    heading: str
    lines: tuple[LogLine, ...]
    colour: int = 0


def log_groups(log: Sequence[LogEntry], invocations: Sequence[InvocationResult]) -> tuple[LogGroup, ...]:
    """The log in its order, as much of it as a page shows."""
    asked = {one.request_id: one for one in invocations if one.request_id}
    colours = caller_colours(invocations)
    room = PageRoom(LINES_MAX, MARKUP_MAX)
    lines = takewhile(lambda line: room.takes(line.text), map(_line, count(1), log))
    numbered = zip(lines, log, strict=False)
    groups = groupby(numbered, key=lambda item: (item[1].environment, item[1].request_id))
    return tuple(
        _group(environment, request_id, list(items), asked, colours) for (environment, request_id), items in groups
    )


def _group(
    environment: str,
    request_id: str | None,
    items: Sequence[tuple[LogLine, LogEntry]],
    asked: Mapping[str, InvocationResult],
    colours: Mapping[str, int],
) -> LogGroup:
    request = asked.get(request_id or "")
    name = labels.request_at_start(request.index, request.principal) if request else _("No request: init or shutdown")
    return LogGroup(
        anchor=items[0][0].anchor.replace("log-line-", "log-"),
        request_anchor=f"request-{request.index}" if request else "",
        environment=environment,
        heading=f"{name}, {labels.lines(len(items))}",
        lines=tuple(line for line, _ in items),
        colour=colours[request.principal] if request else 0,
    )


def _line(number: int, entry: LogEntry) -> LogLine:
    return LogLine(f"log-line-{number}", labels.span(entry.at_us), entry.source, log_line(entry.line))
