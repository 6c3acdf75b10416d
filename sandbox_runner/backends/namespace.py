"""The embedded backend: the same guest in Linux namespaces, for people's own code on their own machine.

It needs no engine. The kernel is shared with the machine and system calls are not filtered, so this backend refuses a
production configuration.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import secrets
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.image import ENTRYPOINT, HOW_TO_BUILD, reference
from sandbox_runner.image.selection import image_of, own_image
from sandbox_runner.messages import say
from sandbox_runner.runtimes.registry import runtime_of

from .base import BackendDescription, SandboxSpec
from .cgroups import ControlGroup, make_group, stray_groups
from .fidelity import namespace_fidelity
from .resource_limits import (
    CORE_BYTES,
    DESCRIPTORS,
    HOSTNAME,
    MEMLOCK_BYTES,
    OOM_SCORE_ADJ,
    PIDS,
    STACK_BYTES,
    TASK_ROOT,
    TASK_STORE,
    writable,
)
from .transport import SendQueue, TransportSandbox, end_all
from .user_namespaces import Identity, IdMap, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from sandbox_runner.image import ImageReference

    from .receive_queue import ReceiveQueue

SETUP: Final = Path(__file__).with_name("namespace_setup.py")
ENDING_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything :mod:`namespace_setup` needs to know, as JSON."""

    owner: str
    sandbox: str
    rootfs: str
    command: tuple[str, ...]
    hostname: str
    tmpfs: dict[str, str]
    read_only: dict[str, str]
    shown: dict[str, str]
    limits: dict[str, tuple[int, int]]
    oom_score_adj: int
    doors: list[str]
    views: dict[str, str]
    uid_map: IdMap
    gid_map: IdMap


def plan(sandbox_id: str, spec: SandboxSpec, rootfs: Path, group: ControlGroup | None, who: Identity) -> Plan:
    """Every isolation setting of a sandbox. Pure."""
    limits = {
        "RLIMIT_CORE": (CORE_BYTES, CORE_BYTES),
        "RLIMIT_MEMLOCK": (MEMLOCK_BYTES, MEMLOCK_BYTES),
        "RLIMIT_NOFILE": (DESCRIPTORS, DESCRIPTORS),
        "RLIMIT_STACK": (STACK_BYTES, resource.RLIM_INFINITY),
    }
    if group is None:
        # Counted per user across the whole machine, so it is the weaker limit.
        limits["RLIMIT_NPROC"] = (PIDS, PIDS)
    return Plan(
        owner=spec.owner,
        sandbox=sandbox_id,
        rootfs=str(rootfs),
        command=ENTRYPOINT,
        hostname=HOSTNAME,
        tmpfs=writable(spec),
        read_only={TASK_ROOT: TASK_STORE},
        shown={target: folder.files for target, folder in spec.shown},
        limits=limits,
        oom_score_adj=OOM_SCORE_ADJ,
        doors=group.doors if group else [],
        views=group.views if group else {},
        uid_map=who.uids,
        gid_map=who.gids,
    )


def is_production() -> bool:
    """Whether other people's code may reach this configuration."""
    return os.environ.get("HOLDOVER_PRODUCTION", "") not in {"", "0"}


class NamespaceBackend:
    """Makes sandboxes of namespaces. Used within one event loop, in a thread that outlives its sandboxes.

    :param rootfs: the unpacked root file system; by default that of the current sources.
    """

    name = "namespace"

    def __init__(self, rootfs: Path | None = None) -> None:
        self._rootfs = rootfs
        self._started: set[TransportSandbox] = set()
        self._grouped: bool | None = None

    async def describe(self, runtimes: Collection[str] = ()) -> BackendDescription:
        """:raises BackendUnavailable: the kernel, the configuration or a root file system does not allow it."""
        own = dict.fromkeys(own_image(each) for each in runtimes) or {"": None}
        for runtime in own:
            self._root(runtime)
        who = identity()
        digest = ", ".join(_digest(runtime) for runtime in own if runtime or not self._rootfs)
        isolation = say("isolated-in-namespaces", rootless=bool(who.uids))
        fidelity = namespace_fidelity(grouped=self._can_group(), rootless=bool(who.uids))
        return BackendDescription(self.name, isolation, digest, fidelity)

    async def missing(self, runtimes: Collection[str]) -> tuple[str, ...]:
        """Those whose own root file system is not there."""
        return tuple(each for each in runtimes if (own := own_image(each)) and not _image(own).rootfs_path.is_dir())

    async def start(self, spec: SandboxSpec) -> NamespaceSandbox:
        """A sandbox whose supervisor has said hello.

        :raises BackendUnavailable: none can be made; says what is missing.
        """
        root, who = self._root(spec.runtime), identity()
        sandbox_id = secrets.token_hex(8)
        group = None if who.uids else make_group(sandbox_id, spec)
        sandbox = NamespaceSandbox(f"holdover-{sandbox_id}", group, self._started.discard)
        self._started.add(sandbox)
        try:
            await sandbox.spawn(plan(sandbox_id, spec, root, group, who))
            await sandbox.greet()
        except BaseException:
            await asyncio.shield(sandbox.destroy())
            raise
        return sandbox

    def forget(self, name: str) -> bool:  # noqa: ARG002 - the protocol's signature
        """Nothing was made of it: sandboxes show the folder itself."""
        return True

    async def sweep(self, live_owners: Collection[str]) -> int:
        """End sandboxes whose owner is not in ``live_owners``; there are some only if the kernel did not end them."""
        strays = [pid for pid, owner in sandbox_processes() if owner not in live_owners]
        for pid in strays:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        for group in stray_groups():
            await asyncio.to_thread(group.remove)
        return len(strays)

    async def close(self) -> None:
        """End every sandbox that was started here."""
        await end_all(list(self._started))

    def _root(self, runtime: str) -> Path:
        if not sys.platform.startswith("linux"):
            raise BackendUnavailable("the namespace sandbox needs Linux; start Docker and use its sandboxes here")
        if is_production():
            raise BackendUnavailable(
                "the namespace sandbox is for a person's own code on their own machine, and this is a production "
                "configuration (HOLDOVER_PRODUCTION); run a Docker engine and set HOLDOVER_BACKEND=docker"
            )
        root = (not runtime and self._rootfs) or _image(runtime).rootfs_path
        if not root.is_dir():
            raise BackendUnavailable(
                f"the root file system of {runtime} is not built; `{HOW_TO_BUILD} {runtime}` builds it"
                if runtime
                else "the sandbox's root file system is not built; `make image` builds it"
            )
        return root

    def _can_group(self) -> bool:
        if self._grouped is None:
            group = None if os.geteuid() else make_group(f"try-{secrets.token_hex(4)}", SandboxSpec("", 128, 512))
            self._grouped = group is not None
            if group is not None:
                group.remove()
        return self._grouped


