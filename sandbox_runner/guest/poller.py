"""Looks again and again, without looking ever being most of what is done."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_EVERY_S: Final = 0.05
# Of the processor, not of time: a busy machine is no reason to look away.
_SHARE: Final = 0.05
_PAUSE_S_MAX: Final = 1.0


class Poller:
    """Calls ``look`` about every 50 ms; after a look that took long, later."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._next: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Look from now on, if that is not so already."""
        if self._next is None:
            self._once()

    def end(self) -> None:
        """Look no more."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _once(self) -> None:
        began = time.process_time()
        # Set before looking: what is seen may end the looking.
        self._next = asyncio.get_running_loop().call_later(_EVERY_S, self._once)
        self._look()
        took = time.process_time() - began
        if self._next is not None and took > _EVERY_S * _SHARE:
            self._next.cancel()
            self._next = asyncio.get_running_loop().call_later(min(took / _SHARE, _PAUSE_S_MAX), self._once)
