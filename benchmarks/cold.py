"""A cold request with and without a sandbox that waits: from being asked for until the first answer."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Ratio, heading
from benchmarks.stub import SPEC
from benchmarks.warm import Timed, configuration, order
from sandbox_runner.backends import Pool
from sandbox_runner.guest import wire

if TYPE_CHECKING:
    from sandbox_runner.backends.base import Backend

_CODE: Final = "def handler(event, context):\n    return {'n': event['n']}\n"


async def cold(backend: Backend, rounds: int) -> list[str]:
    """The part as lines. A sandbox that was handed out is replaced at once, which costs the request a little."""
    pooled, unpooled = Timed("pooled: a sandbox waits"), Timed("unpooled: a sandbox is started first")
    pool = Pool(backend, size=1)
    try:
        pool.prepare(SPEC)
        for _ in range(rounds):
            for timed, source in ((pooled, pool), (unpooled, backend)):
                while not pool.ready(SPEC):  # noqa: ASYNC110 - the pool has nobody else who would wait for it
                    await asyncio.sleep(0.01)
                timed.begin()
                timed.add(await first_answer(source, _CODE))
    finally:
        await pool.close()
    return [
        heading(f"cold request: asked -> first answer, {backend.name}, {rounds} rounds in turns"),
        pooled.measured().line(),
        unpooled.measured().line(),
        Ratio(unpooled.measured(), pooled.measured()).line(),
    ]


async def first_answer(source: Backend, code: str) -> float:
    """Microseconds from asking for a sandbox until the handler of ``code`` has answered."""
    asked = time.monotonic_ns()
    sandbox = await source.start(SPEC)
    try:
        await sandbox.send(configuration(code))
        await sandbox.send(wire.Init(phase="init", limit_us=10_000_000))
        while not isinstance(await sandbox.receive(), wire.InitDone):
            pass
        await sandbox.send(order("8476a536-e9f4-11e8-9739-000000000000"))
        while not isinstance(await sandbox.receive(), wire.Answered):
            pass
        return (time.monotonic_ns() - asked) / 1000
    finally:
        await sandbox.destroy()
