"""The pipes between the function and the supervisor: stdout, stderr, telemetry frames, and the probe's.

The supervisor's ends never block and are read whenever there is data, unless the host does not keep up: then nothing is
read and writers block, which bounds the supervisor's memory and keeps its deadlines. A pipe that gets line after line
is read every millisecond: waking up for each would take longer than the function takes to write it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Final

from ..clock import now_us
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
# A pipe is busy after so many reads in a row of so little, each so soon after the one before.
_BUSY_READS: Final = 16
_LITTLE_BYTES: Final = 4 * 1024
_SOON_S: Final = 0.001
# A busy pipe is read as often. Lines have their time in milliseconds.
_TURN_S: Final = 0.001


class Pipe:
    """One pipe. ``take`` is called with the data read; ``child_end`` is for the writing process.

    :param ready: called with it when there is data, in place of reading once.
    :ivar reading: whether that is being waited for.
    """

    def __init__(self, take: Callable[[bytes], None], ready: Callable[[Pipe], None] | None = None) -> None:
        self._take = take
        self._ready = ready or Pipe.read_once
        self._end, self.child_end = os.pipe()
        os.set_blocking(self._end, False)
        self.reading = False

    def resume(self) -> None:
        """Read whenever there is data."""
        if self._end >= 0 and not self.reading:
            asyncio.get_running_loop().add_reader(self._end, self._ready, self)
            self.reading = True

    def pause(self) -> None:
        """Stop reading until :meth:`resume`."""
        if self.reading:
            asyncio.get_running_loop().remove_reader(self._end)
            self.reading = False

    def close_child_end(self) -> None:
        """Close the writing end, once its process has been started."""
        with contextlib.suppress(OSError):
            os.close(self.child_end)

    def drain(self) -> None:
        """Read what is there now; meant for when no writer runs."""
        for _ in range(_DRAIN_READS_MAX):
            if not self.read_once():
                return

    def close(self) -> None:
        """Close the reading end."""
        self.pause()
        if self._end >= 0:
            os.close(self._end)
            self._end = -1

    def read_once(self) -> int:
        """Read what is there, up to a bound; returns how many bytes that was."""
        if self._end < 0:
            return 0
        try:
            data = os.read(self._end, _READ_BYTES)
        except BlockingIOError:
            return 0
        if data:
            self._take(data)
        else:
            self.close()
        return len(data)


class _Turns:
    """Decides when the pipes of one process are read: at once, or a busy one in turns.

    Lines of several pipes stay in order: before another is read, what the busy one has is.
    """

    def __init__(self) -> None:
        self._last: Pipe | None = None
        self._last_at = 0.0
        self._row = 0
        self._busy: Pipe | None = None
        self._turn: asyncio.TimerHandle | None = None

    def ready(self, pipe: Pipe) -> None:
        """There is data."""
        if self._busy is not None:
            self._busy.read_once()
            self.end()
        at = asyncio.get_running_loop().time()
        follows = pipe is self._last and at - self._last_at < _SOON_S
        self._last, self._last_at = pipe, at
        is_little = 0 < pipe.read_once() < _LITTLE_BYTES
        self._row = self._row + 1 if follows and is_little else 0
        # Whoever took it may have paused all pipes.
        if self._row >= _BUSY_READS and pipe.reading:
            pipe.pause()
            self._busy = pipe
            self._wait()

    def end(self) -> None:
        """No pipe is busy any more; one that was is read at once."""
        if self._turn is not None:
            self._turn.cancel()
        busy, self._busy, self._turn, self._row = self._busy, None, None, 0
        if busy is not None:
            busy.resume()

    def _wait(self) -> None:
        self._turn = asyncio.get_running_loop().call_later(_TURN_S, self._look)

    def _look(self) -> None:
        pipe = self._busy
        if pipe is None:
            return
        size = pipe.read_once()
        if self._busy is None:
            return
        if 0 < size < _READ_BYTES:
            self._wait()
        else:
            # Nobody writes, or so much that the writer waits for us.
            self.end()


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
        self._turns = _Turns()
        self._pipes = {stream: Pipe(self._taker(stream), self._turns.ready) for stream in self._readers}

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
        self._turns.end()
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
        now = now_us()
        for stream, reader in self._readers.items():
            for piece in reader.flush():
                self._log.add(now, stream, piece, self._extension)

    def close(self) -> None:
        """Discard whatever is still in the pipes."""
        self._turns.end()
        for pipe in self._pipes.values():
            pipe.close()

    def _taker(self, stream: str) -> Callable[[bytes], None]:
        reader = self._readers[stream]

        def take(data: bytes) -> None:
            self._log.read(now_us(), stream, reader, data, self._extension)
            self._on_lines()

        return take
