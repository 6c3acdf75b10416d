"""Messages received from a sandbox and not read yet: decoded, bounded, in order.

Every byte from a sandbox is hostile. Three limits hold however much it sends: the size of a frame; a backlog at which
reading stops (so that the sandbox blocks, not this process); and an allowance of bytes between two orders of the host
that no honest guest uses up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from sandbox_runner.errors import OurFailure, ProtocolViolation, SandboxLost
from sandbox_runner.guest.wire import GUEST_MESSAGES, Decoder, GuestMessage, WireError
from sandbox_runner.limits import FRAME_BYTES_MAX, KB, LOG_BYTES_MAX, MB, RESPONSE_BYTES_MAX, STATE_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Callable

# An answer, a state walk, and the largest log of a phase: a control character takes six bytes in JSON. The rest is room
# for headers and counts. Ours: three times what an honest guest needs.
BYTES_PER_ORDER_MAX: Final = 3 * (RESPONSE_BYTES_MAX + STATE_BYTES_MAX + 6 * LOG_BYTES_MAX + MB)
# Reading stops at this backlog. Ours: small compared to a worker's memory, large enough for any honest guest.
BACKLOG_BYTES_MAX: Final = FRAME_BYTES_MAX + MB
BACKLOG_MESSAGES_MAX: Final = 256
STDERR_TAIL_BYTES: Final = 4 * KB


class Tap(Protocol):
    """The source of the bytes; the interface of asyncio's read transports."""

    def pause_reading(self) -> None:
        """Stop reading."""

    def resume_reading(self) -> None:
        """Resume reading."""


@dataclass(slots=True)
class Tail:
    """The last bytes of a stream that is only read after a failure."""

    _kept: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> None:
        """Add bytes; drop the oldest over the limit."""
        self._kept += data[-STDERR_TAIL_BYTES:]
        del self._kept[:-STDERR_TAIL_BYTES]

    def text(self) -> str:
        """The remaining text, with terminal control characters made visible."""
        kept = self._kept.decode("utf-8", "replace").strip()
        return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in kept)


class ReceiveQueue:
    """Messages between the transport that feeds them and their only reader."""

    def __init__(self) -> None:
        self.tail = Tail()
        self._decoder = Decoder(GUEST_MESSAGES, FRAME_BYTES_MAX)
        self._messages: deque[tuple[GuestMessage, int]] = deque()
        self._backlog = 0
        self._undecoded = 0
        self._allowance = BYTES_PER_ORDER_MAX
        self._end: OurFailure | None = None
        self._woken = asyncio.Event()
        self._tap: Tap | None = None
        self._paused = False
        self._take: Callable[[GuestMessage], bool] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will arrive."""
        return self._end is not None

    def connect(self, tap: Tap) -> None:
        """Set the transport that is paused at a backlog."""
        self._tap = tap

    def divert(self, take: Callable[[GuestMessage], bool]) -> None:
        """Offer each message to ``take`` before it is queued; see :meth:`.base.Sandbox.divert`."""
        self._take = take

    def ordered(self, at_once: int = 1) -> None:
        """The host sent an order: the sandbox may answer it at full length, and as many as are obeyed ``at_once``."""
        self._allowance = at_once * BYTES_PER_ORDER_MAX

    def feed(self, data: bytes) -> None:
        """Add bytes of the wire, split anywhere; errors in them are raised to the reader."""
        if self.ended:
            return
        self._allowance -= len(data)
        self._undecoded += len(data)
        if self._allowance < 0:
            self.end(ProtocolViolation("the sandbox said more than any order can ask for"))
            return
        try:
            for message in self._decoder.feed(data):
                self._queue(message)
        except WireError as problem:
            self.end(ProtocolViolation(f"the sandbox broke the protocol: {problem}"))
        except ProtocolViolation as problem:
            self.end(problem)
        self._woken.set()
        self._pause_if_full()

    def end(self, problem: OurFailure | None = None) -> None:
        """End the stream; the first reason is the one raised to the reader."""
        if not self.ended:
            self._end = problem or SandboxLost(self._with_tail("the sandbox went away"))
            self._woken.set()
            self._pause()

    async def next(self) -> GuestMessage:
        """The next message; what arrived before the end is still delivered. A cancelled wait loses nothing.

        :raises SandboxLost: the sandbox is gone.
        :raises ProtocolViolation: it sent something unknown, or too much.
        """
        while not self._messages:
            if self._end is not None:
                raise self._end
            self._woken.clear()
            await self._woken.wait()
        message, cost = self._messages.popleft()
        self._backlog -= cost
        self._resume_if_room()
        return message

    def _queue(self, message: GuestMessage) -> None:
        cost, self._undecoded = self._undecoded, 0
        if self._take is None or not self._take(message):
            self._messages.append((message, cost))
            self._backlog += cost

    def _with_tail(self, sentence: str) -> str:
        said = self.tail.text()
        return f"{sentence}; its supervisor's last words: {said}" if said else sentence

    def _pause_if_full(self) -> None:
        if self._backlog > BACKLOG_BYTES_MAX or len(self._messages) > BACKLOG_MESSAGES_MAX:
            self._pause()

    def _pause(self) -> None:
        if self._tap is not None and not self._paused:
            self._paused = True
            self._tap.pause_reading()

    def _resume_if_room(self) -> None:
        half = self._backlog <= BACKLOG_BYTES_MAX // 2 and len(self._messages) <= BACKLOG_MESSAGES_MAX // 2
        if self._tap is not None and self._paused and half and not self.ended:
            self._paused = False
            self._tap.resume_reading()
