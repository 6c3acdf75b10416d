"""The clock port: how time reaches a core that reads no clock itself.

Every run has two clocks. *Run time* is real; handler code always runs in it. *Service time* is the time of the emulated
service, whose waiting a scenario may compress: it is run time plus everything that was skipped.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Reads the time and waits; the only way the emulator learns the time."""

    def monotonic_us(self) -> int:
        """Microseconds on a clock that never goes back; the same clock a guest on this kernel reads."""
        ...

    def epoch_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, for deadlines and timestamps that people read."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for that much run time."""
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
