"""The registry of live workers, for pages to show and for removing what dead workers left behind."""

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
    # Stored separately: earlier versions expect only two values in the presence.
    return f"holdover:condition:{worker_name}"


@dataclass(frozen=True, slots=True)
class Condition:
    """A worker's condition.

    :param engine: its sandbox engine's last problem; empty if the engine answered.
    :param engine_age_s: how long ago that was.
    :param sweep_age_s: how long ago its last sweep of the runs succeeded; None if none has yet.
    """

    engine: str = ""
    engine_age_s: float = 0.0
    sweep_age_s: float | None = None

    def older(self, by_s: float) -> Condition:
        """The same, that much later."""
        sweep_age_s = None if self.sweep_age_s is None else self.sweep_age_s + by_s
        return Condition(self.engine, self.engine_age_s + by_s, sweep_age_s)


def register(worker_name: str, backend: str, isolation: str, condition: Condition | None = None) -> None:
    """Register this worker with its sandboxes and condition; must be repeated within half a minute."""
    with redis_client.redis().pipeline() as pipe:
        pipe.set(_presence_key(worker_name), json.dumps([backend, isolation]), ex=PRESENCE_S)
        if condition is not None:
            pipe.set(_condition_key(worker_name), json.dumps(asdict(condition)), ex=PRESENCE_S)
        pipe.execute()


def register_starting(worker_name: str) -> None:
    """Register this worker as starting: its sandboxes do not belong to a dead one."""
    redis_client.redis().set(_starting_key(worker_name), 1, ex=STARTING_S)


def is_live(worker_name: str) -> bool:
    """Whether this worker is ready or was recently starting; also true if the broker does not answer."""
    try:
        return bool(redis_client.redis().exists(_presence_key(worker_name), _starting_key(worker_name)))
    except RedisError:
        return True


def unregister(worker_name: str) -> None:
    """Unregister this worker."""
    redis_client.redis().delete(_presence_key(worker_name), _starting_key(worker_name), _condition_key(worker_name))


@dataclass(frozen=True, slots=True)
class Presence:
    """A live worker; ``isolation`` describes in a sentence what its sandboxes isolate.

    ``condition`` is None for workers of earlier versions.
    """

    name: str
    backend: str
    isolation: str
    condition: Condition | None = None

    @property
    def makes_sandboxes(self) -> bool:
        """Whether its engine answered at the last check."""
        return self.condition is None or not self.condition.engine


def present_workers(redis: Redis) -> tuple[Presence, ...]:
    """The live workers known to that broker. Ages are as of now, by the broker's clock alone."""
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
    """Whether runs wait because no live worker's sandbox engine answers; false if there is no live worker."""
    there = present_workers(redis)
    return bool(there) and not any(worker.makes_sandboxes for worker in there)


@dataclass(slots=True)
class LiveOwners(Collection[str]):
    """The owners whose sandboxes must stay, for :meth:`sandbox_runner.backends.base.Backend.sweep`.

    These are all owners except the dead workers of this installation: sandboxes of the command line or of other
    installations on the machine are not ours to remove. A worker counts as dead when it has been silent for a while, so
    that a broker that lost its data kills nobody.

    :param clock: monotonic seconds.
    """

    installation: str
    clock: Callable[[], float] = time.monotonic
    _heard_s: dict[str, float] = field(default_factory=dict)

    def record_live(self, names: Collection[str]) -> None:
        """Record that these are alive."""
        now = self.clock()
        self._heard_s |= dict.fromkeys(names, now)
        self._heard_s = {name: at for name, at in self._heard_s.items() if now - at < 2 * PRESENCE_S}

    def __contains__(self, owner: object) -> bool:
        if not str(owner).startswith(f"{self.installation}/") or owner in self._heard_s:
            return True
        # Asked after its sandboxes were listed: a worker may have started since this one last learned who is alive.
        return is_live(str(owner))

    def __iter__(self) -> Iterator[str]:
        return iter(self._heard_s)

    def __len__(self) -> int:
        return len(self._heard_s)
