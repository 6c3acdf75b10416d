"""Polls repeatedly, without taking most of the processor time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_EVERY_S: Final = 0.05
# Of processor time, not of elapsed time: a busy machine is no reason to stop polling.
_SHARE: Final = 0.05
_PAUSE_S_MAX: Final = 1.0


class Poller:
    """Calls ``look`` about every 50 ms; after a look that took long, later."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._next: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Start polling, unless it is already running."""
        if self._next is None:
            self._poll()

    def end(self) -> None:
        """Stop polling."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _poll(self) -> None:
        began = time.process_time()
        # Set before the call, which may stop the polling.
        self._next = asyncio.get_running_loop().call_later(_EVERY_S, self._poll)
        self._look()
        took = time.process_time() - began
        if self._next is not None and took > _EVERY_S * _SHARE:
            self._next.cancel()
            self._next = asyncio.get_running_loop().call_later(min(took / _SHARE, _PAUSE_S_MAX), self._poll)
