"""Command line of the builder: ``python -m sandbox_runner.image build | rootfs | all | auto | …``."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing
from dataclasses import replace

import docker
from docker.errors import DockerException

from sandbox_runner.errors import BackendUnavailable

from . import ImageReference, ensure_docker_image, ensure_rootfs, reference
from .docker_image import has_docker_image


def main() -> int:
    """Build what is asked for and print its tag, digest and root file system."""
    started = time.monotonic()
    command = _arguments().command
    if command == "is-built":
        return 0 if _is_built() else 1
    try:
        built = COMMANDS[command]()
    except BackendUnavailable as problem:
        sys.stderr.write(f"sandbox image: {problem}\n")
        return 2
    sys.stdout.write(f"tag     {built.tag}\ndigest  {built.digest or '(not built)'}\nrootfs  {built.rootfs_path}\n")
    sys.stderr.write(f"sandbox image: done in {time.monotonic() - started:.1f} s\n")
    return 0


def ensure_whichever_runs() -> ImageReference:
    """The Docker image where an engine answers, else the root file system."""
    return ensure_docker_image() if _engine_answers() else ensure_rootfs()


def ensure_all() -> ImageReference:
    """The root file system, and the Docker image where an engine answers."""
    return (
        replace(ensure_docker_image(), rootfs_path=ensure_rootfs().rootfs_path)
        if _engine_answers()
        else ensure_rootfs()
    )


def _is_built() -> bool:
    """Whether what sandboxes of this machine start from is there and up to date."""
    return has_docker_image() if _engine_answers() else bool(reference().digest)


def _engine_answers() -> bool:
    try:
        with closing(docker.from_env(timeout=5)) as engine:
            return bool(engine.ping())
    except (DockerException, OSError):
        return False


COMMANDS = {
    "build": ensure_docker_image,
    "rootfs": ensure_rootfs,
    "all": ensure_all,
    "auto": ensure_whichever_runs,
    "reference": reference,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox_runner.image", description=__doc__)
    parser.add_argument("command", choices=[*COMMANDS, "is-built"])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
