"""The records on their way to subscribers: collected, delivered in batches, and dropped where nobody takes them.

A batch is due when it has as many records or bytes as its subscriber said, or is as old. Nothing is delivered while
everything is frozen: what is due then goes out when it runs again. A batch that is not taken is sent again, later each
time; meanwhile at most twice a batch is kept, and what comes on top is counted.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html for the limits, and
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html: "expect to receive payloads as large as
2*maxBytes+metadata", "retries with back-off".
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from ..clock import now_us
from ..wire import Subscribed, TelemetryDropped
from .destination import Destination

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..apis.telemetry import Subscription
    from ..wire import GuestMessage, Telemetry

_AGAIN_S: Final = 0.05
_AGAIN_S_MAX: Final = 1.0


class Streams:
    """One for each subscriber. ``send`` takes what the host is to know."""

    def __init__(self, send: Callable[[GuestMessage], None]) -> None:
        self._send = send
        self._streams: dict[str, _Stream] = {}

    def subscribe(self, subscription: Subscription) -> str:
        """Begin with it; returns why that cannot be, empty if it can."""
        destination = Destination(subscription)
        if problem := destination.open():
            return problem
        self._streams[subscription.extension] = _Stream(subscription, destination, self._send)
        types = ",".join(subscription.types)
        self._send(Subscribed(subscription.extension, subscription.api, subscription.schema, types, now_us()))
        return ""

    def add(self, message: Telemetry) -> None:
        """These records come next."""
        stream = self._streams.get(message.extension)
        if stream is not None:
            stream.add(message.body.split(b"\n"))

    def hold(self, frozen: bool) -> None:
        """Everything is frozen, or runs again."""
        for stream in self._streams.values():
            stream.hold(frozen)

    def hurry(self) -> None:
        """The environment ends: whatever comes is due at once."""
        for stream in self._streams.values():
            stream.hurry()

    def forget(self) -> None:
        """End all of them."""
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()


class _Stream:
    """That of one subscriber."""

    def __init__(
        self, subscription: Subscription, destination: Destination, send: Callable[[GuestMessage], None]
    ) -> None:
        self._subscription, self._destination, self._send = subscription, destination, send
        self._records: list[bytes] = []
        self._size = self._lost = self._lost_bytes = 0
        self._timeout_s = subscription.timeout_ms / 1000
        self._timer: asyncio.TimerHandle | None = None
        self._due, self._runs = asyncio.Event(), asyncio.Event()
        self._runs.set()
        self._task = asyncio.get_running_loop().create_task(self._deliver())

    def add(self, records: list[bytes]) -> None:
        most = self._subscription
        for record in records:
            if len(self._records) >= 2 * most.items_max or self._size + len(record) > 2 * most.bytes_max:
                self._lost += 1
                self._lost_bytes += len(record)
            else:
                self._records.append(record)
                self._size += len(record)
        if len(self._records) >= most.items_max or self._size >= most.bytes_max:
            self._due.set()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._timeout_s, self._due.set)

    def hold(self, frozen: bool) -> None:
        (self._runs.clear if frozen else self._runs.set)()

    def hurry(self) -> None:
        self._timeout_s = 0.0
        if self._records:
            self._due.set()

    def close(self) -> None:
        self._task.cancel()
        self._stop_timer()
        self._destination.close()

    async def _deliver(self) -> None:
        while True:
            await self._due.wait()
            await self._runs.wait()
            batch = self._taken()
            again_s = _AGAIN_S
            while not await self._destination.take(batch):
                await asyncio.sleep(again_s)
                await self._runs.wait()
                again_s = min(2 * again_s, _AGAIN_S_MAX)
            self._tell_lost()

    def _taken(self) -> list[bytes]:
        self._due.clear()
        self._stop_timer()
        batch, self._records, self._size = self._records, [], 0
        return batch

    def _tell_lost(self) -> None:
        """There is room again: say what was lost meanwhile, which is a record, too."""
        if self._lost:
            self._send(TelemetryDropped(self._subscription.extension, self._lost, self._lost_bytes, now_us()))
            self._lost = self._lost_bytes = 0

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
