"""Lambda's timestamps in logs, answers and destination records. Pure."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp(epoch_us: int) -> str:
    """UTC with milliseconds, truncated rather than rounded: ``2026-01-05T01:00:00.042Z``."""
    at = datetime.fromtimestamp(epoch_us // 1_000_000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{epoch_us // 1000 % 1000:03d}Z"