class NamespaceSandbox(TransportSandbox):
    """A handle on one process tree with its own namespaces."""

    def __init__(self, sandbox_id: str, group: ControlGroup | None, forget: Callable[[TransportSandbox], None]) -> None:
        super().__init__(sandbox_id, forget)
        self._group = group
        self._guest = _Guest(self._receive_queue, self._send_queue)
        self._starting: asyncio.Future[tuple[asyncio.SubprocessTransport, _Guest]] | None = None

    async def spawn(self, how: Plan) -> None:
        """Start the process that becomes the sandbox. Cancelling the wait does not stop that; ending the sandbox does.

        Where a start itself is cancelled, asyncio waits for the ends of pipes that it may never have connected.
        """
        self._starting = asyncio.ensure_future(
            asyncio.get_running_loop().subprocess_exec(
                lambda: self._guest,
                *(sys.executable, "-I", "-S", str(SETUP), json.dumps(asdict(how))),
                env={},
                # Ctrl-C at the terminal is for this program to handle.
                start_new_session=True,
            )
        )
        await asyncio.shield(self._starting)

    async def _end(self) -> None:
        if self._starting is not None:
            await asyncio.wait({self._starting})
            if self._starting.exception() is None:
                process, _ = self._starting.result()
                await self._end_process(process)
                process.close()
        if self._group is not None:
            await asyncio.to_thread(self._group.remove)

    async def _end_process(self, process: asyncio.SubprocessTransport) -> None:
        for ending in (process.terminate, process.kill):
            with contextlib.suppress(ProcessLookupError):
                ending()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._guest.exited.wait(), ENDING_SECONDS)
                return


class _Guest(asyncio.SubprocessProtocol):
    """The pipes of one sandbox: the wire on 0 and 1, the supervisor's own error output on 2."""

    def __init__(self, receive_queue: ReceiveQueue, send_queue: SendQueue) -> None:
        self._receive_queue = receive_queue
        self._send_queue = send_queue
        self.exited = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.SubprocessTransport):
            stdin, stdout = transport.get_pipe_transport(0), transport.get_pipe_transport(1)
            if isinstance(stdin, asyncio.WriteTransport) and isinstance(stdout, asyncio.ReadTransport):
                self._send_queue.connect(stdin)
                self._receive_queue.connect(stdout)

    def pause_writing(self) -> None:
        self._send_queue.pause()

    def resume_writing(self) -> None:
        self._send_queue.resume()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        (self._receive_queue if fd == 1 else self._receive_queue.tail).feed(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if fd == 1:
            self._receive_queue.end()
        self._send_queue.resume()

    def process_exited(self) -> None:
        self._receive_queue.end()
        self._send_queue.resume()
        self.exited.set()


def _image(runtime: str) -> ImageReference:
    """That runtime's own image, or the usual one."""
    return reference(image_of(runtime_of(runtime)) if runtime else None)


def _digest(runtime: str) -> str:
    return _image(runtime).digest


def sandbox_processes() -> Iterator[tuple[int, str]]:
    """The pid and owner of each of this user's sandboxes on this machine, from the first process's command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            words = (folder / "cmdline").read_text().split("\0")
            if str(SETUP) in words[:4] and folder.stat().st_uid == os.geteuid():
                yield int(folder.name), str(json.loads(words[4])["owner"])
