"""The sandboxes of one function's replays, lent to one replay after the other."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.environment.task_groups import cancel_all, start_sandbox, undisturbed

if TYPE_CHECKING:
    from sandbox_runner.backends.base import Backend, Sandbox, SandboxSpec


class Sandboxes:
    """Starts as many as are wanted at the same time. Whoever took one gives it back wiped, or destroys it.

    A replay that waits for a start does not insist on it: it takes what another one is done with before that, and what
    was started serves the next.
    """

    def __init__(self, backend: Backend, spec: SandboxSpec) -> None:
        self._backend = backend
        self._spec = spec
        # What was used last is at the end, what nobody used yet at the beginning.
        self._idle: deque[Sandbox] = deque()
        self._wanted: deque[asyncio.Future[Sandbox]] = deque()
        self._starts: set[asyncio.Task[None]] = set()
        self._coming = 0
        self._starting = asyncio.Semaphore(limits.STARTS_AT_ONCE_MAX)

    async def take(self) -> Sandbox:
        """The one that was used last: two replays that are played alone, one after the other, have the same.

        :raises OurFailure: none can be started.
        """
        if self._idle:
            return self._idle.pop()
        wanted: asyncio.Future[Sandbox] = asyncio.get_running_loop().create_future()
        self._wanted.append(wanted)
        if self._coming < len(self._wanted):
            self._coming += 1
            start = asyncio.ensure_future(self._come())
            self._starts.add(start)
            start.add_done_callback(self._starts.discard)
        try:
            return await wanted
        except asyncio.CancelledError:
            if wanted.cancelled():
                self._wanted.remove(wanted)
            elif wanted.exception() is None:
                self.give_back(wanted.result())
            raise

    def give_back(self, sandbox: Sandbox) -> None:
        """Have the next replay use it."""
        if (wanted := self._next_wanted()) is not None:
            wanted.set_result(sandbox)
        else:
            self._idle.append(sandbox)

    async def close(self) -> None:
        """End every one that is not lent."""
        await undisturbed(cancel_all(set(self._starts)))
        while self._idle:
            await undisturbed(self._idle.pop().destroy())

    async def _come(self) -> None:
        try:
            async with self._starting:
                sandbox = await self._started()
        except Exception as problem:  # noqa: BLE001 - whoever waits for it has it; if nobody does, the next start says it
            if (wanted := self._next_wanted()) is not None:
                wanted.set_exception(problem)
            return
        if (wanted := self._next_wanted()) is not None:
            wanted.set_result(sandbox)
        else:
            self._idle.appendleft(sandbox)

    async def _started(self) -> Sandbox:
        try:
            return await start_sandbox(self._backend, self._spec)
        finally:
            # Before anybody hears of it, who may ask for another at once.
            self._coming -= 1

    def _next_wanted(self) -> asyncio.Future[Sandbox] | None:
        """Who has waited longest; a wait that was cancelled takes itself out."""
        for wanted in self._wanted:
            if not wanted.done():
                self._wanted.remove(wanted)
                return wanted
        return None
