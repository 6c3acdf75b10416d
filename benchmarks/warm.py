"""A warm invocation through our supervisor against the stub, played in turns; and what freezing costs.

Both serve the same client, of the same image, with the same environment and the same isolation. Both are measured
twice: next to the client by their own readings, and on the host from the order to the answer. Ours writes a log,
keeps a deadline, thaws before and freezes after; the stub does nothing of it.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Measured, Ratio, heading, milliseconds
from benchmarks.stub import RUNTIME, SPEC, stub
from sandbox_runner import limits
from sandbox_runner.guest import wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.stub import Play
    from sandbox_runner.backends.base import Backend, Sandbox

GOAL: Final = 1.5
WARM_UP: Final = 200
_HANDLER: Final = "def handler(event, context):\n    return {'n': event['n']}\n"
_TICKING: Final = (
    "import threading, time\n" + _HANDLER + "\n\ndef tick():\n    while True:\n        time.sleep(0.005)\n\n"
)


@dataclass(slots=True)
class Timed:
    """Microseconds of one thing, in blocks."""

    name: str
    blocks: list[list[float]] = field(default_factory=list)

    def begin(self) -> None:
        """Start the next block."""
        self.blocks.append([])

    def add(self, microseconds: float) -> None:
        """Put a sample into the block that was begun last."""
        self.blocks[-1].append(microseconds)

    def measured(self) -> Measured:
        """What was measured."""
        return milliseconds(self.name, self.blocks)


@dataclass(slots=True)
class Warm:
    """What is timed of every invocation."""

    answered: Timed = field(default_factory=lambda: Timed("ours: order sent -> answer on the host"))
    inside: Timed = field(default_factory=lambda: Timed("ours: event -> answer, its own readings"))
    frozen: Timed = field(default_factory=lambda: Timed("ours: order sent -> all of it done and frozen again"))
    freezing: Timed = field(default_factory=lambda: Timed("freeze: runtime asks for the next event -> all stopped"))
    thawing: Timed = field(default_factory=lambda: Timed("thaw: order sent -> all running (includes the wire)"))

    def all(self) -> Iterator[Timed]:
        """Every timing."""
        yield from (self.answered, self.inside, self.frozen, self.freezing, self.thawing)


async def warm(backend: Backend, rounds: int, block: int) -> list[str]:
    """The part as lines: ours, the stub's, and their ratios."""
    timed = Warm()
    inside, outside = Timed("stub: event -> answer, its own readings"), Timed("stub: order sent -> answer on the host")
    sandbox = await prepared(backend, configuration(_HANDLER))
    try:
        with stub(backend.name) as play:
            play(WARM_UP)
            await invoke_all(sandbox, Warm(), WARM_UP)
            for _ in range(rounds):
                inside.blocks.append(play(block))
                await invoke_all(sandbox, timed, block)
                outside.blocks.append([_from_outside(play) for _ in range(block)])
    finally:
        await sandbox.destroy()
    shown = [timing.measured() for timing in (inside, timed.inside, outside, timed.answered, timed.frozen)]
    return [
        heading(f"warm invocation, {backend.name}, {rounds} rounds of {block} in turns"),
        *(measured.line() for measured in shown),
        Ratio(shown[1], shown[0]).line(GOAL),
        Ratio(shown[3], shown[2]).line(GOAL),
        Ratio(shown[3], shown[0]).line(GOAL),
    ]


def _from_outside(play: Play) -> float:
    sent = time.monotonic_ns()
    play(0)
    return (time.monotonic_ns() - sent) / 1000


async def freezing(backend: Backend, rounds: int, block: int) -> list[str]:
    """What freezing and thawing cost, for a small process and for one with many threads."""
    lines = [heading(f"freeze and thaw, {backend.name}")]
    for threads in (0, 50):
        timed = Warm()
        started = f"for _ in range({threads}):\n    threading.Thread(target=tick, daemon=True).start()\n"
        sandbox = await prepared(backend, configuration(_TICKING + started))
        try:
            for _ in range(rounds):
                await invoke_all(sandbox, timed, block)
        finally:
            await sandbox.destroy()
        lines.append(f"  with {threads} threads of the function's own")
        lines += [timing.measured().line() for timing in (timed.freezing, timed.thawing)]
    return lines


async def prepared(backend: Backend, configured: wire.Configure) -> Sandbox:
    """A sandbox in which that function is initialised and frozen."""
    sandbox = await backend.start(SPEC)
    await sandbox.send(configured)
    await sandbox.send(wire.Init(phase="init", limit_us=10_000_000, freeze=True))
    while not isinstance(message := await sandbox.receive(), wire.Frozen):
        if isinstance(message, wire.InitDone) and message.status != "success":
            raise RuntimeError(f"the benchmark's function did not start: {message}")
    return sandbox


def configuration(code: str) -> wire.Configure:
    """The benchmark's function as the supervisor is told of it."""
    return wire.Configure(
        runtime=RUNTIME,
        handler="app.handler",
        environment={"_HANDLER": "app.handler", "AWS_LAMBDA_FUNCTION_NAME": "benchmark"},
        memory_mb=SPEC.memory_mb,
        tmp_mb=SPEC.tmp_mb,
        log_lines_max=limits.LOG_LINES_MAX,
        log_bytes_max=limits.LOG_BYTES_MAX,
        log_line_bytes_max=limits.LOG_LINE_BYTES_MAX,
        response_bytes_max=limits.RESPONSE_BYTES_MAX,
        body=json.dumps({"app.py": code}).encode(),
    )


async def invoke_all(sandbox: Sandbox, timed: Warm, count: int) -> None:
    """So many invocations, as the next block of each timing."""
    for timing in timed.all():
        timing.begin()
    for number in range(count):
        await _invoke_once(sandbox, timed, f"8476a536-e9f4-11e8-9739-{number:012d}")


async def _invoke_once(sandbox: Sandbox, timed: Warm, request_id: str) -> None:
    message_sent = order(request_id)
    sent = time.monotonic_ns() / 1000
    await sandbox.send(message_sent)
    started = ready = 0
    while True:
        message = await sandbox.receive()
        now = time.monotonic_ns() / 1000
        match message:
            case wire.Thawed():
                timed.thawing.add(message.at_us - sent)
            case wire.Started():
                started = message.at_us
            case wire.Answered():
                timed.answered.add(now - sent)
                timed.inside.add(message.at_us - started)
            case wire.InvokeDone():
                ready = message.at_us
            case wire.Frozen():
                timed.freezing.add(message.at_us - ready)
                timed.frozen.add(now - sent)
                return


def order(request_id: str) -> wire.Invoke:
    """One invocation with a small payload."""
    headers = {
        "Lambda-Runtime-Aws-Request-Id": request_id,
        "Lambda-Runtime-Deadline-Ms": str(time.time_ns() // 1_000_000 + 3_000),
        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:0:function:f",
    }
    return wire.Invoke(request_id=request_id, timeout_us=3_000_000, headers=headers, body=b'{"n": 1}')
