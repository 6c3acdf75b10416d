"""What comes for one request that was handed over: its answer and, if that is not whole, its parts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Self

from playground.runs.live import relay
from sandbox_runner.live.http import told_of_bytes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from types import TracebackType

    from redis.asyncio import Redis as AsyncRedis

    from sandbox_runner.live.http import Told

    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# The longest wait between two looks at whether the session's worker is there.
LOOK_S: Final = 2.0
_ending: Final[set[asyncio.Task[Any]]] = set()


class WorkerGone(Exception):  # noqa: N818 - said to a client
    """Nobody answers any more."""


class Answers:
    """Within the block, what comes for the request ``ask``. A client that leaves ends the wait, not the invocation.

    :param receive: tells when the client leaves.
    """

    def __init__(self, broker: AsyncRedis, address: str, ask: str, receive: Receive) -> None:
        self._broker = broker
        self._lease = relay.lease_key(address)
        self._key = relay.answer_key(ask)
        self._receive = receive
        self._gone = asyncio.Event()
        self._waiting: asyncio.Task[Told | None] | None = None

    async def __aenter__(self) -> Self:
        self._leaving = asyncio.ensure_future(_left(self._receive))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.cancel()
        # Not cancelled: the client of Redis may lose that, or its connection. It ends at its next look.
        self._gone.set()
        if self._waiting is not None:
            _ending.add(self._waiting)
            self._waiting.add_done_callback(_forget)

    async def next(self) -> Told | None:
        """The next of it; None once the client has left.

        :raises WorkerGone: the worker that held the session is gone.
        """
        self._waiting = asyncio.ensure_future(self._waited())
        await asyncio.wait({self._waiting, self._leaving}, return_when=asyncio.FIRST_COMPLETED)
        return await self._waiting if self._waiting.done() else None

    async def _waited(self) -> Told | None:
        while not self._gone.is_set():
            found: Any = await self._broker.blpop([self._key], timeout=LOOK_S)
            if found is None and not await self._broker.exists(self._lease):
                # The worker gave the session back with this answer, or is gone.
                found = await self._broker.blpop([self._key], timeout=LOOK_S)
                if found is None:
                    raise WorkerGone
            if found is not None:
                return told_of_bytes(found[1])
        return None


def _forget(waiting: asyncio.Task[Any]) -> None:
    _ending.discard(waiting)
    if not waiting.cancelled():
        waiting.exception()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
