"""Which workers are alive, so that pages can say it and what dead ones left behind can be removed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import RedisError

from playground.infrastructure import redis_client

if TYPE_CHECKING:
    from redis import Redis

PRESENCE_S: Final = 30
# Longer than a worker takes to start.
STARTING_S: Final = 120


def _presence_key(worker_name: str) -> str:
    return f"holdover:worker:{worker_name}"


def _starting_key(worker_name: str) -> str:
    return f"holdover:starting:{worker_name}"


def say_present(worker_name: str, backend: str, isolation: str) -> None:
    """Say that this worker is ready, which sandboxes it uses, and that it will say so again within half a minute."""
    redis_client.redis().set(_presence_key(worker_name), json.dumps([backend, isolation]), ex=PRESENCE_S)


def say_starting(worker_name: str) -> None:
    """Say that this worker makes sandboxes although it is not ready yet: they are not those of a dead one."""
    redis_client.redis().set(_starting_key(worker_name), 1, ex=STARTING_S)


def is_there(worker_name: str) -> bool:
    """Whether this worker is ready or was starting lately; also where the broker does not say."""
    try:
        return bool(redis_client.redis().exists(_presence_key(worker_name), _starting_key(worker_name)))
    except RedisError:
        return True


def say_gone(worker_name: str) -> None:
    """Say that this worker will play no more."""
    redis_client.redis().delete(_presence_key(worker_name), _starting_key(worker_name))


@dataclass(frozen=True, slots=True)
class Presence:
    """A worker that is ready; ``isolation`` says in a sentence what its sandboxes keep apart."""

    name: str
    backend: str
    isolation: str


def present_workers(redis: Redis) -> tuple[Presence, ...]:
    """The workers that are ready now, as that broker knows them."""
    keys = sorted(redis.scan_iter(match=_presence_key("*"), count=1000))
    values: Any = redis.mget(keys) if keys else []
    names = (key.decode().removeprefix(_presence_key("")) for key in keys)
    return tuple(Presence(name, *json.loads(value)) for name, value in zip(names, values, strict=True) if value)


@dataclass(slots=True)
class LiveOwners(Collection[str]):
    """The owners whose sandboxes must stay, for :meth:`sandbox_runner.backends.base.Backend.sweep`.

    That is everybody but the dead workers of this installation: what the command line or another installation runs
    on the same machine is none of our business. A worker counts as dead when nothing was heard of it for a while, so
    that a broker which forgot everything kills nobody.

    :param clock: seconds that never go back.
    """

    installation: str
    clock: Callable[[], float] = time.monotonic
    _heard_s: dict[str, float] = field(default_factory=dict)

    def hear(self, names: Collection[str]) -> None:
        """Note that these are alive."""
        now = self.clock()
        self._heard_s |= dict.fromkeys(names, now)
        self._heard_s = {name: at for name, at in self._heard_s.items() if now - at < 2 * PRESENCE_S}

    def __contains__(self, owner: object) -> bool:
        if not str(owner).startswith(f"{self.installation}/") or owner in self._heard_s:
            return True
        # Asked after its sandboxes were seen: a worker may have started since this one last heard who is alive.
        return is_there(str(owner))

    def __iter__(self) -> Iterator[str]:
        return iter(self._heard_s)

    def __len__(self) -> int:
        return len(self._heard_s)
