"""The production backend: one container per sandbox, reached over the one stream attached at its start.

Once user code has started, nothing here executes, copies or opens anything inside the container: bytes go in and out
over the attached stream, and the engine is only asked to remove the container.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import docker
import requests.exceptions
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.utils import kwargs_from_env

from sandbox_runner.errors import BackendUnavailable, EngineAway, OurFailure
from sandbox_runner.image import HOW_TO_BUILD, reference, volumes
from sandbox_runner.image.selection import image_of, own_image
from sandbox_runner.messages import say
from sandbox_runner.runtimes.registry import runtime_of

from . import abandoned
from .base import BackendDescription, SandboxSpec
from .docker_command import container_config, task_volume
from .docker_problems import root_of, what_was_met
from .docker_stream import STDOUT, Demultiplexer
from .fidelity import docker_fidelity
from .transport import SendQueue, TransportSandbox, end_all

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from .base import ShownFolder
    from .receive_queue import ReceiveQueue

ENGINE_SECONDS: Final = 30
PING_SECONDS: Final = 2
REMOVAL_SECONDS: Final = 20
DEFAULT_HOST: Final = "unix:///var/run/docker.sock"
# Concurrent calls to the engine; more would only slow it down.
ENGINE_CALLS: Final = 8

_T = TypeVar("_T")
_ENGINE_PROBLEMS: Final = (DockerException, requests.exceptions.RequestException, OSError)


def ask_engine(question: Callable[[docker.APIClient], _T]) -> _T:
    """Make one call to the engine. Blocks up to :data:`PING_SECONDS`.

    :raises EngineAway: there is no answer.
    :raises BackendUnavailable: the engine refused.
    """
    try:
        with contextlib.closing(docker.APIClient(version="auto", timeout=PING_SECONDS, **_where())) as engine:
            return question(engine)
    except _ENGINE_PROBLEMS as problem:
        raise _unavailable(problem, "answer the question") from problem


class DockerBackend:
    """Makes sandboxes of containers. Used within one event loop.

    :param image: the image's tag; by default that of the current sources.
    :param runtime: an OCI runtime of the engine, such as gVisor's ``runsc``; by default the engine's own.
    """

    name = "docker"

    def __init__(self, image: str = "", runtime: str = "") -> None:
        self._image = image or reference().tag
        # By the runtime whose own image it is.
        self._images: dict[str, str] = {}
        self._runtime = runtime or os.environ.get("HOLDOVER_DOCKER_RUNTIME", "")
        self._threads = ThreadPoolExecutor(ENGINE_CALLS, thread_name_prefix="docker")
        self._client: docker.APIClient | None = None
        self._started: set[TransportSandbox] = set()
        # All owners of this backend's sandboxes so far, and the containers whose removal has not begun.
        self._owners: set[str] = set()
        self._in_use: set[str] = set()
        self._unused = abandoned.Unused()
        self._filling: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def describe(self, runtimes: Collection[str] = ()) -> BackendDescription:
        """:raises BackendUnavailable: no engine answers, an image is not built, or the engine lacks the OCI runtime."""
        tags = dict.fromkeys(self._image_of(own_image(each)) for each in runtimes) or {self._image: None}
        ids = [await self._ask("look at the sandbox image", partial(_image_id, image=tag)) for tag in tags]
        if self._runtime:
            known = await self._ask("say which runtimes it knows", lambda engine: engine.info()["Runtimes"])
            _refuse_unknown(self._runtime, known)
        isolation = say("isolated-in-container", runtime=self._runtime)
        return BackendDescription(self.name, isolation, ", ".join(ids), docker_fidelity())

    async def missing(self, runtimes: Collection[str]) -> tuple[str, ...]:
        """Those whose own image the engine has not."""
        own = [each for each in runtimes if own_image(each)]
        return tuple([each for each in own if not await self._ask("look at an image", self._has(each))])

    def _not_built(self, said: str) -> str:
        for runtime, tag in self._images.items():
            if tag in said:
                return (
                    f"the image of {runtime} is not built on this Docker engine; `{HOW_TO_BUILD} {runtime}` builds it"
                )
        return f"the sandbox image {self._image} is not built on this Docker engine; `make image` builds it"

    def _has(self, runtime: str) -> Callable[[docker.APIClient], bool]:
        tag = self._image_of(runtime)
        return lambda engine: bool(engine.images(tag))

    def _image_of(self, runtime: str) -> str:
        """The tag of that runtime's own image; of the usual one where it has none."""
        if not runtime:
            return self._image
        if runtime not in self._images:
            self._images[runtime] = reference(image_of(runtime_of(runtime))).tag
        return self._images[runtime]

    async def start(self, spec: SandboxSpec) -> DockerSandbox:
        """A container whose supervisor has said hello.

        :raises BackendUnavailable: the engine or the image is missing, or the container does not start.
        """
        for _, folder in spec.shown:
            await self._fill(folder)
        container = await self._create(spec)
        sandbox = DockerSandbox(container, self._remove, self._started.discard)
        self._started.add(sandbox)
        try:
            await sandbox.attach(await self._ask("attach to a sandbox", lambda engine: _attach(engine, container)))
            await self._ask("start a sandbox", lambda engine: engine.start(container))
            await sandbox.greet()
        except BaseException:
            await asyncio.shield(sandbox.destroy())
            raise
        return sandbox

    def forget(self, name: str) -> bool:
        """Remove the volume of a shown folder; see :meth:`.base.Backend.forget`."""
        return ask_engine(lambda engine: volumes.forget(engine, name))

    async def sweep(self, live_owners: Collection[str]) -> int:
        """Remove containers and volumes whose owner is not in ``live_owners``, and this backend's own unused ones.

        What nobody has used for a minute goes, whoever's it is: its owner was killed, and may never come back.
        """
        containers = await self._ask("list sandboxes", abandoned.containers)
        volumes = await self._ask("list volumes", abandoned.volumes)
        unused = await self._ask("list volumes", abandoned.unused)
        forgotten = self._unused.for_a_while(unused)
        strays = [
            name for name, owner in containers.items() if name in forgotten or self._is_stray(name, owner, live_owners)
        ]
        await asyncio.gather(*map(self._remove, strays))
        for name, owner in volumes.items():
            if name in forgotten or self._is_stray(name, owner, live_owners):
                await self._ask("remove a volume", partial(_remove_volume, name=name))
        return len(strays)

    def _is_stray(self, name: str, owner: str, live_owners: Collection[str]) -> bool:
        return owner not in live_owners or (owner in self._owners and name not in self._in_use)

    async def close(self) -> None:
        """Remove every container started here and disconnect from the engine."""
        try:
            await end_all(list(self._started))
        finally:
            if self._client is not None:
                self._client.close()
                self._client = None
            self._threads.shutdown(wait=False)

    async def _create(self, spec: SandboxSpec) -> str:
        sandbox_id = secrets.token_hex(8)
        config = container_config(self._image_of(spec.runtime), sandbox_id, spec, self._runtime)
        # Also the volume's name, so that anyone who knows one of them can remove both.
        name = task_volume(sandbox_id)
        self._owners.add(spec.owner)
        self._in_use.add(name)
        making = asyncio.ensure_future(self._ask("make a sandbox", lambda engine: _create(engine, config, name)))
        try:
            await asyncio.shield(making)
        except BaseException:
            await asyncio.shield(self._unmake(making, name))
            raise
        return name

    async def _fill(self, folder: ShownFolder) -> None:
        """Make sure that the engine has a folder that a sandbox is to be shown."""
        async with self._filling[folder.name]:
            fill = partial(volumes.fill, image=self._image, name=folder.name, archive=Path(folder.archive))
            await self._ask("fill a volume", fill)

    async def _unmake(self, making: asyncio.Future[None], name: str) -> None:
        """A thread cannot be stopped: wait for the container it is creating, so that it can be removed."""
        await asyncio.wait([making])
        with contextlib.suppress(OurFailure):
            await self._remove(name)

    async def _remove(self, container: str) -> None:
        self._in_use.discard(container)
        await self._ask("remove a sandbox", lambda engine: _remove(engine, container))

    async def _ask(self, what: str, question: Callable[[docker.APIClient], _T]) -> _T:
        def ask() -> _T:
            if self._client is None:
                self._client = docker.APIClient(
                    version="auto", timeout=ENGINE_SECONDS, max_pool_size=ENGINE_CALLS, **_where()
                )
            return question(self._client)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except ImageNotFound as problem:
            raise BackendUnavailable(self._not_built(str(problem.explanation))) from None
        except _ENGINE_PROBLEMS as problem:
            raise _unavailable(problem, what) from problem


