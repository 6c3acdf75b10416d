"""The environments of a function that each serve several requests at once.

A request goes to an environment that already serves one, as long as there is room. Lambda chooses by how much an
environment can absorb, and turns away what has no room; here a new environment takes it.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from sandbox_runner.environment.overlapping import OverlappingEnvironment
from sandbox_runner.environment.task_groups import cancel_all
from sandbox_runner.service.fleet import Fleet, Slot

if TYPE_CHECKING:
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.fleet import Shared


class OverlappingFleet(Fleet):
    """A fleet whose environments are lent to ``concurrency_per_environment`` requests at once."""

    def __init__(self, scenario: Scenario, name: str, shared: Shared) -> None:
        super().__init__(scenario, name, shared)
        self._concurrency = scenario.settings_of(name).concurrency_per_environment or 1
        self.environments = partial(OverlappingEnvironment, concurrency=self._concurrency)
        self._lent: dict[Slot, int] = {}
        self._openings: dict[Slot, asyncio.Task[None]] = {}

    def lend(self) -> Slot:
        """Lend an environment that has room, the one that was lent first; then as any fleet does."""
        room = (slot for slot, count in self._lent.items() if count < self._concurrency and _serves(slot))
        slot = next(room, None) or super().lend()
        self._lent[slot] = self._lent.get(slot, 0) + 1
        return slot

    async def open(self, slot: Slot) -> Slot:
        """Open a lent slot, once for all who wait for it.

        :raises OurFailure: no sandbox could be made, or one failed.
        """
        if slot.environment is None and slot not in self._openings:
            self._openings[slot] = asyncio.ensure_future(self._open_for_request(slot))
        if slot in self._openings:
            await asyncio.shield(self._openings[slot])
            self._openings.pop(slot, None)
        return slot

    def give_back(self, slot: Slot) -> None:
        """Return an environment after a request; it is free after the last, if it can serve another one."""
        self._lent[slot] -= 1
        if not self._lent[slot]:
            del self._lent[slot]
            if _serves(slot):
                super().give_back(slot)

    async def destroy(self) -> None:
        """End every environment, whatever it is doing; nothing is left when this returns."""
        await cancel_all(self._openings.values())
        await super().destroy()


def _serves(slot: Slot) -> bool:
    environment = slot.environment
    return environment is None or not isinstance(environment, OverlappingEnvironment) or environment.serves
