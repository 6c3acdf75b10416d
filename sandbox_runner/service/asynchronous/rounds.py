"""Work of the service's that goes on in rounds beside the steps of a scenario: when it is woken, and when it is due."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sandbox_runner.environment.task_groups import cancel_all

if TYPE_CHECKING:
    from sandbox_runner.events.log import EventLog


class Rounds(ABC):
    """One round at a time, and as many as it is woken for.

    See :class:`sandbox_runner.service.asynchronous.invoker.RunsBeside`. Whatever a round leaves to go on by itself is
    put into ``_running``.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._is_woken = False
        self._is_busy = False
        self._is_over = False
        self._running: set[asyncio.Task[None]] = set()

    @property
    @abstractmethod
    def next_due_us(self) -> int | None:
        """The service time at which there may be something to do, unless it is done or awaited already."""

    @abstractmethod
    async def _round(self) -> None:
        """Do what there is to do now."""

    @property
    def running(self) -> frozenset[asyncio.Task[None]]:
        """What is under way."""
        return frozenset(self._running)

    def dispatch(self) -> None:
        """Begin a round, if one is due."""
        due_us = self.next_due_us
        if due_us is not None and due_us <= self._log.service_us():
            self.wake()

    def wake(self) -> None:
        """There may be something to do."""
        self._is_woken = True
        if not self._is_busy and not self._is_over:
            self._is_busy = True
            self._running.add(asyncio.ensure_future(self._go_on()))

    def check(self) -> None:
        """:raises OurFailure: what ended since the last check failed on our side."""
        ended = {task for task in self._running if task.done()}
        self._running -= ended
        for task in ended:
            task.result()

    async def cancel(self) -> None:
        """Cancel whatever is running, and begin nothing more."""
        self._is_over = True
        await cancel_all(self._running)
        self._running.clear()

    async def _go_on(self) -> None:
        try:
            while self._is_woken and not self._is_over:
                self._is_woken = False
                await self._round()
        finally:
            self._is_busy = False
