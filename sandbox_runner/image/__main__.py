"""Command line of the builder: ``python -m sandbox_runner.image build | rootfs | all | auto | runtime NAME | …``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

import docker
from docker.errors import DockerException

from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.runtimes.registry import CHOICE, IDENTIFIERS, runtime_of

from . import ImageReference, ensure_rootfs, reference, selection
from .answering import ensure_answering
from .commands import say
from .docker_image import ensure_docker_image, has_docker_image, remove_stale_images
from .tools import ensure_tools

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox_runner.runtimes.model import Runtime

OK: Final = 0
MISSING: Final = 1
FAILED: Final = 2
RUNTIME: Final = "runtime"


def main() -> int:
    """Do what is asked for; building prints tag, digest and root file system."""
    asked = _arguments()
    try:
        if asked.command == RUNTIME:
            return _build(lambda: ensure_runtime(asked.runtime))
        return CHORES[asked.command]() if asked.command in CHORES else _build(COMMANDS[asked.command])
    except BackendUnavailable as problem:
        sys.stderr.write(f"sandbox image: {problem}\n")
        return FAILED


def _build(ensure: Callable[[], ImageReference]) -> int:
    started = time.monotonic()
    built = ensure()
    ensure_tools()
    ensure_answering()
    sys.stdout.write(f"tag     {built.tag}\ndigest  {built.digest or '(not built)'}\nrootfs  {built.rootfs_path}\n")
    sys.stdout.flush()
    say(f"done in {time.monotonic() - started:.1f} s")
    return OK


def ensure_whichever_runs() -> ImageReference:
    """Docker images where an engine answers, else root file systems; ``HOLDOVER_BACKEND`` decides first."""
    return _each(ensure_docker_image if _in_docker() else ensure_rootfs)


def ensure_runtime(identifier: str) -> ImageReference:
    """The image of one runtime, in the form that this machine's sandboxes start from.

    :raises BackendUnavailable: there is no such runtime, or its image cannot be built.
    """
    if identifier not in IDENTIFIERS:
        raise BackendUnavailable(f"there is no runtime {identifier!r}; there are {CHOICE}")
    image = selection.image_of(runtime_of(identifier))
    return ensure_docker_image(image) if _in_docker() else ensure_rootfs(image)


def ensure_first() -> ImageReference:
    """Enough to play something: what is wanted if it is there, else an image with the runtime that is there soonest."""
    if _is_built() != OK:
        os.environ[selection.VARIABLE] = selection.first().identifier
    return ensure_whichever_runs()


def ensure_all() -> ImageReference:
    """The root file systems, and the Docker images where an engine answers."""
    unpacked = _each(ensure_rootfs)
    return _each(ensure_docker_image) if _engine_answers() else unpacked


def _each(ensure: Callable[[Sequence[Runtime]], ImageReference]) -> ImageReference:
    """Every image that this machine has from the start; returns the usual one."""
    usual, *_others = [ensure(image) for image in selection.images()]
    return usual


def _is_built() -> int:
    """Whether what sandboxes of this machine start from is there and up to date, as an exit status."""
    is_there = has_docker_image if _in_docker() else _has_rootfs
    return OK if all(is_there(image) for image in selection.images()) else MISSING


def _has_rootfs(image: Sequence[Runtime]) -> bool:
    return bool(reference(image).digest)


def _prune() -> int:
    say(f"{remove_stale_images()} stale images removed")
    return OK


def _in_docker() -> bool:
    asked = os.environ.get("HOLDOVER_BACKEND")
    return asked == "docker" or (not asked and _engine_answers())


def _engine_answers() -> bool:
    try:
        with closing(docker.from_env(timeout=5)) as engine:
            return bool(engine.ping())
    except (DockerException, OSError):
        return False


COMMANDS = {
    "build": lambda: _each(ensure_docker_image),
    "rootfs": lambda: _each(ensure_rootfs),
    "all": ensure_all,
    "auto": ensure_whichever_runs,
    "first": ensure_first,
    "reference": reference,
}
CHORES = {"is-built": _is_built, "prune": _prune}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox_runner.image", description=__doc__)
    parser.add_argument("command", choices=[*COMMANDS, RUNTIME, *CHORES])
    parser.add_argument("runtime", nargs="?", default="", help=f"which one, for the command {RUNTIME}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
