"""Sandboxes that are cleared away beside what goes on, and are gone before the run is.

Ending a sandbox is quick; clearing it away is an engine's business of a tenth of a second, which neither the next
step of a scenario nor a replay has to wait for.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from .base import Backend, BackendDescription, Sandbox, SandboxSpec


class Removals:
    """A backend whose sandboxes are destroyed in the background; the run that owns it awaits :meth:`settled`."""

    def __init__(self, backend: Backend) -> None:
        self.name = backend.name
        self._backend = backend
        self._removals: list[asyncio.Task[None]] = []

    def apart(self) -> Removals:
        """Another over the same backend: what could not be cleared away there is no concern here."""
        return Removals(self._backend)

    async def describe(self) -> BackendDescription:
        """As the backend describes itself."""
        return await self._backend.describe()

    async def start(self, spec: SandboxSpec) -> Sandbox:
        """A sandbox of the backend whose ``destroy`` begins its end and returns at once."""
        return _Removed(await self._backend.start(spec), self._removals)

    async def sweep(self, live_owners: Collection[str]) -> int:
        """As the backend sweeps."""
        return await self._backend.sweep(live_owners)

    async def close(self) -> None:
        """Nothing: whoever made the backend closes it."""

    async def settled(self) -> None:
        """Wait until every sandbox that was destroyed is gone.

        :raises OurFailure: one could not be cleared away; the others are.
        """
        outcomes = await asyncio.gather(*self._removals, return_exceptions=True)
        for outcome in filter(None, outcomes):
            raise outcome


class _Removed:
    """A sandbox as it is but for its end."""

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
            # It is on its way before anything else happens.
            await asyncio.sleep(0)
