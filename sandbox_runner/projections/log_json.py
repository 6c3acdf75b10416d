"""The service's own lines in the JSON log format: telemetry records. Pure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html and, for the records,
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox_runner.rules.timestamps import timestamp

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
