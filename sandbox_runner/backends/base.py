"""The backend and sandbox protocols: the boundary to the outside, in our own terms.

A backend starts sandboxes that contain an idle supervisor and no user code. A sandbox carries messages of
:mod:`sandbox_runner.guest.wire` both ways and can be ended in any state. No SDK type crosses this boundary. Whoever
    starts a sandbox ends it; what a dead process left behind is found by its owner label and swept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from sandbox_runner.image import selection

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sandbox_runner.guest.wire import GuestMessage, Hello, HostMessage
    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Function


@dataclass(frozen=True, slots=True)
class ShownFolder:
    """A folder of files that never change, for any number of sandboxes.

    :ivar name: which folder that is, among all on this machine and its engine: letters, digits and dashes.
    :ivar files: the folder itself, on this machine.
    :ivar archive: the same as a tar file, for an engine that cannot see this machine's folders.
    """

    name: str
    files: str
    archive: str


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """What a sandbox is for. ``owner`` labels it, so that those left by a dead worker can be recognised and removed.

    ``processors`` limits its processor time per second; ``None`` is no limit. ``shown`` are folders that it has
    read-only: where they are inside, and what is there. ``runtime`` is the one whose own image it is made from, empty
    for the usual image.
    """

    owner: str
    memory_mb: int
    tmp_mb: int
    processors: float | None = None
    shown: tuple[tuple[str, ShownFolder], ...] = ()
    runtime: str = ""

    @classmethod
    def of(cls, owner: str, function: Function, shown: tuple[tuple[str, ShownFolder], ...] = ()) -> Self:
        """A sandbox for that function."""
        own = selection.own_image(function.played_on)
        return cls(owner, function.memory_mb, function.tmp_mb, function.processors, shown, own)


Shown: TypeAlias = "tuple[tuple[str, ShownFolder], ...]"
"""Folders, each with the place where a sandbox has it."""


def shown_folders(
    layers: Mapping[str, ShownFolder], code: Mapping[str, ShownFolder], packages: Mapping[str, ShownFolder]
) -> dict[str, Shown]:
    """What the sandboxes of each function are shown: layers, and code and packages where the guest looks for them."""
    places = {"/opt": layers, "/run/archive": code, "/run/packages": packages}
    return {
        name: tuple((place, folders[name]) for place, folders in places.items() if name in folders)
        for name in {**layers, **code, **packages}
    }


@dataclass(frozen=True, slots=True)
class BackendDescription:
    """What results and pages show about the backend.

    ``isolation`` says what a sandbox isolates. ``fidelity`` maps an aspect (``memory-limit``, ``read-only-root``,
    ``network`` …) to how this backend implements it.
    """

    name: str
    isolation: Message
    image_digest: str
    fidelity: Mapping[str, Message] = field(default_factory=dict)


class Sandbox(Protocol):
    """A handle on one isolated place. ``hello`` is its supervisor's first message."""

    id: str
    hello: Hello

    async def send(self, message: HostMessage) -> None:
        """:raises SandboxLost: it is gone."""
        ...

    async def receive(self) -> GuestMessage:
        """The next message, in order.

        :raises SandboxLost: it is gone.
        :raises ProtocolViolation: it sent something the protocol does not know, or too much.
        """
        ...

    def divert(self, take: Callable[[GuestMessage], bool]) -> None:
        """Offer each message to ``take`` on arrival; one that it returns true for is not received any more.

        ``take`` may raise a ``ProtocolViolation``, which ends the message stream.
        """
        ...

    async def destroy(self) -> None:
        """End it now, whatever it is doing, and leave nothing behind. May be called again."""
        ...


class Backend(Protocol):
    """Makes sandboxes. Used within one event loop."""

    name: str

    async def describe(self, runtimes: Collection[str] = ()) -> BackendDescription:
        """What it is, with the images of these runtimes; by default with the usual one.

        :raises BackendUnavailable: it cannot make sandboxes here; says what is missing and how to get it.
        """
        ...

    async def missing(self, runtimes: Collection[str]) -> tuple[str, ...]:
        """Those of the runtimes whose own image is not built.

        :raises BackendUnavailable: it cannot be asked.
        """
        ...

    async def start(self, spec: SandboxSpec) -> Sandbox:
        """A sandbox whose supervisor has said hello.

        :raises BackendUnavailable: none can be made.
        """
        ...

    def forget(self, name: str) -> bool:
        """Let go of what was made of the shown folder of that name; false if a sandbox still shows it. Blocks.

        :raises BackendUnavailable: it does not answer.
        """
        ...

    async def sweep(self, live_owners: Collection[str]) -> int:
        """Remove sandboxes whose owner is not in ``live_owners``, and return how many there were.

        Sandboxes of this backend that could not be ended are removed as well: nobody uses them, although their owner is
        alive.

        :raises BackendUnavailable: it does not answer.
        """
        ...

    async def close(self) -> None:
        """End every sandbox this backend has started and release its resources."""
        ...
