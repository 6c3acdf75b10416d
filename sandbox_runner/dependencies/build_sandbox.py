"""One build sandbox: without network like any other, with the tools, and with the relay as the only way out.

Locking and installing are two invocations of one function of ours in it, so that everything that holds for a stranger's
function holds for a stranger's packages: its rights, its memory, its disk, its time.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from sandbox_runner import limits
from sandbox_runner.backends.base import SandboxSpec, ShownFolder
from sandbox_runner.dependencies.relay import Relay
from sandbox_runner.environment import identity
from sandbox_runner.environment.attempt import Attempt
from sandbox_runner.environment.environment import Environment
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.environment.output import LogAllowance
from sandbox_runner.environment.task_groups import start_sandbox, undisturbed
from sandbox_runner.errors import IndexAway, OurFailure
from sandbox_runner.events.log import EventLog
from sandbox_runner.image.manifest import INTERPRETERS, machine
from sandbox_runner.image.tools import tools
from sandbox_runner.peers.reach import Reach
from sandbox_runner.peers.streams import Stream, StreamHub
from sandbox_runner.results.model import Outcome
from sandbox_runner.runtimes.registry import runtime_of
from sandbox_runner.scenario.model import Function

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.backends.base import Backend, Sandbox
    from sandbox_runner.clock import Clock
    from sandbox_runner.dependencies.index import ReachableIndex
    from sandbox_runner.dependencies.store import Draft
    from sandbox_runner.runtimes.requirements import Requirements

_INSIDE: Final = Path(__file__).with_name("inside")
_PORTS: Final = {"index": 8001, "output": 8002}
# Each port has a loopback address of its own inside, see sandbox_runner/guest/network/peers.py.
_INDEX: Final = f"http://127.0.1.1:{_PORTS['index']}"
_OUTPUT: Final = ("127.0.1.2", _PORTS["output"])
# Amazon Linux 2023 has glibc 2.34: https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
_PLATFORM: Final = "manylinux_2_34"
_CPU: Final = {"x86_64": "x64", "aarch64": "arm64"}
# Tar's own headers and padding.
_ENTRY_BYTES: Final = 2_048
# Of each connection, so much is on its way at once: hundreds of MB pass, and no package's code runs in there.
_WINDOW_BYTES: Final = 256 * limits.KB


class BuildFailedError(Exception):
    """What was to be built cannot be: the function's files ask for something that there is not."""

    def __init__(self, requirements: Requirements, answer: dict[str, Any], busy_with: str) -> None:
        super().__init__(str(answer.get("problem")))
        self.requirements = requirements
        self.answer = answer
        self.busy_with = busy_with


