"""A clock that moves only when it is told to, or slept on."""

from __future__ import annotations

import asyncio


class FakeClock:
    """Starts at a round reading, so that times in a test can be read off it."""

    def __init__(self, *, monotonic_us: int = 1_000_000_000, epoch_ms: int = 1_767_574_800_000) -> None:
        self._monotonic_us = monotonic_us
        self._epoch_us = epoch_ms * 1000
        self.slept: list[float] = []

    def monotonic_us(self) -> int:
        return self._monotonic_us

    def epoch_ms(self) -> int:
        return self._epoch_us // 1000

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Let that much time pass at once."""
        self._monotonic_us += round(seconds * 1_000_000)
        self._epoch_us += round(seconds * 1_000_000)
