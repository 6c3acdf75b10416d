"""A record of the event log as those that the Telemetry API and the Logs API deliver, and the JSON log format shows.

One truth: the run's log and what a subscriber gets are made from the same record. Pure.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html,
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html and aws/aws-lambda-runtime-interface-emulator,
internal/lambda-managed-instances/aws-lambda-rie/internal/telemetry/events_api.go.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sandbox_runner.events.records import (
    LogWritten,
    OutputTruncated,
    PlatformExtension,
    PlatformLogsDropped,
    PlatformLogsSubscription,
    PlatformRecord,
    PlatformReport,
    PlatformRuntimeDone,
    PlatformStart,
    PlatformTelemetrySubscription,
)
from sandbox_runner.rules.timestamps import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.events.records import Record

_Told: TypeAlias = "tuple[str, object]"
# Ours: AWS has no limit there.
_CUT: Final = "Output over this emulator's limits was cut"
_OLDEST_TELEMETRY: Final = "2022-07-01"
_NEWER_LOGS: Final = "2021-03-18"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whom a record is for: an extension that subscribed to ``types`` by ``api`` (telemetry or logs) and ``schema``.

    ``json_format``: its function's log format is JSON.
    """

    name: str
    api: str
    schema: str
    types: tuple[str, ...]
    json_format: bool = False


def lines(record: Record, subscriber: Subscriber, epoch_us: int) -> Iterator[str]:
    """What the subscriber gets of this record, each as JSON.

    :param epoch_us: when it happened, in microseconds since 1970.
    """
    for kind, body in _told(record, subscriber):
        if kind.partition(".")[0] in subscriber.types:
            yield line(kind, body, epoch_us)


def line(kind: str, body: object, epoch_us: int) -> str:
    """One record as JSON."""
    told = {"time": timestamp(epoch_us), "type": kind, "record": body}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def platform(record: PlatformRecord) -> tuple[str, dict[str, Any]]:
    """The type of one of the platform's own records, and what it says."""
    body = record.model_dump(mode="json", by_alias=True, exclude_none=True)
    return body.pop("type"), body


def _told(record: Record, subscriber: Subscriber) -> Iterator[_Told]:
    match record:
        case LogWritten():
            yield "extension" if record.extension else "function", _written(record, subscriber)
        case OutputTruncated():
            yield platform(PlatformLogsDropped(dropped_bytes=record.bytes, dropped_records=record.lines, reason=_CUT))
        case PlatformTelemetrySubscription() | PlatformLogsSubscription():
            kind, body = platform(record)
            if subscriber.api in kind:
                yield kind, body
        case _ if isinstance(record, PlatformRecord):
            yield from [platform(record)] if subscriber.api == "telemetry" else _older(record, subscriber.schema)


def _written(record: LogWritten, subscriber: Subscriber) -> object:
    """The text; in the JSON format from the second schema on, an object where it is one."""
    if subscriber.json_format and subscriber.api == "telemetry" and subscriber.schema != _OLDEST_TELEMETRY:
        try:
            found = json.loads(record.text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return found
    return f"{record.text}\n"


def _older(record: PlatformRecord, schema: str) -> Iterator[_Told]:
    """What the Logs API has of it: no init, an end, and a fault of its own."""
    match record:
        case PlatformExtension() | PlatformLogsDropped() | PlatformStart():
            yield platform(record)
        case PlatformRuntimeDone() if schema == _NEWER_LOGS:
            yield "platform.runtimeDone", {"requestId": record.request_id, "status": record.status}
        case PlatformReport():
            if record.status != "success":
                error = f"\tErrorType: {record.error_type}" if record.error_type else ""
                yield "platform.fault", f"RequestId: {record.request_id} Status: {record.status}{error}"
            yield "platform.end", {"requestId": record.request_id}
            metrics = record.metrics.model_dump(mode="json", by_alias=True, exclude_none=True)
            yield "platform.report", {"requestId": record.request_id, "metrics": metrics}
