"""The stub of :mod:`benchmarks.stub_runtime_api`, running under the very isolation that a backend's sandboxes have."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import docker

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.docker_command import container_config
from sandbox_runner.backends.docker_stream import STDOUT, Demultiplexer
from sandbox_runner.backends.namespace import SETUP, plan
from sandbox_runner.backends.user_namespaces import identity
from sandbox_runner.image import reference

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    Play = Callable[[int], list[float]]

SPEC: Final = SandboxSpec(owner="benchmark", memory_mb=512, tmp_mb=512)
RUNTIME: Final = "python3.13"
_PROGRAM: Final = Path(__file__).with_name("stub_runtime_api.py").read_text(encoding="utf-8")
_COMMAND: Final = ("/usr/bin/python3", "-I", "-S", "-c", _PROGRAM, RUNTIME)


@contextmanager
def stub(backend: str) -> Iterator[Play]:
    """A started stub; calling it plays that many invocations and gives their microseconds."""
    with {"docker": _in_container, "namespace": _in_namespaces}[backend]() as play:
        yield play


@contextmanager
def _in_namespaces() -> Iterator[Play]:
    how = replace(plan("benchmark", SPEC, reference().rootfs_path, None, identity()), command=_COMMAND)
    command = [sys.executable, "-I", "-S", str(SETUP), json.dumps(asdict(how))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={}) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def play(count: int) -> list[float]:
            stdin.write(f"{count}\n")
            stdin.flush()
            return _samples(stdout.readline())

        _samples(stdout.readline())
        try:
            yield play
        finally:
            process.terminate()


@contextmanager
def _in_container() -> Iterator[Play]:
    engine: Any = docker.APIClient(version="auto")
    config = container_config(reference().tag, secrets.token_hex(8), SPEC) | {"Entrypoint": list(_COMMAND)}
    container = engine.create_container_from_config(config)["Id"]
    try:
        attached = engine.attach_socket(container, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
        lines = _lines(attached._sock)  # noqa: SLF001 - the SDK wraps the socket in a read-only file
        engine.start(container)
        _samples(next(lines))

        def play(count: int) -> list[float]:
            attached._sock.sendall(b"%d\n" % count)  # noqa: SLF001 - as above
            return _samples(next(lines))

        yield play
    finally:
        engine.remove_container(container, force=True)
        engine.close()


def _lines(connection: socket.socket) -> Iterator[str]:
    demultiplexer, pending = Demultiplexer(), b""
    while data := connection.recv(1 << 16):
        for stream, piece in demultiplexer.feed(data):
            if stream == STDOUT:
                pending += piece
        *whole, pending = pending.split(b"\n")
        yield from (line.decode() for line in whole)
    yield ""


def _samples(line: str) -> list[float]:
    if not line:
        raise RuntimeError("the stub ended; its own words are above")
    return [float(sample) for sample in json.loads(line)]
