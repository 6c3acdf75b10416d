"""A backend that reports how long each start of a sandbox took."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection

    from .base import Backend, BackendDescription, Sandbox, SandboxSpec

# The backend's name, whether the sandbox started, and the seconds it took.
OnStart: TypeAlias = Callable[[str, bool, float], None]


class InstrumentedBackend:
    """Wraps any backend and is one itself.

    :param on_start: called after each start, on the event loop; it must not block and must not raise.
    """

    def __init__(self, backend: Backend, on_start: OnStart) -> None:
        self._backend = backend
        self._on_start = on_start
        self.name = backend.name

    async def describe(self, runtimes: Collection[str] = ()) -> BackendDescription:
        """The backend's description of itself."""
        return await self._backend.describe(runtimes)

    async def missing(self, runtimes: Collection[str]) -> tuple[str, ...]:
        """Those whose image the backend has not."""
        return await self._backend.missing(runtimes)

    async def start(self, spec: SandboxSpec) -> Sandbox:
        """Start a sandbox of the backend."""
        began = time.monotonic()
        started = False
        try:
            sandbox = await self._backend.start(spec)
            started = True
        finally:
            self._on_start(self.name, started, time.monotonic() - began)
        return sandbox

    def forget(self, name: str) -> bool:
        """The backend lets go of a shown folder."""
        return self._backend.forget(name)

    async def sweep(self, live_owners: Collection[str]) -> int:
        """Remove the backend's sandboxes whose owner is not alive."""
        return await self._backend.sweep(live_owners)

    async def close(self) -> None:
        """End everything the backend has started."""
        await self._backend.close()