class DockerSandbox(TransportSandbox):
    """A handle on one container."""

    def __init__(
        self, container: str, remove: Callable[[str], Awaitable[None]], forget: Callable[[TransportSandbox], None]
    ) -> None:
        super().__init__(container, forget)
        self._remove = remove
        self._transport: asyncio.Transport | None = None

    async def attach(self, connection: socket.socket) -> None:
        """Take over the attached connection, before anything was sent on it."""
        stream = _Stream(self._receive_queue, self._send_queue)
        self._transport, _ = await asyncio.get_running_loop().create_connection(lambda: stream, sock=connection)

    async def _end(self) -> None:
        try:
            await self._remove(self.id)
        finally:
            if self._transport is not None:
                self._transport.abort()


class _Stream(asyncio.Protocol):
    """The attached connection: frames go in unchanged, stdout and stderr come out interleaved."""

    def __init__(self, receive_queue: ReceiveQueue, send_queue: SendQueue) -> None:
        self._receive_queue = receive_queue
        self._demultiplexer = Demultiplexer()
        self._send_queue = send_queue

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._send_queue.connect(transport)
            self._receive_queue.connect(transport)

    def pause_writing(self) -> None:
        self._send_queue.pause()

    def resume_writing(self) -> None:
        self._send_queue.resume()

    def data_received(self, data: bytes) -> None:
        for stream, piece in self._demultiplexer.feed(data):
            (self._receive_queue if stream == STDOUT else self._receive_queue.tail).feed(piece)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the signature is asyncio's
        self._receive_queue.end()
        self._send_queue.resume()


