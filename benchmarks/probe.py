"""What the probe costs: a small function's answer with and without it, in turns; and its walk over what is held.

The walk is played after the answer, so it may cost the answer nothing. Its own time is what the probe says it took.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Ratio, heading
from benchmarks.stub import SPEC
from benchmarks.warm import WARM_UP, Timed, Warm, configuration, invoke_all, order, prepared
from sandbox_runner import limits
from sandbox_runner.guest import wire

if TYPE_CHECKING:
    from sandbox_runner.backends.base import Backend, Sandbox

GOAL: Final = 1.05
WALK_GOAL_MS: Final = 2.0
# Values held, as so many lists of so many; and the goal for the walk where there is one.
SIZES: Final = ((100, 10, WALK_GOAL_MS), (100, 100, None), (1000, 1000, None))
_PYTHON: Final = "held = [[str(n * {each} + i) for i in range({each})] for n in range({lists})]\n"
_NODE: Final = "const held = [...Array({lists})].map((_, n) => [...Array({each})].map((_, i) => `${{n}}-${{i}}`));\n"
_HANDLERS: Final = {
    "python3.13": ("app.py", _PYTHON, "def handler(event, context):\n    return {'n': event['n']}\n"),
    "nodejs22.x": ("app.mjs", _NODE, "export const handler = async (event) => ({ n: event.n, held: held.length });\n"),
}


async def probe(backend: Backend, rounds: int, block: int) -> list[str]:
    """The part as lines, for each runtime."""
    lines = []
    for runtime in _HANDLERS:
        lines += [heading(f"probe, {runtime}, {backend.name}, {rounds} rounds of {block} in turns")]
        lines += await _answers(backend, runtime, rounds, block)
        for lists, each, goal in SIZES:
            lines.append(await _walk(backend, runtime, (lists, each), goal))
    return lines


async def _answers(backend: Backend, runtime: str, rounds: int, block: int) -> list[str]:
    plain, probed = Warm(), Warm()
    without = await prepared(backend, _configured(runtime, (1, 1), probe=False))
    try:
        looked_at = await prepared(backend, _configured(runtime, (1, 1), probe=True))
        try:
            for sandbox in (without, looked_at):
                await invoke_all(sandbox, Warm(), WARM_UP)
            for _ in range(rounds):
                await invoke_all(without, plain, block)
                await invoke_all(looked_at, probed, block)
        finally:
            await looked_at.destroy()
    finally:
        await without.destroy()
    shown = [
        replace(timed.inside.measured(), name=f"event -> answer, {how} probe")
        for timed, how in ((probed, "with"), (plain, "without"))
    ]
    return [*(measured.line() for measured in shown), Ratio(*shown).line(GOAL)]


async def _walk(backend: Backend, runtime: str, size: tuple[int, int], goal: float | None) -> str:
    sandbox = await prepared(backend, _configured(runtime, size, probe=True))
    took, nodes, truncated = Timed(f"walk over {size[0] * size[1]:,} values"), 0, False
    took.begin()
    try:
        for number in range(20):
            said = await _state(sandbox, f"8476a536-e9f4-11e8-9739-{number:012d}")
            took.add(said["took_us"])
            nodes, truncated = said["nodes"], said["truncated"]
    finally:
        await sandbox.destroy()
    measured = took.measured()
    met = "" if goal is None else f"   goal ≤ {goal:g} ms: {'met' if measured.percentile(0.5) <= goal else 'MISSED'}"
    return f"{measured.line()}, {nodes:,} nodes{', truncated' if truncated else ''}{met}"


async def _state(sandbox: Sandbox, request_id: str) -> dict[str, int]:
    await sandbox.send(order(request_id))
    said: dict[str, int] = {}
    while True:
        match await sandbox.receive():
            case wire.StateCaptured(body=body):
                said = json.loads(body)
            case wire.Frozen():
                return said


def _configured(runtime: str, size: tuple[int, int], *, probe: bool) -> wire.Configure:
    name, held, handler = _HANDLERS[runtime]
    files = {name: held.format(lists=size[0], each=size[1]) + handler}
    return replace(
        configuration(""),
        runtime=runtime,
        memory_mb=SPEC.memory_mb,
        probe=probe,
        state_leaves_max=limits.STATE_LEAVES_MAX,
        state_bytes_max=limits.STATE_BYTES_MAX,
        body=json.dumps(files).encode(),
    )
