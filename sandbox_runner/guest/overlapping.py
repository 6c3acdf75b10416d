"""Several invocations at once in one environment, for a supervisor whose function is configured so.

Each has its own time limit and ends with its answer. Nothing is frozen between them, and one that is over its time is
only failed: its code runs on, and what it answers later comes too late. When the runtime's process ends, so do all.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .apis.overlapping import OverlappingEvents
from .clock import now_us
from .endings import answered, invoke_done
from .phase import Phase
from .wire import Started

if TYPE_CHECKING:
    from collections.abc import Callable

    from .apis.posted import RuntimeAnswer
    from .apis.runtime import RuntimeApi
    from .extensions.part import ExtensionsPart
    from .function.runtime_process import RuntimeProcess
    from .line_batches import LineBatches
    from .wire import Invoke


@dataclass(slots=True)
class _UnderWay:
    """One invocation, and the timer of its limit."""

    phase: Phase
    limit: asyncio.TimerHandle


class OverlappingInvocations:
    """The invocations that are under way at once, where the function is served so."""

    def __init__(
        self, api: RuntimeApi, extensions: ExtensionsPart, lines: LineBatches, send: Callable[..., None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._api, self._extensions, self._lines, self._send = api, extensions, lines, send
        self._process: RuntimeProcess | None = None
        self._under_way: dict[str, _UnderWay] = {}
        self._events = OverlappingEvents(self)

    @property
    def are_served(self) -> bool:
        """Whether the current processes serve several requests at once."""
        return self._process is not None

    def renew(self, process: RuntimeProcess | None) -> None:
        """Forget those of the processes before; ``process`` serves the next ones, none of them if it is ``None``."""
        for each in self._under_way.values():
            each.limit.cancel()
        self._under_way.clear()
        self._process, self._events = process, OverlappingEvents(self)
        self._api.overlapping = self._events if process is not None else None

    def begin(self, order: Invoke) -> None:
        """Hand the runtime one more event; of one that has ended, say that it has."""
        if not self._under_way:
            self._lines.flush()
            self._lines.log.begin()
        limit = self._loop.call_later(order.timeout_us / 1_000_000, self._time_is_up, order.request_id)
        self._under_way[order.request_id] = _UnderWay(Phase(order, now_us()), limit)
        self._events.offer(order.request_id, order.headers, order.body)
        if self._process is None or not self._process.running:
            self.process_ended()

    def event_taken(self, request_id: str) -> None:
        """The event was handed to the runtime: its time begins."""
        if request_id in self._under_way:
            self._under_way[request_id].phase.started_us = at = now_us()
            self._send(Started(request_id, at))

    def event_answered(self, answer: RuntimeAnswer) -> None:
        """The runtime answered one of its events, which ends that invocation."""
        if self._process is not None:
            self._process.read_output()
        self._lines.flush()
        self._send(answered(answer, now_us()))
        self._end(answer.request_id, "success")

    def process_ended(self) -> None:
        """The runtime's process is gone, and with it whatever it served."""
        if self._process is not None:
            self._process.drain()
        for request_id in list(self._under_way):
            self._events.withdraw(request_id)
            self._end(request_id, "exited")

    def _time_is_up(self, request_id: str) -> None:
        self._events.withdraw(request_id)
        self._end(request_id, "timeout")

    def _end(self, request_id: str, status: str) -> None:
        ended = self._under_way.pop(request_id, None)
        if ended is not None and self._process is not None:
            ended.limit.cancel()
            done = invoke_done(ended.phase, status, now_us(), self._process, self._extensions)
            self._send(*self._lines.rest(), done)
