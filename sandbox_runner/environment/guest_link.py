"""The host's end of a conversation with a guest: timeouts, clock readings and unexpected messages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sandbox_runner.errors import BackendUnavailable, OurFailure, ProtocolViolation, SandboxLost
from sandbox_runner.guest.wire import Fault, GuestMessage, HostMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox_runner.backends.base import Sandbox
    from sandbox_runner.clock import Clock

# The guest enforces the limits of a phase itself; after this much longer it counts as lost.
GRACE_S = 15.0

_M = TypeVar("_M", bound=GuestMessage)


@cache
def host_boot_id() -> str:
    """The boot id of this host's kernel; equal to the guest's if both share the kernel."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Serving:
    """A request, by its number in the scenario and its id."""

    index: int
    request_id: str


class GuestLink:
    """Sends to one sandbox and receives from it.

    :param clock: the clock that the guest's readings are converted to if it runs on another kernel.
    :ivar outbox: gives what is to be sent with the next message, or after what was just observed.
    :ivar serving: the request that it was given last; ``None`` before the first.
    """

    def __init__(self, sandbox: Sandbox, clock: Clock) -> None:
        self.sandbox = sandbox
        self.serving: Serving | None = None
        self.outbox: Callable[[], Sequence[HostMessage]] = tuple
        self._clock = clock
        self._offset_us = 0 if sandbox.hello.boot_id == host_boot_id() else None

    def versions(self, runtime: str) -> dict[str, str]:
        """The versions of ``runtime``.

        :raises BackendUnavailable: this sandbox's image does not have it.
        """
        offered = self.sandbox.hello.runtimes
        if runtime not in offered:
            raise BackendUnavailable(
                f"the sandbox image does not offer {runtime}, only {', '.join(sorted(offered)) or 'nothing'}; "
                "build it anew with `make image`"
            )
        return offered[runtime]

    def host_us(self, guest_us: int) -> int:
        """Convert a guest's clock reading to the host's clock; exact on a shared kernel.

        On another kernel the offset is taken from the first reading, which is late by one message's latency.
        """
        if self._offset_us is None:
            self._offset_us = self._clock.monotonic_us() - guest_us
        return guest_us + self._offset_us

    async def send(self, message: HostMessage) -> None:
        """:raises SandboxLost: it is gone."""
        await self._empty_outbox()
        await self.sandbox.send(message)

    async def _empty_outbox(self) -> None:
        for message in self.outbox():
            await self.sandbox.send(message)

    async def receive_until(self, wanted: type[_M], observe: Callable[[GuestMessage], None], *, within_s: float) -> _M:
        """Pass every message to ``observe`` until a ``wanted`` one arrives, and return that.

        :param within_s: how long the guest may take by its own rules, in seconds of run time.
        :raises SandboxLost: it is gone, or silent for longer than that and a grace period.
        :raises ProtocolViolation: it sent something unknown or too much.
        :raises OurFailure: the supervisor itself failed.
        """
        try:
            async with asyncio.timeout(within_s + GRACE_S):
                return await self._receive_until(wanted, observe)
        except TimeoutError:
            raise SandboxLost(f"the sandbox did not send {wanted.__name__} within {within_s + GRACE_S:.0f} s") from None

    async def _receive_until(self, wanted: type[_M], observe: Callable[[GuestMessage], None]) -> _M:
        while True:
            message = await self.sandbox.receive()
            if isinstance(message, wanted):
                return message
            if isinstance(message, Fault):
                raise OurFailure(f"the sandbox's supervisor failed: {message.message[:500]}")
            observe(message)
            await self._empty_outbox()


def unexpected(message: GuestMessage) -> ProtocolViolation:
    """The error for a message that is not allowed at this point."""
    return ProtocolViolation(f"the guest sent {type(message).__name__} at a moment when it has no meaning")
