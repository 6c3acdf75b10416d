"""Which lines of a run reach its log: formats, levels and filters. Pure.

Only the JSON format filters; both levels default to INFO. The runtime client filters the frames it sends, because it
knows the level. Printed JSON objects are filtered here by their ``level``; a printed line that is not a JSON object is
always kept, because the documentation gives it no level.
Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias

from sandbox_runner.events.records import (
    LogWritten,
    PlatformExtension,
    PlatformInitReport,
    PlatformInitRuntimeDone,
    PlatformInitStart,
    PlatformLogsDropped,
    PlatformReport,
    PlatformRuntimeDone,
)

if TYPE_CHECKING:
    from sandbox_runner.events.records import PlatformRecord
    from sandbox_runner.scenario.model import Function

LogFormat: TypeAlias = Literal["text", "json"]
LogStyle: TypeAlias = Literal["current", "older"]
SystemLevel: TypeAlias = Literal["DEBUG", "INFO", "WARN"]
Level: TypeAlias = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]

_ORDER: Final = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
# Names that runtimes' own logging uses for Lambda's levels.
_OTHER_NAMES: Final = {"WARNING": "WARN", "CRITICAL": "FATAL"}
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """A function's logging configuration; levels apply only to JSON, the style only to text."""

    format: LogFormat = "text"
    style: LogStyle = "current"
    level: Level = "INFO"
    system_level: SystemLevel = "INFO"
    timeout_s: int = 3

    @classmethod
    def of(cls, function: Function) -> Self:
        """The settings of ``function``, with the service's defaults for what it leaves out."""
        return cls(
            format=function.log_format,
            style=function.log_style,
            level=function.log_level or "INFO",
            system_level=function.system_log_level or "INFO",
            timeout_s=function.timeout_s,
        )


def system_level(record: PlatformRecord) -> SystemLevel:
    """The level of one of the service's own records.

    Source: "System log level event mapping" on the page named above.
    """
    match record:
        case PlatformInitStart():
            return "INFO" if record.runtime_version else "DEBUG"
        case _ if _is_bad(record):
            return "WARN"
        case PlatformInitReport():
            return "DEBUG" if record.initialization_type == "on-demand" else "INFO"
        case PlatformInitRuntimeDone() | PlatformRuntimeDone():
            return "DEBUG"
        case _:
            return "INFO"


def _is_bad(record: PlatformRecord) -> bool:
    match record:
        case PlatformExtension():
            return record.error_type is not None
        case PlatformLogsDropped():
            return True
        case PlatformInitRuntimeDone() | PlatformInitReport() | PlatformRuntimeDone() | PlatformReport():
            return record.status != "success"
        case _:
            return False


def system_record_is_shown(record: PlatformRecord, settings: LogSettings) -> bool:
    """Whether the JSON format shows this record."""
    return _at_least(system_level(record), settings.system_level)


def line_is_shown(line: LogWritten, settings: LogSettings) -> bool:
    """Whether a line of the function is kept."""
    if settings.format == "text" or line.stream == "telemetry":
        return True
    level = printed_level(line.text)
    return level is None or _at_least(level, settings.level)


def printed_level(text: str) -> Level | None:
    """The level of a printed JSON object; ``None`` if the text is not one.

    Without a valid ``level`` or a valid RFC 3339 ``timestamp``, it is INFO.
    """
    written = _json_object(text)
    if written is None:
        return None
    named = str(written.get("level", "")).upper()
    named = _OTHER_NAMES.get(named, named)
    stamped = _RFC_3339.fullmatch(str(written.get("timestamp", "")))
    return _ORDER[_ORDER.index(named)] if stamped and named in _ORDER else "INFO"


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        written = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return written if isinstance(written, dict) else None


def _at_least(level: Level, wanted: Level) -> bool:
    return _ORDER.index(level) >= _ORDER.index(wanted)
