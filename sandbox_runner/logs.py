"""The log of a run as CloudWatch would show it, from its events. Pure.

The text format is the one that the service writes since the status moved into the REPORT line; the JSON format's
system lines are the telemetry records, filtered at the default level INFO. Function output is passed on unchanged.
Sources: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html,
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html and, for the order of lines
around a suppressed init, published logs such as aws/aws-lambda-dotnet issue 480.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from sandbox_runner.events import (
    Event,
    LogWritten,
    OutputTruncated,
    PlatformInitReport,
    PlatformInitRuntimeDone,
    PlatformInitStart,
    PlatformReport,
    PlatformRuntimeDone,
    PlatformStart,
    RunStarted,
)
from sandbox_runner.report import two_decimals
from sandbox_runner.results import LogEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LogFormat: TypeAlias = Literal["text", "json"]
_Source: TypeAlias = Literal["platform", "function", "holdover"]
_Line: TypeAlias = tuple[_Source, str]
_Platform: TypeAlias = (
    PlatformInitStart
    | PlatformInitRuntimeDone
    | PlatformInitReport
    | PlatformStart
    | PlatformRuntimeDone
    | PlatformReport
)


def log_entries(events: Iterable[Event], log_format: LogFormat = "text") -> tuple[LogEntry, ...]:
    """Every line, in the order in which CloudWatch would show them.

    :param events: the run's events or a beginning of them.
    """
    return tuple(_entries(events, log_format))


def _entries(events: Iterable[Event], log_format: LogFormat) -> Iterator[LogEntry]:
    began_ms = 0
    for event in events:
        if isinstance(event.record, RunStarted):
            began_ms = event.record.at_epoch_ms
        if event.environment is None:
            continue
        for source, line in _lines(event, log_format, began_ms):
            yield LogEntry(
                environment=event.environment,
                at_us=event.at_us,
                line=line,
                request_id=event.request_id,
                source=source,
            )


def _lines(event: Event, log_format: LogFormat, began_ms: int) -> Iterator[_Line]:
    record = event.record
    match record:
        case LogWritten():
            yield "function", record.text
            if record.cut:
                yield "holdover", f"… {record.cut:,} more bytes of this line were cut here"
        case OutputTruncated():
            noun = "line" if record.lines == 1 else "lines"
            yield "holdover", f"… {record.lines:,} {noun} ({size(record.bytes)}) more were cut here"
        case _ if isinstance(record, _Platform):
            platform = _text_lines(record) if log_format == "text" else _json_lines(event, record, began_ms)
            for line in platform:
                yield "platform", line


def size(count: int) -> str:
    """Bytes as people say them: ``812 bytes``, ``1.4 KB``, ``2.1 GB``; a KB has 1024 bytes."""
    if count < 1024:
        return f"{count} bytes"
    amount, unit = count / 1024, "KB"
    for larger in ("MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.1f} {unit}"


# --- text ---------------------------------------------------------------------------------------------------------


def _text_lines(record: _Platform) -> Iterator[str]:
    match record:
        case PlatformInitStart(phase="init"):
            # A suppressed init is not announced.
            version, arn = record.runtime_version, record.runtime_version_arn
            yield f"INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}"
        case PlatformInitReport() if record.status != "success":
            # A successful one is written for provisioned concurrency and SnapStart only.
            duration = two_decimals(record.metrics.duration_ms)
            yield f"INIT_REPORT Init Duration: {duration} ms\tPhase: {record.phase}{_status(record)}"
        case PlatformStart():
            yield f"START RequestId: {record.request_id} Version: {record.version}"
        case PlatformReport():
            yield f"END RequestId: {record.request_id}"
            yield _report_line(record)


def _report_line(record: PlatformReport) -> str:
    metrics = record.metrics
    parts = [
        f"REPORT RequestId: {record.request_id}",
        f"Duration: {two_decimals(metrics.duration_ms)} ms",
        f"Billed Duration: {metrics.billed_duration_ms} ms",
        f"Memory Size: {metrics.memory_size_mb} MB",
        f"Max Memory Used: {metrics.max_memory_used_mb} MB",
    ]
    if metrics.init_duration_ms is not None:
        parts.append(f"Init Duration: {two_decimals(metrics.init_duration_ms)} ms")
    return "\t".join(parts) + (_status(record) if record.status != "success" else "\t")


def _status(record: PlatformReport | PlatformInitReport) -> str:
    error = f"\tError Type: {record.error_type}" if record.error_type else ""
    return f"\tStatus: {record.status}{error}"


# --- JSON ---------------------------------------------------------------------------------------------------------


def _json_lines(event: Event, record: _Platform, began_ms: int) -> Iterator[str]:
    if _shown_at_info(record):
        at = datetime.fromtimestamp(began_ms / 1000 + event.at_us / 1_000_000, UTC)
        body = record.model_dump(mode="json", by_alias=True, exclude_none=True)
        kind = body.pop("type")
        time = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
        yield json.dumps({"time": time, "type": kind, "record": body}, separators=(",", ":"), ensure_ascii=False)


def _shown_at_info(record: _Platform) -> bool:
    match record:
        case PlatformInitStart(phase=phase):
            return phase == "init"
        case PlatformStart() | PlatformReport():
            return True
        case _:
            # On demand these are DEBUG, and WARN where the phase went wrong.
            return record.status != "success"
