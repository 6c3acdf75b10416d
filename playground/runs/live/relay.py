"""What goes between an address and the worker that holds its session: over Redis, which both can reach.

While a worker holds a session, it renews a lease. Without one nothing is taken, so nobody waits for a worker that is
gone. A message is a line of JSON and, for a request, the request.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox_runner.live.callers import CallersBy
from sandbox_runner.live.http import HttpRequest
from sandbox_runner.live.visitors import WISHES

if TYPE_CHECKING:
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis

    from sandbox_runner.live.visitors import Wished

# A lease is renewed every two seconds; a worker that was not heard of for that long is gone.
LEASE_S: Final = 10
RENEW_S: Final = 2.0
# Requests that wait for a worker to take them; it takes each at once.
WAITING_MAX: Final = 20
# For an answer whose client has left.
KEPT_S: Final = 60

# Before the rule by which callers are told apart.
CALLERS: Final = "callers "

Taken = Literal["taken", "nobody", "full", "away"]
_SENDS: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('LLEN', KEYS[2]) >= tonumber(ARGV[2]) then return 2 end
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
"""
_RELEASES: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""
_TAKEN: Final[tuple[Taken, ...]] = ("nobody", "taken", "full")


@dataclass(frozen=True, slots=True)
class Message:
    """A request, whose answer goes to ``ask``, or a wish."""

    ask: str = ""
    caller: str = ""
    wish: str = ""
    request: HttpRequest | None = None

    def to_bytes(self) -> bytes:
        """To be sent."""
        head = json.dumps([self.ask, self.caller, self.wish]).encode()
        return head + b"\n" + (self.request.to_bytes() if self.request else b"")

    @classmethod
    def of_bytes(cls, sent: bytes) -> Message:
        """What was sent."""
        head, _, body = sent.partition(b"\n")
        ask, caller, wish = json.loads(head)
        return cls(ask, caller, wish, HttpRequest.of_bytes(body) if body else None)


def wished(told: str) -> Wished | CallersBy | None:
    """What a message's ``wish`` asks for; None for what is unknown."""
    if told.startswith(CALLERS):
        return CallersBy.of_text(told.removeprefix(CALLERS))
    return next((each for each in WISHES if each == told), None)


def lease_key(address: str) -> str:
    """There while a worker holds the session."""
    return f"holdover:session:{address}:lease"


def inbox_key(address: str) -> str:
    """The messages to that worker."""
    return f"holdover:session:{address}:in"


def answer_key(ask: str) -> str:
    """Where the answer to one request comes."""
    return f"holdover:session-answer:{ask}"


def send(redis: Redis, address: str, message: Message) -> Taken:
    """Send a message to the worker that holds the session.

    :raises RedisError: the broker is away.
    """
    script: Any = redis.register_script(_SENDS)
    return _TAKEN[int(script(**_sent(address, message)))]


async def send_soon(redis: AsyncRedis, address: str, message: Message) -> Taken:
    """The same on an event loop."""
    script: Any = redis.register_script(_SENDS)
    return _TAKEN[int(await script(**_sent(address, message)))]


def _sent(address: str, message: Message) -> dict[str, Any]:
    return {"keys": [lease_key(address), inbox_key(address)], "args": [message.to_bytes(), WAITING_MAX, KEPT_S]}


def hold(redis: Redis, address: str, token: str) -> None:
    """Take or renew the lease.

    :raises RedisError: the broker is away.
    """
    redis.set(lease_key(address), token, ex=LEASE_S)


def release(redis: Redis, address: str, token: str) -> None:
    """Give the lease back, if it is still that one."""
    script: Any = redis.register_script(_RELEASES)
    script(keys=[lease_key(address)], args=[token])


def receive(redis: Redis, address: str, wait_s: float) -> Message | None:
    """The next message, if one comes within that time; 0 for one that is there."""
    key = inbox_key(address)
    found: Any = redis.blpop([key], timeout=wait_s) if wait_s else redis.lpop(key)
    if found is None:
        return None
    return Message.of_bytes(found[1] if wait_s else found)


def answer(redis: Redis, ask: str, told: bytes) -> None:
    """Send the answer to a request, or the next part of it."""
    with redis.pipeline(transaction=True) as pipe:
        pipe.rpush(answer_key(ask), told)
        pipe.expire(answer_key(ask), KEPT_S)
        pipe.execute()
