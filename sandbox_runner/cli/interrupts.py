"""An interrupt while a verdict is being proven ends the proof; at any other moment, and the second time, the run."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from sandbox_runner.cancellation import Cancellation
from sandbox_runner.events.records import ProofStarted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from sandbox_runner.events.records import Event

_SAID: Final = "The proof is stopped, and what was proven is kept; interrupt once more to end the run.\n"


class ProofInterrupts:
    """For one run: its ``cancellation``, and the ``sink`` that says when its proof begins."""

    def __init__(self, err: TextIO) -> None:
        self.cancellation = Cancellation()
        self._err = err
        self._is_proving = False

    def sink(self, event: Event) -> None:
        """Receives every event of the run."""
        self._is_proving = self._is_proving or isinstance(event.record, ProofStarted)

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Within the block, interrupts of this process come here; signals reach its first thread alone."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if not self._is_proving or self.cancellation.proof.requested:
            signal.default_int_handler(number, frame)
        self.cancellation.proof.cancel()
        self._err.write(_SAID)
        self._err.flush()
