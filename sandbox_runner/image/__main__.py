"""Command line of the builder: ``python -m sandbox_runner.image build | rootfs | auto | reference``."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing

import docker
from docker.errors import DockerException

from sandbox_runner.errors import BackendUnavailable

from . import ImageReference, ensure_docker_image, ensure_rootfs, reference


def main() -> int:
    """Build what is asked for and print its tag, digest and root file system."""
    started = time.monotonic()
    try:
        built = COMMANDS[_arguments().command]()
    except BackendUnavailable as problem:
        sys.stderr.write(f"sandbox image: {problem}\n")
        return 2
    sys.stdout.write(f"tag     {built.tag}\ndigest  {built.digest or '(not built)'}\nrootfs  {built.rootfs_path}\n")
    sys.stderr.write(f"sandbox image: done in {time.monotonic() - started:.1f} s\n")
    return 0


def ensure_whichever_runs() -> ImageReference:
    """The Docker image where an engine answers, else the root file system."""
    return ensure_docker_image() if _engine_answers() else ensure_rootfs()


def _engine_answers() -> bool:
    try:
        with closing(docker.from_env(timeout=5)) as engine:
            return bool(engine.ping())
    except (DockerException, OSError):
        return False


COMMANDS = {
    "build": ensure_docker_image,
    "rootfs": ensure_rootfs,
    "auto": ensure_whichever_runs,
    "reference": reference,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox_runner.image", description=__doc__)
    parser.add_argument("command", choices=sorted(COMMANDS))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
