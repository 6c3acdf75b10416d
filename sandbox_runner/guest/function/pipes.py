"""The pipes between the function and the supervisor: stdout, stderr, telemetry frames, and the probe's.

The supervisor's ends never block and are read whenever there is data, unless the host does not keep up: then nothing is
read and writers block, which bounds the supervisor's memory and keeps its deadlines.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import TYPE_CHECKING, Final

from .output import FrameReader, LineReader, PhaseLog, Reader

if TYPE_CHECKING:
    from collections.abc import Callable

STDOUT: Final = "stdout"
STDERR: Final = "stderr"
TELEMETRY: Final = "telemetry"
PROBE: Final = "probe"

_READ_BYTES: Final = 64 * 1024
# Stopped processes leave at most what a pipe holds; either end can enlarge a pipe to 1 MB.
_DRAIN_READS_MAX: Final = 64


class Pipe:
    """One pipe. ``take`` is called with the data read; ``child_end`` is for the writing process."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._end, self.child_end = os.pipe()
        os.set_blocking(self._end, False)
        self._reading = False

    def resume(self) -> None:
        """Read whenever there is data."""
        if self._end >= 0 and not self._reading:
            asyncio.get_running_loop().add_reader(self._end, self._read_once)
            self._reading = True

    def pause(self) -> None:
        """Stop reading until :meth:`resume`."""
        if self._reading:
            asyncio.get_running_loop().remove_reader(self._end)
            self._reading = False

    def close_child_end(self) -> None:
        """Close the writing end, once its process has been started."""
        with contextlib.suppress(OSError):
            os.close(self.child_end)

    def drain(self) -> None:
        """Read what is there now; meant for when no writer runs."""
        for _ in range(_DRAIN_READS_MAX):
            if self._end < 0 or not self._read_once():
                return

    def close(self) -> None:
        """Close the reading end."""
        self.pause()
        if self._end >= 0:
            os.close(self._end)
            self._end = -1

    def _read_once(self) -> bool:
        try:
            data = os.read(self._end, _READ_BYTES)
        except BlockingIOError:
            return False
        if data:
            self._take(data)
            return True
        self.close()
        return False


class OutputPipes:
    """The pipes of one process, read into a :class:`PhaseLog`.

    :param extension: its name, where it is an extension, which has no telemetry pipe.
    """

    def __init__(
        self, log: PhaseLog, line_bytes_max: int, on_lines: Callable[[], None], *, extension: str = ""
    ) -> None:
        self._log = log
        self._on_lines = on_lines
        self._extension = extension
        self._readers: dict[str, Reader] = {STDOUT: LineReader(line_bytes_max), STDERR: LineReader(line_bytes_max)}
        if not extension:
            self._readers[TELEMETRY] = FrameReader(line_bytes_max)
        self._pipes = {stream: Pipe(self._taker(stream)) for stream in self._readers}

    def child_end(self, stream: str) -> int:
        """The descriptor that the runtime writes ``stream`` to."""
        return self._pipes[stream].child_end

    def started(self) -> None:
        """The runtime has its ends: close ours of them and read."""
        for pipe in self._pipes.values():
            pipe.close_child_end()
            pipe.resume()

    def pause(self) -> None:
        """Stop reading, so that writers block."""
        for pipe in self._pipes.values():
            pipe.pause()

    def resume(self) -> None:
        """Resume reading."""
        for pipe in self._pipes.values():
            pipe.resume()

    def read(self) -> None:
        """Read what is there now."""
        for pipe in self._pipes.values():
            pipe.drain()

    def drain(self) -> None:
        """Read what is there now, and complete unfinished lines: a phase keeps what it wrote."""
        self.read()
        now = time.monotonic_ns() // 1000
        for stream, reader in self._readers.items():
            for piece in reader.flush():
                self._log.add(now, stream, piece, self._extension)

    def close(self) -> None:
        """Discard whatever is still in the pipes."""
        for pipe in self._pipes.values():
            pipe.close()

    def _taker(self, stream: str) -> Callable[[bytes], None]:
        reader = self._readers[stream]

        def take(data: bytes) -> None:
            self._log.read(time.monotonic_ns() // 1000, stream, reader, data, self._extension)
            self._on_lines()

        return take
