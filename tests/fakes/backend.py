"""A backend whose sandboxes live in this process and whose function is a Python object of the test.

It speaks the real messages of the wire, in the order in which the real guest sends them. Time inside is the clock's:
nothing waits for real.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox_runner.backends.base import BackendDescription, SandboxSpec
from sandbox_runner.environment.guest_link import host_boot_id
from sandbox_runner.errors import SandboxLost
from sandbox_runner.guest import wire
from sandbox_runner.messages import say
from tests.fakes.clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sandbox_runner.clock import Clock


class RuntimeExits(Exception):  # noqa: N818 - what happens, not what is wrong
    """Raised by a fake function: its process ends. The message is how: ``exit status 1``, or nothing for 0."""

    def __init__(self, how: str = "", *, out_of_memory: bool = False, report: dict[str, Any] | None = None) -> None:
        super().__init__(how)
        self.how = how
        self.out_of_memory = out_of_memory
        self.report = report


class TakesForever(Exception):  # noqa: N818 - the same
    """Raised by a fake function: it does not end before its limit."""


class SandboxVanishes(Exception):  # noqa: N818 - the same
    """Raised by a fake function: the sandbox is gone all of a sudden."""


@dataclass
class Runtime:
    """What a fake function can touch. ``globals`` die with the process, ``tmp`` stays until the sandbox is wiped."""

    clock: FakeClock
    environment: dict[str, str]
    tmp: dict[str, str]
    globals: dict[str, Any] = field(default_factory=dict)
    request_id: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    _said: list[wire.GuestMessage] = field(default_factory=list)

    def take(self, seconds: float) -> None:
        """Run for that long."""
        self.clock.advance(seconds)

    def log(self, text: str, *, stream: str = "stdout", level: str = "", cut: int = 0) -> None:
        """Write one line."""
        line = wire.LogLine(self.clock.monotonic_us(), stream, text, level, cut)
        self._said.append(wire.Logs([line], self.request_id))

    def lose_output(self, lines: int, count: int) -> None:
        """Write more than the guest forwards."""
        self._said.append(wire.Cut(self.clock.monotonic_us(), lines, count, self.request_id))


@dataclass
class Streams:
    """What a fake function returns to stream its answer: pieces, and perhaps an error after them."""

    pieces: tuple[bytes, ...]
    content_type: str = "application/octet-stream"
    fails: str = ""
    ends: bool = True


def _no_module_code(runtime: Runtime) -> None:
    pass


def _count(event: Any, runtime: Runtime) -> Any:
    runtime.globals["count"] = runtime.globals.get("count", 0) + 1
    return {"count": runtime.globals["count"], "event": event}


@dataclass
class FakeFunction:
    """``module`` runs at each init, ``handler`` for each payload; both may raise what stands at the top."""

    handler: Callable[[Any, Runtime], Any] = _count
    module: Callable[[Runtime], None] = _no_module_code
    init_s: float = 0.040
    invoke_s: float = 0.002
    peak_memory_kb: int = 40_000


class FakeSandbox:
    """One sandbox. What it says waits in a queue until it is received."""

    def __init__(self, name: str, backend: FakeBackend) -> None:
        self.id = name
        self.destroyed = False
        self.received: list[wire.HostMessage] = []
        self._backend = backend
        self._clock = backend.clock
        self._function = backend.function
        self._said: asyncio.Queue[wire.GuestMessage | None] = asyncio.Queue()
        self._configuration: wire.Configure | None = None
        self._runtime: Runtime | None = None
        self._tmp: dict[str, str] = {}
        self._frozen = False
        self._take: Callable[[wire.GuestMessage], bool] = lambda _: False
        self.hello = wire.Hello(wire.WIRE_VERSION, host_boot_id(), self._clock.monotonic_us(), backend.runtimes)

    async def send(self, message: wire.HostMessage) -> None:
        if self.destroyed:
            raise SandboxLost(f"the sandbox {self.id} is gone")
        self.received.append(message)
        try:
            getattr(self, f"_on_{type(message).__name__.lower()}")(message)
        except SandboxVanishes:
            self._said.put_nowait(None)

    async def receive(self) -> wire.GuestMessage:
        message = await self._said.get()
        if message is None or self.destroyed:
            raise SandboxLost(f"the sandbox {self.id} is gone")
        return message

    def divert(self, take: Callable[[wire.GuestMessage], bool]) -> None:
        self._take = take

    async def destroy(self) -> None:
        self.destroyed = True
        self._said.put_nowait(None)
        self._backend.alive.pop(self.id, None)

    # --- the guest's side ---

    def _say(self, *messages: wire.GuestMessage) -> None:
        for message in messages:
            if not self._take(message):
                self._said.put_nowait(message)

    def _on_configure(self, message: wire.Configure) -> None:
        self._configuration = message

    def _on_init(self, message: wire.Init) -> None:
        assert self._configuration is not None
        started_us = self._clock.monotonic_us()
        runtime = Runtime(self._clock, self._configuration.environment, self._tmp)
        done = {"status": "success", "error_type": "", "exited": False, "exit": "", "body": b"", "out_of_memory": False}
        try:
            self._function.module(runtime)
            self._clock.advance(self._function.init_s)
            self._runtime = runtime
        except TakesForever:
            self._clock.advance(message.limit_us / 1_000_000)
            done |= {"status": "timeout"}
        except RuntimeExits as exited:
            body = json.dumps(exited.report).encode() if exited.report else b""
            kind = (exited.report or {}).get("errorType", "Runtime.ExitError")
            error_type = kind if kind.startswith(("Runtime.", "Function.")) else "Runtime.Unknown"
            done |= {"status": "error", "error_type": error_type, "exited": True, "exit": exited.how, "body": body}
            done |= {"out_of_memory": exited.out_of_memory}
        self._say(*runtime._said)
        self._capture(runtime, "init")
        self._say(
            wire.InitDone(
                message.phase,
                started_us=started_us,
                at_us=self._clock.monotonic_us(),
                peak_memory_kb=self._function.peak_memory_kb,
                **done,
            )
        )
        if message.freeze and done["status"] == "success":
            self._freeze()

    def _on_invoke(self, message: wire.Invoke) -> None:
        runtime = self._runtime
        assert runtime is not None
        if self._frozen:
            self._frozen = False
            self._say(wire.Thawed(self._clock.monotonic_us(), 1))
        started_us = self._clock.monotonic_us()
        runtime.request_id, runtime.headers, runtime._said = message.request_id, message.headers, []
        self._say(wire.Started(message.request_id, started_us))
        ending = {"status": "success", "exit": "", "out_of_memory": False}
        in_place = {"crash": {"status": "exited", "exit": "signal: killed"}, "timeout": {"status": "timeout"}}
        kind, answer = "response", b""
        try:
            came = self._function.handler(json.loads(message.body), runtime)
            answer = came if isinstance(came, Streams) else json.dumps(came).encode()
        except TakesForever:
            self._clock.advance(max(0, message.timeout_us / 1_000_000))
            ending |= {"status": "timeout"}
        except RuntimeExits as exited:
            ending |= {"status": "exited", "exit": exited.how, "out_of_memory": exited.out_of_memory}
        except (AssertionError, SandboxVanishes):
            raise
        except Exception as problem:  # noqa: BLE001 - whatever a function raises, its runtime reports
            kind = "error"
            error = {"errorMessage": str(problem), "errorType": type(problem).__name__, "stackTrace": []}
            answer = json.dumps({**error, "requestId": message.request_id}).encode()
        self._say(*runtime._said)
        if isinstance(answer, Streams):
            ending |= {} if answer.ends else {"status": "exited", "exit": "exit status 1"}
            answer = self._stream(message.request_id, answer)
        if ending["status"] == "success" and message.fault:
            ending |= in_place[message.fault]
            self._clock.advance(message.timeout_us / 1_000_000 if message.fault == "timeout" else 0)
        if ending["status"] == "success":
            self._clock.advance(self._function.invoke_s)
            self._answer(message.request_id, kind, answer)
            self._capture(runtime, "invoke")
        self._say(
            wire.InvokeDone(
                message.request_id,
                started_us=started_us,
                at_us=self._clock.monotonic_us(),
                peak_memory_kb=self._function.peak_memory_kb,
                **ending,
            )
        )
        if ending["status"] == "success":
            self._freeze()

    def _stream(self, request_id: str, streams: Streams) -> wire.Answered:
        """Send the pieces; what is returned ends them."""
        for piece in streams.pieces:
            self._say(wire.AnswerPart(request_id, self._clock.monotonic_us(), streams.content_type, piece))
            self._clock.advance(0.1)
        failed = json.dumps({"errorType": streams.fails, "errorMessage": "late"}).encode() if streams.fails else b""
        return wire.Answered(
            request_id,
            "error" if failed else "response",
            self._clock.monotonic_us(),
            sum(map(len, streams.pieces)),
            content_type=streams.content_type,
            error_type="Runtime.Unknown" if failed else "",
            streamed=True,
            body=failed,
        )

    def _answer(self, request_id: str, kind: str, answer: bytes | wire.Answered) -> None:
        assert self._configuration is not None
        if isinstance(answer, wire.Answered):
            self._say(answer)
            return
        limit = self._configuration.response_bytes_max
        self._say(
            wire.Answered(
                request_id,
                kind,
                self._clock.monotonic_us(),
                len(answer),
                content_type="application/json",
                too_large=len(answer) > limit,
                body=answer[:limit],
            )
        )

    def _capture(self, runtime: Runtime, after: str) -> None:
        assert self._configuration is not None
        if not self._configuration.probe:
            return
        leaves = [
            ["python-module", f"app.{name}", f"app.{name}", type(value).__name__, str(value), False]
            for name, value in runtime.globals.items()
        ]
        leaves += [["tmp-file", path, path, "file", text, False] for path, text in runtime.tmp.items()]
        body = json.dumps({"nodes": len(leaves), "truncated": False, "took_us": 80, "leaves": leaves}).encode()
        self._say(wire.StateCaptured(after, self._clock.monotonic_us(), runtime.request_id, body))

    def _freeze(self) -> None:
        self._frozen = True
        self._say(wire.Frozen(self._clock.monotonic_us(), 1))

    def _on_freeze(self, message: wire.Freeze) -> None:
        self._freeze()

    def _on_reset(self, message: wire.Reset) -> None:
        started_us = self._clock.monotonic_us()
        self._runtime = None
        self._say(wire.ResetDone(started_us, self._clock.monotonic_us(), 1))

    def _on_wipe(self, message: wire.Wipe) -> None:
        self._runtime, self._configuration, self._tmp, self._frozen = None, None, {}, False
        self._say(wire.WipeDone(self._clock.monotonic_us(), 1))

    def _on_shutdown(self, message: wire.Shutdown) -> None:
        now_us = self._clock.monotonic_us()
        self._say(wire.ShutdownDone(now_us, now_us, 1))


class FakeBackend:
    """Makes :class:`FakeSandbox`; without arguments its function counts its requests and echoes them."""

    name = "fake"

    def __init__(self, function: FakeFunction | None = None, clock: Clock | None = None) -> None:
        self.function = function or FakeFunction()
        self.clock = clock if isinstance(clock, FakeClock) else FakeClock()
        self.runtimes = {
            "python3.13": {"python": "3.13.5", "awslambdaric": "4.2.2"},
            "nodejs22.x": {"node": "22.20.0", "aws-lambda-ric": "3.3.0"},
        }
        self.alive: dict[str, FakeSandbox] = {}
        self.started: list[FakeSandbox] = []
        self.specs: list[SandboxSpec] = []
        self.not_built: set[str] = set()
        self._numbers = itertools.count(1)

    async def missing(self, runtimes: Collection[str]) -> tuple[str, ...]:
        return tuple(each for each in runtimes if each in self.not_built)

    async def describe(self, runtimes: Collection[str] = ()) -> BackendDescription:
        return BackendDescription("fake", say("isolated-by-nothing"), "sha256:" + "0" * 64, {})

    async def start(self, spec: SandboxSpec) -> FakeSandbox:
        sandbox = FakeSandbox(f"fake-{next(self._numbers)}", self)
        self.alive[sandbox.id] = sandbox
        self.started.append(sandbox)
        self.specs.append(spec)
        return sandbox

    def forget(self, _name):
        return True

    async def sweep(self, live_owners: Collection[str]) -> int:
        strays = [
            sandbox
            for sandbox, spec in zip(self.started, self.specs, strict=True)
            if spec.owner not in live_owners and sandbox.id in self.alive
        ]
        for stray in strays:
            await stray.destroy()
        return len(strays)

    async def close(self) -> None:
        for sandbox in list(self.alive.values()):
            await sandbox.destroy()
