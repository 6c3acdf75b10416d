"""Access to Redis (or Valkey): one connection pool per process, and announcing runs to workers."""

from __future__ import annotations

import base64
import json
import logging
from functools import cache
from typing import Final

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from kombu.transport.redis import PRIORITY_STEPS, Channel
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from playground.infrastructure.redis_timeouts import ANSWER_S, CONNECT_S, TAKING_S, blocking_s

_LOG: Final = logging.getLogger(__name__)
# One immediate retry on a broken connection; a silent broker is not waited for twice.
_TRIES_AGAIN: Final = (RedisConnectionError,)

# In Celery over Redis the lowest number has the highest priority; earlier versions send everything with that one.
_FIRST: Final = PRIORITY_STEPS[0]
_USUAL: Final = PRIORITY_STEPS[1]
# How long no worker announces a run again.
_AGAIN_S: Final = 5

RUN_TASK: Final = "playground.experiments.tasks.run_experiment"


@cache
def redis() -> Redis:
    """This process's connections; thread-safe."""
    return _connecting(ANSWER_S)


def taking_redis() -> Redis:
    """A connection for one reader that takes messages from a list; the caller closes it."""
    return _connecting(TAKING_S)


def _connecting(answer_s: float) -> Redis:
    return Redis.from_url(
        settings.HOLDOVER.redis_url,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=answer_s,
        retry=Retry(NoBackoff(), 1, supported_errors=_TRIES_AGAIN),
    )


def async_redis(waits_s: float, at_once: int = 1) -> AsyncRedis:
    """Connections for readers on an event loop; the caller closes them.

    :param waits_s: how long a command blocks at most.
    :param at_once: how many commands wait at most, each on a connection of its own.
    """
    client: AsyncRedis = AsyncRedis.from_url(
        settings.HOLDOVER.redis_url,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=blocking_s(waits_s),
        max_connections=at_once,
        retry=AsyncRetry(NoBackoff(), 1, supported_errors=_TRIES_AGAIN),
    )
    return client


def announce(run_id: str, *, first: bool = False) -> None:
    """Announce a queued run to the workers: now if the broker answers, else in a later sweep.

    :param first: put it ahead of new runs, because it has waited before.
    """
    try:
        # Celery waits longer than a submitting user should.
        redis().ping()
        current_app.send_task(RUN_TASK, [run_id], priority=_FIRST if first else _USUAL)
    except (RedisError, OperationalError):
        _LOG.exception("The broker is away; the run waits for the next sweep.", extra={"run_id": run_id})


def announce_again(run_id: str) -> bool:
    """Announce a run whose message was lost; False if another process just did.

    :raises RedisError: the broker is away.
    """
    if not redis().set(f"holdover:announced:{run_id}", 1, nx=True, ex=_AGAIN_S):
        return False
    announce(run_id, first=True)
    return True


def announced() -> tuple[str, ...]:
    """The runs whose messages no worker has taken yet, next one first.

    :raises RedisError: the broker is away.
    """
    with redis().pipeline(transaction=False) as pipe:
        for key in _queues():
            pipe.lrange(key, 0, -1)
        return tuple(run_id for found in pipe.execute() for raw in reversed(found) if (run_id := _run_of(raw)))


def _queues() -> tuple[str, ...]:
    """Celery's queue, which has one list per priority; the first list is consumed first."""
    name = settings.CELERY_TASK_DEFAULT_QUEUE
    return (name, *(f"{name}{Channel.sep}{priority}" for priority in PRIORITY_STEPS[1:]))


def _run_of(raw: bytes) -> str:
    """The run id in a Celery message; empty if it has none. Pure."""
    message = json.loads(raw)
    if message["headers"].get("task") != RUN_TASK:
        return ""
    args, *_ = json.loads(base64.b64decode(message["body"]))
    return str(args[0])
