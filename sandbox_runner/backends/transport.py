"""What all real sandboxes share: a receive queue, a send queue, one first message and one end."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

from sandbox_runner.errors import BackendUnavailable, SandboxLost, SandboxNotReady
from sandbox_runner.guest.wire import WIRE_VERSION, Configure, GuestMessage, Hello, HostMessage, Telemetry, encode

from .receive_queue import ReceiveQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Ours: a supervisor takes a tenth of a second to start; a busy machine gets a hundred times that.
HELLO_SECONDS: Final = 15.0


class SendQueue:
    """Outgoing frames; the sender waits while the sandbox does not read."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    def connect(self, transport: asyncio.WriteTransport) -> None:
        """Set the transport that frames go to."""
        self._transport = transport

    def pause(self) -> None:
        """The transport's buffer is full."""
        self._writable.clear()

    def resume(self) -> None:
        """The transport has room again, or is gone and discards everything."""
        self._writable.set()

    async def write(self, frame: bytes) -> None:
        """Write one frame."""
        if self._transport is not None:
            self._transport.write(frame)
            await self._writable.wait()


class TransportSandbox(ABC):
    """A handle on a sandbox reached over some transport. See :class:`~.base.Sandbox`."""

    hello: Hello

    def __init__(self, sandbox_id: str, forget: Callable[[TransportSandbox], None]) -> None:
        self.id = sandbox_id
        self._forget = forget
        self._receive_queue = ReceiveQueue()
        # How many invocations its function may have under way.
        self._at_once = 1
        self._send_queue = SendQueue()
        self._ending: asyncio.Task[None] | None = None

    async def greet(self) -> None:
        """Wait for the supervisor's hello.

        :raises SandboxNotReady: it sent none in time, or ended.
        :raises BackendUnavailable: it sent something else, or speaks another version of the wire.
        """
        try:
            hello = await asyncio.wait_for(self._receive_queue.next(), HELLO_SECONDS)
        except TimeoutError:
            said = self._receive_queue.tail.text() or "nothing"
            raise SandboxNotReady(f"a sandbox was started, but its supervisor only said: {said}") from None
        except SandboxLost as problem:
            raise SandboxNotReady(f"a sandbox ended while it was started: {problem}") from problem
        if not isinstance(hello, Hello) or hello.wire_version != WIRE_VERSION:
            raise BackendUnavailable("the sandbox image is of another version of this program; `make image` renews it")
        self.hello = hello

    async def send(self, message: HostMessage) -> None:
        """Send an order.

        :raises SandboxLost: it is gone.
        """
        if self._receive_queue.ended:
            raise SandboxLost("the sandbox is gone")
        if not isinstance(message, Telemetry):
            self._at_once = max(1, message.concurrency) if isinstance(message, Configure) else self._at_once
            self._receive_queue.ordered(self._at_once)
        await self._send_queue.write(encode(message))

    async def receive(self) -> GuestMessage:
        """The next message, in order; fails as :meth:`ReceiveQueue.next` does."""
        return await self._receive_queue.next()

    def divert(self, take: Callable[[GuestMessage], bool]) -> None:
        """See :meth:`.base.Sandbox.divert`."""
        self._receive_queue.divert(take)

    async def destroy(self) -> None:
        """End it now and wait until it is gone. May be called again, and retries after a failure.

        Cancelling the wait does not stop it.
        """
        if self._ending is None or _failed(self._ending):
            self._ending = asyncio.ensure_future(self._destroy())
        await asyncio.shield(self._ending)

    async def _destroy(self) -> None:
        self._receive_queue.end(SandboxLost("the sandbox was ended"))
        await self._end()
        self._forget(self)

    @abstractmethod
    async def _end(self) -> None:
        """End everything that belongs to it, in any state."""


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def end_all(sandboxes: Iterable[TransportSandbox]) -> None:
    """Destroy them concurrently; a failure does not stop the others.

    :raises OurFailure: some could not be ended.
    """
    endings = await asyncio.gather(*(sandbox.destroy() for sandbox in sandboxes), return_exceptions=True)
    for problem in filter(None, endings):
        raise problem
