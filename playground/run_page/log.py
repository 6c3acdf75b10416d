"""The log as CloudWatch orders it, the lines of one request folded together. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from playground.i18n.marking import _
from playground.text import labels
from playground.text.display_text import Pieces, log_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.results.model import InvocationResult, LogEntry


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; ``source`` is platform, function or holdover."""

    anchor: str
    at: str
    source: str
    text: Pieces


@dataclass(frozen=True, slots=True)
class LogGroup:
    """Neighbouring lines of one request, or of no request (an init)."""

    anchor: str
    request_anchor: str
    environment: str
    heading: str
    lines: tuple[LogLine, ...]


def log_groups(log: Sequence[LogEntry], invocations: Sequence[InvocationResult]) -> tuple[LogGroup, ...]:
    """The whole log, in its order."""
    asked = {one.request_id: one for one in invocations if one.request_id}
    numbered = enumerate(log, 1)
    groups = groupby(numbered, key=lambda item: (item[1].environment, item[1].request_id))
    return tuple(_group(environment, request_id, list(items), asked) for (environment, request_id), items in groups)


def _group(
    environment: str,
    request_id: str | None,
    items: Sequence[tuple[int, LogEntry]],
    asked: Mapping[str, InvocationResult],
) -> LogGroup:
    request = asked.get(request_id or "")
    name = labels.request_at_start(request.index, request.principal) if request else _("No request: init or shutdown")
    return LogGroup(
        anchor=f"log-{items[0][0]}",
        request_anchor=f"request-{request.index}" if request else "",
        environment=environment,
        heading=f"{name}, {labels.lines(len(items))}",
        lines=tuple(_line(number, entry) for number, entry in items),
    )


def _line(number: int, entry: LogEntry) -> LogLine:
    return LogLine(f"log-line-{number}", labels.span(entry.at_us), entry.source, log_line(entry.line))
