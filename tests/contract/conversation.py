"""Plays the host to one sandbox, message by message, as the emulator does, and nothing else."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox_runner import limits
from sandbox_runner.guest import wire
from sandbox_runner.runtimes import registry

if TYPE_CHECKING:
    from sandbox_runner.backends.base import Sandbox

PATIENCE_S = 30
ENVIRONMENT = {
    "_HANDLER": "app.handler",
    "AWS_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "demo",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/demo",
    "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/05/[$LATEST]0123",
}


@dataclass
class Heard:
    """All that a sandbox said in one phase."""

    done: Any = None
    answered: wire.Answered | None = None
    frozen: wire.Frozen | None = None
    thawed: wire.Thawed | None = None
    state: wire.StateCaptured | None = None
    lines: list[str] = field(default_factory=list)
    cut_lines: int = 0
    cut_bytes: int = 0

    @property
    def answer(self) -> Any:
        """What the function returned."""
        assert self.answered is not None, f"no answer, but {self.done} and {self.lines}"
        assert self.answered.kind == "response", self.answered.body
        return json.loads(self.answered.body)

    @property
    def error(self) -> Any:
        """What the runtime reported instead."""
        assert self.answered is not None, f"no answer, but {self.done} and {self.lines}"
        assert self.answered.kind == "error", self.answered.body
        return json.loads(self.answered.body)

    def take(self, message: wire.GuestMessage) -> None:
        match message:
            case wire.Logs():
                self.lines += [line.text for line in message.lines]
                self.cut_bytes += sum(line.cut for line in message.lines)
            case wire.Cut():
                self.cut_lines += message.lines
                self.cut_bytes += message.bytes
            case wire.Answered():
                self.answered = message
            case wire.Frozen():
                self.frozen = message
            case wire.Thawed():
                self.thawed = message
            case wire.StateCaptured():
                self.state = message
            case wire.Fault():
                raise AssertionError(message)


class Conversation:
    """One function in one sandbox.

    :param played_on: the runtime that plays every function in its language, whichever is asked for.
    """

    def __init__(self, sandbox: Sandbox, played_on: str = "") -> None:
        self.sandbox = sandbox
        self._played_on = played_on
        self._numbers = itertools.count(1)

    async def load(self, code: str, *, runtime: str = "python3.13", **options: Any) -> Heard:
        """Configure and initialise; the name of the one file follows from the runtime."""
        await self.configure(code, runtime=runtime, **options)
        return await self.init()

    async def load_files(
        self, files: dict[str, str], *, runtime: str, handler: str = "index.handler", probe: bool = False
    ) -> Heard:
        """The same for several files, transformed where their language asks for it."""
        chosen = registry.runtime_of(runtime)
        found = chosen.language.transformed(files, chosen.handler_files(handler))
        transforms = {path: asdict(how) for path, how in found.transforms.items()}
        await self.configure(dict(found.files), runtime=runtime, handler=handler, transforms=transforms, probe=probe)
        return await self.init()

    async def configure(
        self,
        code: str | dict[str, str],
        *,
        runtime: str = "python3.13",
        handler: str = "app.handler",
        memory_mb: int = 128,
        environment: dict[str, str] | None = None,
        log_bytes_max: int = limits.LOG_BYTES_MAX,
        transforms: dict[str, dict[str, str]] | None = None,
        probe: bool = False,
        gives_way: bool = True,
        concurrency: int = 0,
    ) -> None:
        if self._played_on:
            assert registry.runtime_of(runtime).language is registry.runtime_of(self._played_on).language
            runtime = self._played_on
        name = "app.py" if runtime.startswith("python") else "app.mjs"
        files = {name: code} if isinstance(code, str) else code
        await self.sandbox.send(
            wire.Configure(
                runtime,
                handler,
                ENVIRONMENT | {"_HANDLER": handler} | (environment or {}),
                memory_mb=memory_mb,
                tmp_mb=512,
                log_lines_max=limits.LOG_LINES_MAX,
                log_bytes_max=log_bytes_max,
                log_line_bytes_max=limits.LOG_LINE_BYTES_MAX,
                response_bytes_max=limits.RESPONSE_BYTES_MAX,
                transforms=transforms or {},
                probe=probe,
                gives_way=gives_way,
                concurrency=concurrency,
                state_leaves_max=limits.STATE_LEAVES_MAX if probe else 0,
                state_bytes_max=limits.STATE_BYTES_MAX if probe else 0,
                body=json.dumps(files).encode(),
            )
        )

    async def init(self, *, phase: str = "init", limit_s: float = 10.0) -> Heard:
        await self.sandbox.send(wire.Init(phase, int(limit_s * 1e6), freeze=phase == "init"))
        heard = await self.hear(wire.InitDone)
        if heard.done.status == "success" and phase == "init":
            await self.hear(wire.Frozen, heard)
        return heard

    async def invoke(self, payload: Any = None, *, timeout_s: float = 5.0, fault: str = "") -> Heard:
        request_id = f"00000000-0000-4000-8000-{next(self._numbers):012}"
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + timeout_s) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:012345678912:function:demo",
            "Lambda-Runtime-Trace-Id": "Root=1-0-0;Parent=0;Sampled=0",
        }
        body = json.dumps(payload).encode()
        await self.sandbox.send(wire.Invoke(request_id, int(timeout_s * 1e6), headers, body, fault))
        heard = await self.hear(wire.InvokeDone)
        if heard.done.status == "success":
            await self.hear(wire.Frozen, heard)
        return heard

    async def reset(self, reason: str = "failure") -> Heard:
        await self.sandbox.send(wire.Reset(reason))
        return await self.hear(wire.ResetDone)

    async def wipe(self) -> Heard:
        await self.sandbox.send(wire.Wipe())
        return await self.hear(wire.WipeDone)

    async def hear(self, last: type, heard: Heard | None = None) -> Heard:
        """Listen until a message of the kind ``last``."""
        heard = heard or Heard()
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.sandbox.receive()
                heard.take(message)
                if isinstance(message, last):
                    heard.done = message if not isinstance(message, wire.Frozen) else heard.done
                    return heard
