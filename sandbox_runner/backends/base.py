"""The seam to the outside: who makes sandboxes, in our own words.

A backend starts sandboxes that already hold an idle supervisor and no user code. A sandbox carries messages of
:mod:`sandbox_runner.guest.wire` both ways and can be ended in every state. No type of an engine's SDK crosses this
seam. Whoever starts a sandbox ends it; what a dead process left behind is found by its owner label and swept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sandbox_runner.guest.wire.framing import GuestMessage, Hello, HostMessage


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """What a sandbox is made for. ``owner`` labels it, so that strays of a dead worker can be told and removed.

    ``processors`` is the processor time that it may use for each second, ``None`` for as much as there is.
    """

    owner: str
    memory_mb: int
    tmp_mb: int
    processors: float | None = None


@dataclass(frozen=True, slots=True)
class BackendDescription:
    """What a result and a page say of the backend.

    ``isolation`` is one sentence for a person. ``fidelity`` maps an aspect (``memory-limit``, ``read-only-root``,
    ``network`` …) to how it is done here.
    """

    name: str
    isolation: str
    image_digest: str
    fidelity: Mapping[str, str] = field(default_factory=dict)


class Sandbox(Protocol):
    """A handle on one isolated place. ``hello`` is what its supervisor said first."""

    id: str
    hello: Hello

    async def send(self, message: HostMessage) -> None:
        """:raises SandboxLost: it is gone."""
        ...

    async def receive(self) -> GuestMessage:
        """The next message, in order.

        :raises SandboxLost: it is gone.
        :raises ProtocolViolation: it said something the protocol does not know, or too much.
        """
        ...

    def divert(self, take: Callable[[GuestMessage], bool]) -> None:
        """Offer each message to ``take`` as soon as it comes; what it returns true for is not received any more.

        ``take`` may raise a ``ProtocolViolation``, which ends the sandbox's messages.
        """
        ...

    async def destroy(self) -> None:
        """End it now, whatever it is doing, and leave nothing behind. May be called again."""
        ...


class Backend(Protocol):
    """Makes sandboxes. Used within one event loop."""

    name: str

    async def describe(self) -> BackendDescription:
        """:raises BackendUnavailable: it cannot make sandboxes here; says what is missing and how to get it."""
        ...

    async def start(self, spec: SandboxSpec) -> Sandbox:
        """A sandbox whose supervisor has said hello.

        :raises BackendUnavailable: none can be made.
        """
        ...

    async def sweep(self, live_owners: Collection[str]) -> int:
        """Remove sandboxes of owners that are not in ``live_owners``; returns how many there were.

        Those of this backend's own whose end has failed go as well: their owner is alive and does not use them.

        :raises BackendUnavailable: it cannot be asked.
        """
        ...

    async def close(self) -> None:
        """End every sandbox this backend has started and release what it holds."""
        ...
