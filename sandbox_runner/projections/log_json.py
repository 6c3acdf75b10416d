"""The service's own lines in the JSON log format: its telemetry records. Pure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html and, for the records,
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox_runner.projections.log_levels import PlatformRecord


def json_line(record: PlatformRecord, epoch_us: int) -> str:
    """One record as one line.

    :param epoch_us: when it happened, in microseconds since 1970.
    """
    body = record.model_dump(mode="json", by_alias=True, exclude_none=True)
    kind = body.pop("type")
    line = {"time": timestamp(epoch_us), "type": kind, "record": body}
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False)


def timestamp(epoch_us: int) -> str:
    """UTC with milliseconds, cut and not rounded: ``2026-01-05T01:00:00.042Z``."""
    at = datetime.fromtimestamp(epoch_us // 1_000_000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{epoch_us // 1000 % 1000:03d}Z"
