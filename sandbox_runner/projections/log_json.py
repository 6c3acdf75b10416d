"""The service's own lines in the JSON log format: telemetry records. Pure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html and, for the records,
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.rules import telemetry

if TYPE_CHECKING:
    from sandbox_runner.events.records import PlatformRecord


def json_line(record: PlatformRecord, epoch_us: int) -> str:
    """One record as one line.

    :param epoch_us: when it happened, in microseconds since 1970.
    """
    return telemetry.line(*telemetry.platform(record), epoch_us)
