"""Sends the lines of the current phase: soon, or at once where there are many."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from .clock import now_us
from .function.output import PhaseLog
from .wire import Cut, Logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from .wire import GuestMessage

# How long lines are collected before they are sent, unless there are many.
_BATCH_S: Final = 0.01
_BATCH_BYTES: Final = 64 * 1024


class LineBatches:
    """The lines of ``log``; ``request_id`` says to which invocation those belong that come now."""

    def __init__(self, send: Callable[..., None], request_id: Callable[[], str]) -> None:
        self._loop = asyncio.get_running_loop()
        self._send, self._request_id = send, request_id
        self._batch: asyncio.TimerHandle | None = None
        self.log = PhaseLog(0, 0)

    def came(self) -> None:
        """There is output."""
        if self.log.pending_bytes > _BATCH_BYTES:
            self.flush()
        elif self.log.lines and self._batch is None:
            self._batch = self._loop.call_later(_BATCH_S, self.flush)

    def flush(self) -> None:
        """Send what there is."""
        self._send(*self._taken())

    def rest(self) -> list[GuestMessage]:
        """What is left of a phase: its lines, and how many were cut."""
        messages = self._taken()
        lines, size = self.log.take_cut()
        if lines or size:
            messages.append(Cut(now_us(), lines, size, self._request_id()))
        return messages

    def _taken(self) -> list[GuestMessage]:
        if self._batch is not None:
            self._batch.cancel()
            self._batch = None
        return [Logs(self.log.take(), self._request_id())] if self.log.lines else []
