"""The way to Redis (or Valkey): one pool of connections for the process, and telling workers of runs."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any, Final

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.backoff import NoBackoff
from redis.retry import Retry

_LOG: Final = logging.getLogger(__name__)
_CONNECT_S: Final = 3

RUN_TASK: Final = "playground.experiments.tasks.run_experiment"


@cache
def redis() -> Redis:
    """This process's connections; may be used from any thread."""
    # A page does not wait for a broker that is away: one more try, at once.
    return Redis.from_url(settings.HOLDOVER.redis_url, socket_connect_timeout=_CONNECT_S, retry=Retry(NoBackoff(), 1))


def async_redis() -> AsyncRedis:
    """A connection for one reader on an event loop; whoever asks closes it."""
    client: AsyncRedis = AsyncRedis.from_url(settings.HOLDOVER.redis_url, socket_connect_timeout=_CONNECT_S)
    return client


def announce(run_id: str) -> None:
    """Let a worker hear of a queued run, now if the broker is there, else with a later sweep."""
    try:
        current_app.send_task(RUN_TASK, [run_id])
    except OperationalError:
        _LOG.exception("The broker is away; the run waits for the next sweep.", extra={"run_id": run_id})


def messages_waiting() -> int:
    """How many messages no worker has taken yet."""
    waiting: Any = redis().llen(settings.CELERY_TASK_DEFAULT_QUEUE)
    return int(waiting)
