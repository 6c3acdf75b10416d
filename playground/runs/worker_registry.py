"""Which workers are alive, so that pages can say it and what dead ones left behind can be removed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field
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


def _condition_key(worker_name: str) -> str:
    # Apart from the presence: a worker of an earlier version that reads it knows only two values there.
    return f"holdover:condition:{worker_name}"


@dataclass(frozen=True, slots=True)
class Condition:
    """How a worker is.

    :param engine: what it met when it asked its sandbox engine last; empty where that answered.
    :param engine_age_s: how long ago that was.
    :param sweep_age_s: how long ago its last sweep of the runs ended well; None where none has yet.
    """

    engine: str = ""
    engine_age_s: float = 0.0
    sweep_age_s: float | None = None

    def older(self, by_s: float) -> Condition:
        """The same, that much later."""
        sweep_age_s = None if self.sweep_age_s is None else self.sweep_age_s + by_s
        return Condition(self.engine, self.engine_age_s + by_s, sweep_age_s)


def say_present(worker_name: str, backend: str, isolation: str, condition: Condition | None = None) -> None:
    """Say that this worker is there, with which sandboxes and how; it will say so again within half a minute."""
    with redis_client.redis().pipeline() as pipe:
        pipe.set(_presence_key(worker_name), json.dumps([backend, isolation]), ex=PRESENCE_S)
        if condition is not None:
            pipe.set(_condition_key(worker_name), json.dumps(asdict(condition)), ex=PRESENCE_S)
        pipe.execute()


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
    redis_client.redis().delete(_presence_key(worker_name), _starting_key(worker_name), _condition_key(worker_name))


@dataclass(frozen=True, slots=True)
class Presence:
    """A worker that is there; ``isolation`` says in a sentence what its sandboxes keep apart.

    ``condition`` is None where a worker of an earlier version does not say it.
    """

    name: str
    backend: str
    isolation: str
    condition: Condition | None = None

    @property
    def makes_sandboxes(self) -> bool:
        """Whether its engine answered when it was asked last."""
        return self.condition is None or not self.condition.engine


def present_workers(redis: Redis) -> tuple[Presence, ...]:
    """The workers that are there now, as that broker knows them. Ages are as of now, by the broker's clock alone."""
    keys = sorted(redis.scan_iter(match=_presence_key("*"), count=1000))
    names = [key.decode().removeprefix(_presence_key("")) for key in keys]
    with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.get(_presence_key(name))
            pipe.get(_condition_key(name))
            pipe.pttl(_condition_key(name))
        said: Any = pipe.execute() if names else []
    rows = zip(names, said[::3], said[1::3], said[2::3], strict=True)
    return tuple(_presence(name, *row) for name, *row in rows if row[0])


def _presence(name: str, there: bytes, condition: bytes | None, left_ms: int) -> Presence:
    backend, isolation = json.loads(there)
    return Presence(name, backend, isolation, _condition(condition, left_ms))


def _condition(said: bytes | None, left_ms: int) -> Condition | None:
    if said is None:
        return None
    return Condition(**json.loads(said)).older(max(0.0, PRESENCE_S - left_ms / 1000))


def engine_away(redis: Redis) -> bool:
    """Whether runs wait because no worker that is there has a sandbox engine that answers; not where none is there."""
    there = present_workers(redis)
    return bool(there) and not any(worker.makes_sandboxes for worker in there)


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
