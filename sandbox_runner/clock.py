"""The clock port: how time reaches a core that reads no clock itself.

Two clocks run in every run. *Run time* is real: handler code always lives in it. *Service time* is what the
emulated service would have waited; a scenario may compress the waiting that only the service does, so service
time is run time plus everything that was skipped.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Readings and waiting; the one port through which the emulator knows time."""

    def monotonic_us(self) -> int:
        """Microseconds on a clock that never goes back; the same clock a guest on this kernel reads."""
        ...

    def epoch_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, for deadlines and timestamps that people read."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let that much run time pass."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def monotonic_us(self) -> int:
        """CLOCK_MONOTONIC, in whole microseconds."""
        return time.monotonic_ns() // 1000

    def epoch_ms(self) -> int:
        """The wall clock, in whole milliseconds."""
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(seconds)
