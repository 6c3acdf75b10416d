"""Asking a run to end, from any thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Cancellation:
    """One request to end one run. :meth:`cancel` may be called from any thread, before, during or after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requested = False
        self._tell: Callable[[], object] | None = None

    @property
    def requested(self) -> bool:
        """Whether somebody asked."""
        return self._requested

    def cancel(self) -> None:
        """Ask. Asking again changes nothing."""
        with self._lock:
            first, self._requested = not self._requested, True
            if first and self._tell is not None:
                self._tell()

    @contextmanager
    def telling(self, tell: Callable[[], object]) -> Iterator[None]:
        """While the block runs, ``tell`` is called when somebody asks, or at once where somebody already has.

        ``tell`` is called on the asking thread.
        """
        with self._lock:
            self._tell = tell
            if self._requested:
                tell()
        try:
            yield
        finally:
            with self._lock:
                self._tell = None
