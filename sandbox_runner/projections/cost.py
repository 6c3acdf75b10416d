"""What a run would be billed for: requests and GB-seconds. Pure.

A GB-second is a billed second of a function that was given 1,024 MB; every attempt that reached an environment is
billed, failed ones included, and a throttled request is not. What provisioned concurrency costs while it waits is
not in it: a run's waiting is mostly compressed.
Source: https://aws.amazon.com/lambda/pricing/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import Event, PlatformReport
from sandbox_runner.results.model import Invoice

if TYPE_CHECKING:
    from collections.abc import Iterable

_MB_PER_GB: Final = 1024
_MS_PER_S: Final = 1000


def invoice(events: Iterable[Event]) -> Invoice:
    """The sum over every REPORT of a run, or of a beginning of one."""
    metrics = [each.record.metrics for each in events if isinstance(each.record, PlatformReport)]
    billed_ms = sum(each.billed_duration_ms or 0 for each in metrics)
    mb_ms = sum((each.billed_duration_ms or 0) * (each.memory_size_mb or 0) for each in metrics)
    return Invoice(requests=len(metrics), billed_ms=billed_ms, gb_seconds=mb_ms / _MB_PER_GB / _MS_PER_S)
