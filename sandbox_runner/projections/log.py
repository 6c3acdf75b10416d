"""The log of a run as CloudWatch would show it, from its events. Pure.

:mod:`.log_text` and :mod:`.log_json` write the service's own lines. Function output passes through unchanged, one entry
    per line, filtered by the log levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from sandbox_runner.events.records import (
    EnvironmentCreated,
    EnvironmentReset,
    Event,
    LogWritten,
    OutputTruncated,
    PlatformRecord,
    RunStarted,
)
from sandbox_runner.projections.log_json import json_line
from sandbox_runner.projections.log_levels import LogSettings, line_is_shown, system_record_is_shown
from sandbox_runner.projections.log_text import text_lines
from sandbox_runner.results.model import LogEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Source: TypeAlias = Literal["platform", "function", "extension", "holdover"]
_Line: TypeAlias = tuple[_Source, str]

# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, LogType: the last 4 KB of the execution log.
TAIL_BYTES: Final = 4096


def log_entries(
    events: Iterable[Event], settings: LogSettings | Mapping[str, LogSettings] | None = None
) -> tuple[LogEntry, ...]:
    """Every line, in the order in which CloudWatch would show them.

    :param events: the run's events, or the first of them.
    :param settings: the function's logging configuration, or one for each function by name; by default text in the
        current style.
    """
    by_name = settings if isinstance(settings, Mapping) else {"": settings or LogSettings()}
    return tuple(_entries(events, by_name))


def log_tail(lines: Iterable[str]) -> str:
    """The content of ``X-Amz-Log-Result`` for an invocation: the last 4 KB of its log, before base64.

    A character split by the cut is dropped.
    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    whole = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    return whole[-TAIL_BYTES:].decode("utf-8", "ignore")


def _entries(events: Iterable[Event], settings: Mapping[str, LogSettings]) -> Iterator[LogEntry]:
    began_us = 0
    how_ended: dict[str, str] = {}
    functions: dict[str, str | None] = {}
    only = next(iter(settings.values()))
    for event in events:
        if isinstance(event.record, RunStarted):
            began_us = event.record.at_epoch_ms * 1000
        if event.environment is None:
            continue
        if isinstance(event.record, EnvironmentReset):
            how_ended[event.environment] = event.record.how
        elif isinstance(event.record, EnvironmentCreated):
            functions[event.environment] = event.record.function
        function = functions.get(event.environment)
        its_own = settings.get(function or "", only)
        for source, line in _lines(event, its_own, began_us + event.at_us, how_ended.get(event.environment, "")):
            yield LogEntry(
                environment=event.environment,
                at_us=event.at_us,
                line=line,
                request_id=event.request_id,
                source=source,
                function=function,
            )


def _lines(event: Event, settings: LogSettings, epoch_us: int, how: str) -> Iterator[_Line]:
    record = event.record
    match record:
        case LogWritten() if line_is_shown(record, settings):
            yield "extension" if record.extension else "function", record.text
            if record.cut:
                yield "holdover", f"… {record.cut:,} more bytes of this line were cut here"
        case OutputTruncated():
            noun = "line" if record.lines == 1 else "lines"
            yield "holdover", f"… {record.lines:,} {noun} ({size(record.bytes)}) more were cut here"
        case _ if isinstance(record, PlatformRecord):
            if settings.format == "text":
                yield from (("platform", line) for line in text_lines(record, settings, epoch_us, how))
            elif system_record_is_shown(record, settings):
                yield "platform", json_line(record, epoch_us)


def size(count: int) -> str:
    """A readable size: ``812 bytes``, ``1.4 KB``, ``2.1 GB``; a KB has 1024 bytes."""
    if count < 1024:
        return f"{count} bytes"
    amount, unit = count / 1024, "KB"
    for larger in ("MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.1f} {unit}"
