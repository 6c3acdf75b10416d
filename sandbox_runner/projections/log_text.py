"""The service's own lines in the text log format, in the current and the older style. Pure.

The older style reports a failed invocation on lines of its own; the current one does so in the REPORT line.
Sources: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html for the current style;
published logs such as cargo-lambda/cargo-lambda issue 572 (exit, older) and aws/aws-lambda-dotnet issue 480 (order
around a suppressed init); localstack/lambda-runtime-init, cmd/localstack/events.go, for a successful INIT_REPORT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import (
    PlatformExtension,
    PlatformInitReport,
    PlatformInitStart,
    PlatformLogsSubscription,
    PlatformReport,
    PlatformStart,
    PlatformTelemetrySubscription,
)
from sandbox_runner.rules.billing import two_decimals
from sandbox_runner.rules.timestamps import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.events.records import PlatformRecord
    from sandbox_runner.projections.log_levels import LogSettings

_EXIT: Final = "Runtime.ExitError"
_NOT_STARTED: Final = "Runtime.InvalidEntrypoint"
_ENDED_BY_ITSELF: Final = frozenset({_EXIT, "Runtime.OutOfMemory"})


def text_lines(record: PlatformRecord, settings: LogSettings, epoch_us: int, how: str) -> Iterator[str]:
    """The lines of one record, if it has any.

    :param epoch_us: when it happened, in microseconds since 1970.
    :param how: how the runtime's process ended, if it did: ``exit status 1``; empty for exit status 0.
    """
    match record:
        case PlatformInitStart(phase="init"):
            # A suppressed init is not announced.
            version, arn = record.runtime_version, record.runtime_version_arn
            yield f"INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}"
        case PlatformInitReport() if _is_written(record):
            yield _init_report_line(record)
        case PlatformExtension():
            yield _extension_line(record)
        case PlatformTelemetrySubscription():
            yield _subscription_line("TELEMETRY", record)
        case PlatformLogsSubscription():
            yield _subscription_line("LOGS", record)
        case PlatformStart():
            yield f"START RequestId: {record.request_id} Version: {record.version}"
        case PlatformReport():
            if settings.style == "older":
                yield from _older_failure(record, settings, epoch_us, how)
            yield f"END RequestId: {record.request_id}"
            yield _report_line(record, status=settings.style == "current")


def _extension_line(record: PlatformExtension) -> str:
    parts = ["EXTENSION", f"Name: {record.name}", f"State: {record.state}", f"Events: [{', '.join(record.events)}]"]
    return "\t".join([*parts, *([f"Error Type: {record.error_type}"] if record.error_type else [])])


def _subscription_line(word: str, record: PlatformTelemetrySubscription | PlatformLogsSubscription) -> str:
    types = ", ".join(each.capitalize() for each in record.types)
    return f"{word}\tName: {record.name}\tState: {record.state}\tTypes: [{types}]"


def _is_written(record: PlatformInitReport) -> bool:
    """A failed init always gets its line; a successful one only if it was neither on demand nor suppressed."""
    return record.status != "success" or (record.phase == "init" and record.initialization_type != "on-demand")


def _init_report_line(record: PlatformInitReport) -> str:
    line = f"INIT_REPORT Init Duration: {two_decimals(record.metrics.duration_ms)} ms"
    return line if record.status == "success" else f"{line}\tPhase: {record.phase}{_status(record)}"


def _report_line(record: PlatformReport, *, status: bool) -> str:
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
    return "\t".join(parts) + (_status(record) if status and record.status != "success" else "\t")


def _status(record: PlatformReport | PlatformInitReport) -> str:
    error = f"\tError Type: {record.error_type}" if record.error_type else ""
    return f"\tStatus: {record.status}{error}"


def _older_failure(record: PlatformReport, settings: LogSettings, epoch_us: int, how: str) -> Iterator[str]:
    if record.status == "timeout":
        # The entry ends with an empty line.
        yield f"{timestamp(epoch_us)} {record.request_id} Task timed out after {settings.timeout_s:.2f} seconds\n"
    elif record.error_type in _ENDED_BY_ITSELF:
        reason = f"Runtime exited with error: {how}" if how else "Runtime exited without providing a reason"
        yield f"RequestId: {record.request_id} Error: {reason}\n{_EXIT}"
    elif record.error_type == _NOT_STARTED:
        yield f"RequestId: {record.request_id} Error: {how}\n{_NOT_STARTED}"
