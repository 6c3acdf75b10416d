"""Counts by the minute what somebody did, in Redis, for all web processes together."""

from __future__ import annotations

import logging
import time
from typing import Final

from django.conf import settings
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from playground.infrastructure import redis_client

_LOG: Final = logging.getLogger(__name__)
WINDOW_S: Final = 60
# A broker that hangs is waited for once by a request that counts at several places, and not by those right behind it.
_SILENCE_S: Final = 2.0
_silent_until: Final[dict[str, float]] = {}


def count_one(what: str, whose: str, amount: int = 1) -> int:
    """Count ``amount`` more of that kind; returns the number in this minute, 0 while the broker is away."""
    return _answer(what, whose, amount)


def counted(what: str, whose: str) -> int:
    """The number in this minute; 0 while the broker is away."""
    return _answer(what, whose, 0)


def seconds_left() -> int:
    """Until the next minute begins, in which everybody is at 0."""
    return WINDOW_S - int(time.time()) % WINDOW_S


def _answer(what: str, whose: str, amount: int) -> int:
    broker = settings.HOLDOVER.redis_url
    if time.monotonic() < _silent_until.get(broker, 0.0):
        return 0
    key = f"holdover:{what}:{whose}:{int(time.time()) // WINDOW_S}"
    try:
        with redis_client.redis().pipeline() as pipe:
            pipe.incrby(key, amount)
            pipe.expire(key, 2 * WINDOW_S)
            count, _expires = pipe.execute()
    except RedisError as error:
        # Without the broker nothing is played either; submissions are stored, and the queue is bounded.
        if isinstance(error, RedisTimeoutError):
            _silent_until[broker] = time.monotonic() + _SILENCE_S
        _LOG.warning("What clients ask for is not counted: %s", error)
        return 0
    return int(count)
