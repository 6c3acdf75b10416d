"""Django's cache in the broker, for counting attempts to sign in. It holds nothing that is not lost without harm.

Values are kept as JSON: whoever can write to the broker cannot make a web process run anything.
"""

from __future__ import annotations

import json
import logging
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from redis.exceptions import RedisError

from playground.infrastructure import redis_client

_LOG: Final = logging.getLogger(__name__)


class BrokerCache(BaseCache):
    """A cache in the configured broker. Where that is away nothing is counted, and pages are there."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store it where nothing is; True where it was stored, or where nothing can be."""
        return self._stored(key, value, timeout, version, only_new=True)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store it."""
        self._stored(key, value, timeout, version, only_new=False)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """What is stored, or ``default``."""
        try:
            found = redis_client.redis().get(self.make_and_validate_key(key, version))
        except RedisError as error:
            _LOG.warning("The broker does not answer: %s", error)
            return default
        return default if found is None else json.loads(found)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget it; whether there was something to forget."""
        try:
            return bool(redis_client.redis().delete(self.make_and_validate_key(key, version)))
        except RedisError as error:
            _LOG.warning("The broker does not answer: %s", error)
            return False

    def _stored(self, key: Any, value: Any, timeout: Any, version: int | None, *, only_new: bool) -> bool:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        name = self.make_and_validate_key(key, version)
        milliseconds = None if seconds is None else max(1, int(seconds * 1000))
        try:
            return bool(redis_client.redis().set(name, json.dumps(value), px=milliseconds, nx=only_new))
        except RedisError as error:
            _LOG.warning("The broker does not answer: %s", error)
            return True
