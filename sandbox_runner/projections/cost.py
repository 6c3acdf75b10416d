"""What a run would be billed for: requests and GB-seconds. Pure.

A GB-second is one billed second of a function with 1,024 MB. Every attempt that reached an environment is billed,
including failed ones; a throttled request is not. The standby cost of provisioned concurrency is not included, because
most of a run's waiting is compressed. Where an environment serves several requests at once, its instance is billed
and no request.
Sources: https://aws.amazon.com/lambda/pricing/,
https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import Event, PlatformReport
from sandbox_runner.results.parts import Invoice

if TYPE_CHECKING:
    from collections.abc import Iterable

_MB_PER_GB: Final = 1024
_MS_PER_S: Final = 1000


def invoice(events: Iterable[Event]) -> Invoice:
    """The total over every REPORT in the events that has a billed duration."""
    metrics = [each.record.metrics for each in events if isinstance(each.record, PlatformReport)]
    billed = [(each.billed_duration_ms, each.memory_size_mb or 0) for each in metrics if each.billed_duration_ms]
    billed_ms = sum(duration_ms for duration_ms, _ in billed)
    mb_ms = sum(duration_ms * memory_mb for duration_ms, memory_mb in billed)
    return Invoice(requests=len(billed), billed_ms=billed_ms, gb_seconds=mb_ms / _MB_PER_GB / _MS_PER_S)
