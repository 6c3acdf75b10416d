"""The way to Redis (or Valkey): one pool of connections for the process, and telling workers of runs."""

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

from playground.infrastructure.redis_timeouts import ANSWER_S, CONNECT_S, blocking_s

_LOG: Final = logging.getLogger(__name__)
# One more try, at once, where a connection had broken; a broker that is silent is not waited for twice.
_TRIES_AGAIN: Final = (RedisConnectionError,)

# Of Celery's priorities over Redis the lowest number goes first; a version before this one sends everything with that.
_FIRST: Final = PRIORITY_STEPS[0]
_USUAL: Final = PRIORITY_STEPS[1]
# For how long a run is not told of again, by whatever worker.
_AGAIN_S: Final = 5

RUN_TASK: Final = "playground.experiments.tasks.run_experiment"


@cache
def redis() -> Redis:
    """This process's connections; may be used from any thread."""
    return Redis.from_url(
        settings.HOLDOVER.redis_url,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        retry=Retry(NoBackoff(), 1, supported_errors=_TRIES_AGAIN),
    )


def async_redis(waits_s: float) -> AsyncRedis:
    """A connection for one reader on an event loop; whoever asks closes it.

    :param waits_s: how long its commands block at most.
    """
    client: AsyncRedis = AsyncRedis.from_url(
        settings.HOLDOVER.redis_url,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=blocking_s(waits_s),
        retry=AsyncRetry(NoBackoff(), 1, supported_errors=_TRIES_AGAIN),
    )
    return client


def announce(run_id: str, *, first: bool = False) -> None:
    """Let a worker hear of a queued run, now if the broker answers, else with a later sweep.

    :param first: it has waited already: it goes before those that are new.
    """
    try:
        # Celery waits longer than a person who submits should.
        redis().ping()
        current_app.send_task(RUN_TASK, [run_id], priority=_FIRST if first else _USUAL)
    except (RedisError, OperationalError):
        _LOG.exception("The broker is away; the run waits for the next sweep.", extra={"run_id": run_id})


def announce_again(run_id: str) -> bool:
    """Tell of a run whose message is gone; False where somebody else just has.

    :raises RedisError: the broker is away.
    """
    if not redis().set(f"holdover:announced:{run_id}", 1, nx=True, ex=_AGAIN_S):
        return False
    announce(run_id, first=True)
    return True


def announced() -> tuple[str, ...]:
    """The runs whose messages no worker has taken yet, the next one first.

    :raises RedisError: the broker is away.
    """
    with redis().pipeline(transaction=False) as pipe:
        for key in _queues():
            pipe.lrange(key, 0, -1)
        return tuple(run_id for found in pipe.execute() for raw in reversed(found) if (run_id := _run_of(raw)))


def _queues() -> tuple[str, ...]:
    """Celery's queue, which has a list for each priority; the first list is taken from first."""
    name = settings.CELERY_TASK_DEFAULT_QUEUE
    return (name, *(f"{name}{Channel.sep}{priority}" for priority in PRIORITY_STEPS[1:]))


def _run_of(raw: bytes) -> str:
    """The id of the run that a message of Celery's is about; empty where it is about none. Pure."""
    message = json.loads(raw)
    if message["headers"].get("task") != RUN_TASK:
        return ""
    args, *_ = json.loads(base64.b64decode(message["body"]))
    return str(args[0])
