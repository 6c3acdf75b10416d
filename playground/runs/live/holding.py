"""The worker's half: holds a session while it is played, and carries requests and answers."""

from __future__ import annotations

import logging
import queue
import threading
import time
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Final, Self

from redis.exceptions import RedisError

from playground.runs.live import relay
from sandbox_runner import limits
from sandbox_runner.live.player import GONE
from sandbox_runner.live.visitors import Visit, Visitors

if TYPE_CHECKING:
    from types import TracebackType

    from redis import Redis

    from playground.runs.live.relay import Message
    from sandbox_runner.live.http import Told

_LOG: Final = logging.getLogger(__name__)
_LOOK_S: Final = 0.5
_TRIES: Final = 5


def new_visitors() -> Visitors:
    """Whoever comes to a session that begins now."""
    return Visitors(idle_s=limits.LIVE_IDLE_S, total_s=limits.LIVE_TOTAL_S, at_most_s=limits.LIVE_AT_MOST_S)


class Holding:
    """Holds the session at ``address`` within the block, until ``visitors`` are no longer taken in.

    :param reader: a connection for messages alone; it is closed at the end.
    :param token: tells this holder from others.
    """

    def __init__(self, redis: Redis, reader: Redis, address: str, token: str, visitors: Visitors) -> None:
        self._redis = redis
        self._reader = reader
        self._address = address
        self._token = token
        self._visitors = visitors
        # Each is counted by one thread alone.
        self._taken = self._given = 0
        self._gives_up = False
        self._answers: queue.SimpleQueue[tuple[str, Told] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=work, name=f"session-{what}", daemon=True)
            for work, what in ((self._take_in, "in"), (self._give_out, "out"))
        ]

    def __enter__(self) -> Self:
        with suppress(RedisError):
            relay.hold(self._redis, self._address, self._token)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for visit in self._visitors.close():
            visit.answer(GONE)
        self._gives_up = True
        taking, giving = self._threads
        taking.join()
        self._reader.close()
        self._answers.put(None)
        giving.join()

    def _take_in(self) -> None:
        # At once, in case that the broker did not answer before.
        renewed_at = -inf
        # Until everybody has an answer: those who wait look whether the session is held.
        while not self._visitors.over.is_set() or (self._taken > self._given and not self._gives_up):
            try:
                if time.monotonic() - renewed_at >= relay.RENEW_S:
                    relay.hold(self._redis, self._address, self._token)
                    renewed_at = time.monotonic()
                message = relay.receive(self._reader, self._address, _LOOK_S)
            except RedisError as error:
                _LOG.warning("A session is not reached: %s", error)
                time.sleep(_LOOK_S)
                continue
            self._hand_over(message)
        with suppress(RedisError):
            relay.release(self._redis, self._address, self._token)
            # Whatever came before the lease was given back; after it, nothing does.
            while (message := relay.receive(self._reader, self._address, 0)) is not None:
                self._hand_over(message)

    def _hand_over(self, message: Message | None) -> None:
        if message is None:
            return
        if message.request is None:
            if (wished := relay.wished(message.wish)) is not None:
                self._visitors.come(wished)
            return
        ask = message.ask
        self._taken += 1
        visit = Visit(message.request, lambda answer: self._answers.put((ask, answer)), message.caller)
        if not self._visitors.come(visit):
            visit.answer(GONE)

    def _give_out(self) -> None:
        while (told := self._answers.get()) is not None:
            ask, answer = told
            for _ in range(_TRIES):
                try:
                    relay.answer(self._redis, ask, answer.to_bytes())
                    break
                except RedisError as error:
                    _LOG.warning("An answer of a session is sent again: %s", error)
                    time.sleep(_LOOK_S)
            self._given += answer.is_last
