"""A time limit that somebody can bring forward."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox_runner.cancellation import Wish


@asynccontextmanager
async def time_limit(seconds: float | None, wish: Wish) -> AsyncIterator[asyncio.Timeout]:
    """``asyncio.timeout``, which ends at once on ``wish``."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(seconds) as clock:
        with wish.telling(lambda: loop.call_soon_threadsafe(_end, clock)):
            yield clock


def _end(clock: asyncio.Timeout) -> None:
    # It may be over by now.
    with suppress(RuntimeError):
        clock.reschedule(asyncio.get_running_loop().time())
