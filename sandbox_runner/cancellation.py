"""Requests to end a run or its proof, from any thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Wish:
    """A request to end something. :meth:`cancel` may be called from any thread, before, during or after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requested = False
        self._tell: Callable[[], object] | None = None

    @property
    def requested(self) -> bool:
        """Whether the end was requested."""
        return self._requested

    def cancel(self) -> None:
        """Request the end. Repeating it changes nothing."""
        with self._lock:
            first, self._requested = not self._requested, True
            if first and self._tell is not None:
                self._tell()

    @contextmanager
    def telling(self, tell: Callable[[], object]) -> Iterator[None]:
        """Within the block, call ``tell`` when the end is requested, or at once if it already was.

        ``tell`` is called on the requesting thread.
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


class Cancellation(Wish):
    """A request to cancel one run. ``proof`` only ends its proof: the run has its result, with what was proven."""

    def __init__(self) -> None:
        super().__init__()
        self.proof = Wish()
