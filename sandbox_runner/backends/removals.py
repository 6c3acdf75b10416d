"""Removes sandboxes in the background; all are gone before the run ends.

Ending a sandbox is quick; removing it takes an engine about a tenth of a second, which neither the next step of a
scenario nor a replay has to wait for.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from .base import Backend, BackendDescription, Sandbox, SandboxSpec


class Removals:
    """Wraps a backend and destroys its sandboxes in the background; the run that owns it awaits :meth:`settled`."""

    def __init__(self, backend: Backend) -> None:
        self.name = backend.name
        self._backend = backend
        self._removals: list[asyncio.Task[None]] = []

    def apart(self) -> Removals:
        """Another instance for the same backend, which is not affected by failures here."""
        return Removals(self._backend)

    async def describe(self, runtimes: Collection[str] = ()) -> BackendDescription:
        """The backend's description of itself."""
        return await self._backend.describe(runtimes)

    async def missing(self, runtimes: Collection[str]) -> tuple[str, ...]:
        """Those whose image the backend has not."""
        return await self._backend.missing(runtimes)

    async def start(self, spec: SandboxSpec) -> Sandbox:
        """Start a sandbox whose ``destroy`` begins its removal and returns at once."""
        return _Removed(await self._backend.start(spec), self._removals)

    def forget(self, name: str) -> bool:
        """The backend lets go of a shown folder."""
        return self._backend.forget(name)

    async def sweep(self, live_owners: Collection[str]) -> int:
        """Sweep the backend."""
        return await self._backend.sweep(live_owners)

    async def close(self) -> None:
        """Do nothing: the backend is closed by its creator."""

    async def settled(self) -> None:
        """Wait until every destroyed sandbox is gone.

        :raises OurFailure: one could not be removed; the others are.
        """
        outcomes = await asyncio.gather(*self._removals, return_exceptions=True)
        for outcome in filter(None, outcomes):
            raise outcome


class _Removed:
    """A sandbox that is removed in the background."""

    def __init__(self, sandbox: Sandbox, removals: list[asyncio.Task[None]]) -> None:
        self.id, self.hello = sandbox.id, sandbox.hello
        self.send, self.receive, self.divert = sandbox.send, sandbox.receive, sandbox.divert
        self._sandbox = sandbox
        self._removals = removals
        self._ending = False

    async def destroy(self) -> None:
        if not self._ending:
            self._ending = True
            self._removals.append(asyncio.ensure_future(self._sandbox.destroy()))
            # Sent before anything else happens.
            await asyncio.sleep(0)