class BuildSandbox:
    """A build sandbox, from entering to leaving."""

    def __init__(
        self,
        requirements: Requirements,
        runtime: str,
        backend: Backend,
        clock: Clock,
        *,
        owner: str,
        index: ReachableIndex,
    ) -> None:
        self._requirements = requirements
        self._runtime = runtime_of(runtime)
        self._backend = backend
        self._clock = clock
        self._owner = owner
        self._client = httpx.AsyncClient(verify=index.trust())
        self._relay = Relay(requirements.index, index.address, self._client, _INDEX)
        self._hub = StreamHub({"index": self._relay.serve, "output": self._receive}, _WINDOW_BYTES)
        self._draft: Draft | None = None
        self._sandbox: Sandbox | None = None
        self._environment: Environment | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def lock(self) -> str:
        """Resolve the manifest; returns the lock as the tool wrote it.

        :raises BuildFailedError: it cannot be resolved.
        :raises IndexAway: the index did not answer.
        """
        lock = str((await self._do({"do": "lock"})).get("lock", ""))
        if len(lock.encode()) > limits.LOCK_BYTES_MAX:
            raise self._failed({"problem": "too-large"})
        return lock

    async def install(self, lock: str, draft: Draft) -> None:
        """Install what ``lock`` has; ``draft`` receives its files.

        :raises BuildFailedError: it cannot be installed.
        :raises IndexAway: the index did not answer.
        """
        self._draft = draft
        await self._do({"do": "install", "lock": lock})

    async def _start(self) -> None:
        shown = tools()
        folder = ShownFolder(shown.name, str(shown.files), str(shown.archive))
        function = _function(self._runtime.identifier)
        spec = SandboxSpec.of(self._owner, function, (("/run/tools", folder),))
        self._sandbox = await start_sandbox(self._backend, spec)
        link = GuestLink(self._sandbox, self._clock)
        self._hub.join("build", link)
        self._environment = Environment(
            "build",
            function,
            link,
            EventLog(self._clock),
            self._clock,
            stream=identity.log_stream(self._clock.epoch_ms(), uuid.uuid4().hex),
            allowance=LogAllowance(),
            reach=Reach(_PORTS, window_bytes=_WINDOW_BYTES),
            # It has a limit of time, and a run waits for it: on a busy machine it must not be the last.
            gives_way=False,
        )
        await self._environment.initialize()

    async def _end(self) -> None:
        await self._hub.close()
        if self._sandbox is not None:
            await undisturbed(self._sandbox.destroy())
        await self._client.aclose()

    async def _do(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._environment is not None  # between entering and leaving
        payload = json.dumps({**self._facts(), **order}).encode()
        trace = identity.trace_header(self._clock.epoch_ms(), uuid.uuid4().hex + uuid.uuid4().hex)
        attempt = Attempt(1, str(uuid.uuid4()), str(uuid.uuid4()), payload, trace)
        given = await self._environment.invoke(attempt)
        if self._hub.failure is not None:
            raise self._failed({"problem": "too-large"}) from self._hub.failure
        answer = _answer(given.body) if given.outcome == Outcome.SUCCESS else {"problem": str(given.outcome)}
        if "problem" not in answer:
            return answer
        if self._relay.away:
            raise IndexAway(self._relay.away)
        if given.outcome not in {Outcome.SUCCESS, Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY}:
            raise OurFailure(f"the build sandbox answered: {given.body[:500].decode('utf-8', 'replace')}")
        raise self._failed(answer)

    def _failed(self, answer: dict[str, Any]) -> BuildFailedError:
        return BuildFailedError(self._requirements, answer, self._relay.asked_for)

    def _facts(self) -> dict[str, Any]:
        return {
            "index": self._requirements.index,
            "manifest": self._requirements.manifest,
            "loosened": self._requirements.packages.loosened(self._requirements.manifest),
            "release": self._requirements.release,
            "platform": f"{machine()}-{_PLATFORM}",
            "cpu": _CPU.get(machine(), machine()),
            "address": f"{_INDEX}/index",
            "output": _OUTPUT,
            "lang": f"{INTERPRETERS}/{self._runtime.identifier}/lang",
            "bytes_max": limits.UNZIPPED_BYTES_MAX,
            "files_max": limits.BUILD_FILES_MAX,
            "compile_within_s": limits.BUILD_COMPILED_S,
        }

    async def _receive(self, stream: Stream) -> None:
        draft, most = self._draft, limits.UNZIPPED_BYTES_MAX + limits.BUILD_FILES_MAX * _ENTRY_BYTES
        while draft is not None and (data := await stream.read()):
            draft.write(data, most)


class Lazily:
    """A build sandbox that is started when it is first asked for: mostly everything is there already."""

    def __init__(self, make: Callable[[], BuildSandbox]) -> None:
        self._make = make
        self._exits = AsyncExitStack()
        self._build: BuildSandbox | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    async def started(self) -> BuildSandbox:
        """:raises BackendUnavailable: none can be had."""
        if self._build is None:
            # Where the index is may have to be asked of another program.
            build = await asyncio.to_thread(self._make)
            self._build = await self._exits.enter_async_context(build)
        return self._build


def _function(runtime: str) -> Function:
    packages = runtime_of(runtime).language.packages
    assert packages is not None  # or there would be nothing to build
    files = {name: (_INSIDE / name).read_text() for name in ("build.py", "index.mjs")}
    return Function(
        runtime=runtime,
        handler=packages.build_handler,
        files=files,
        memory_mb=limits.BUILD_MEMORY_MB,
        tmp_mb=limits.BUILD_DISK_MB,
        timeout_s=limits.BUILD_S,
        name="holdover-build",
    )


def _answer(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"problem": "tool", "said": ""}
