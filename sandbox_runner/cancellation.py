"""Requests to cancel a run, from any thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Cancellation:
    """A request to cancel one run. :meth:`cancel` may be called from any thread, before, during or after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requested = False
        self._tell: Callable[[], object] | None = None

    @property
    def requested(self) -> bool:
        """Whether cancellation was requested."""
        return self._requested

    def cancel(self) -> None:
        """Request cancellation. Repeating it changes nothing."""
        with self._lock:
            first, self._requested = not self._requested, True
            if first and self._tell is not None:
                self._tell()

    @contextmanager
    def telling(self, tell: Callable[[], object]) -> Iterator[None]:
        """Within the block, call ``tell`` on cancellation, or at once if it was already requested.

        ``tell`` is called on the cancelling thread.
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