def _image_id(engine: docker.APIClient, image: str) -> str:
    return str(engine.inspect_image(image)["Id"])  # type: ignore[no-untyped-call]  # its stubs have no types here


def _create(engine: docker.APIClient, config: dict[str, Any], name: str) -> None:
    engine.create_container_from_config(config, name)  # type: ignore[no-untyped-call]  # its stubs have no types here


def _attach(engine: docker.APIClient, container: str) -> socket.socket:
    """The hijacked connection as its own socket."""
    attached: Any = engine.attach_socket(container, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
    # The response closes the socket as well. A response that is closed from inside complains when collected.
    with contextlib.closing(attached._response):  # noqa: SLF001 - the SDK leaves it nowhere else
        connection = socket.socket(fileno=os.dup(attached.fileno()))
    connection.setblocking(False)  # noqa: FBT003 - the standard library's signature
    if connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _remove(engine: docker.APIClient, name: str) -> None:
    """Kill and remove a container, then its volume."""
    _remove_container(engine, name)
    _remove_volume(engine, name)


def _remove_volume(engine: docker.APIClient, name: str) -> None:
    """Remove a volume; if it is still in use, it goes with its user."""
    with contextlib.suppress(NotFound):
        try:
            engine.remove_volume(name)
        except APIError as problem:
            if problem.status_code != requests.codes.conflict:
                raise


def _remove_container(engine: docker.APIClient, container: str) -> None:
    """Kill and remove a container; a paused one is unpaused first, because an old engine cannot kill it otherwise."""
    for _ in range(3):
        try:
            engine.remove_container(container, v=True, force=True)
        except NotFound:
            return
        except APIError as problem:
            _wait_or_continue(engine, container, problem)
        else:
            return


def _wait_or_continue(engine: docker.APIClient, container: str, problem: APIError) -> None:
    if problem.status_code == requests.codes.conflict and "already in progress" in str(problem.explanation):
        with contextlib.suppress(NotFound):
            engine.wait(container, timeout=REMOVAL_SECONDS, condition="removed")
    else:
        with contextlib.suppress(APIError):
            engine.unpause(container)


def _where() -> dict[str, Any]:
    return dict(kwargs_from_env())


def _unavailable(problem: Exception, what: str) -> BackendUnavailable:
    """The error to report: the engine is away, or it refused to do ``what``."""
    root = root_of(problem)
    if isinstance(problem, APIError) or root is None:
        said = str(getattr(problem, "explanation", None) or problem)
        return BackendUnavailable(f"the Docker engine did not {what}: {said}")
    return EngineAway(what_was_met(root, where=os.environ.get("DOCKER_HOST") or DEFAULT_HOST))


def _refuse_unknown(runtime: str, known: Collection[str]) -> None:
    # Names of containerd's shims, and their paths, need not be among those the engine was told of, see
    # https://docs.docker.com/engine/daemon/alternative-runtimes/.
    if runtime not in known and "." not in runtime and "/" not in runtime:
        raise BackendUnavailable(
            f"the Docker engine does not know the runtime {runtime} that HOLDOVER_DOCKER_RUNTIME names; "
            f"it knows {', '.join(sorted(known))}"
        )
