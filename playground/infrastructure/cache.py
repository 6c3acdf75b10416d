"""Django's cache in the broker, for counting sign-in attempts. Losing its content does no harm.

Values are JSON, so that write access to the broker cannot make a web process execute anything.
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
    """A cache in the configured broker. While that is away nothing is counted, and pages still work."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store a new key; True if it was stored or if nothing can be."""
        return self._stored(key, value, timeout, version, only_new=True)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store a value."""
        self._stored(key, value, timeout, version, only_new=False)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The stored value, or ``default``."""
        try:
            found = redis_client.redis().get(self.make_and_validate_key(key, version))
        except RedisError as error:
            _LOG.warning("The broker does not answer: %s", error)
            return default
        return default if found is None else json.loads(found)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Delete a key; returns whether it existed."""
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
