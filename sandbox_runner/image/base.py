"""Debian's part: a public base image where a registry answers, else an archive of the same suite made here."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import docker
from docker.errors import DockerException

from . import pins
from .commands import need, run, say
from .manifest import machine
from .places import cache_dir

if TYPE_CHECKING:
    from pathlib import Path


def archive() -> Path:
    """A tar of the suite's smallest system with Python, without device nodes; kept in the cache."""
    target = cache_dir() / f"base-{pins.SUITE}-{machine()}.tar"
    if not target.exists():
        need("mmdebstrap", purpose="make a Debian file system")
        say(f"making a Debian {pins.SUITE} file system (about 20 seconds)")
        draft = target.with_name(f".{os.getpid()}-{target.name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        run(
            [
                *("mmdebstrap", "--variant=minbase", "--include=python3", "--skip=output/dev"),
                *("--format=tar", pins.SUITE, draft),
            ]
        )
        draft.rename(target)
    return target


def image(engine: docker.DockerClient) -> str:
    """The reference of a base image that ``engine`` can build from."""
    if _registry_answers():
        say(f"building on the public base {pins.PUBLIC_BASE}")
        return pins.PUBLIC_BASE
    say("no image registry answers: building on a base made here")
    return _imported(engine)


def _registry_answers() -> bool:
    """Whether the public base can be had: it is there already, or its registry names it within a few seconds."""
    try:
        with closing(docker.from_env(timeout=8)) as engine:
            if engine.images.list(name=pins.PUBLIC_BASE):
                return True
            engine.images.get_registry_data(pins.PUBLIC_BASE)
    except (DockerException, OSError):
        return False
    return True


def _imported(engine: docker.DockerClient) -> str:
    name = "holdover-base"
    tar = archive()
    tag = f"{pins.SUITE}-{int(tar.stat().st_mtime)}"
    if not engine.images.list(name=f"{name}:{tag}"):
        engine.api.import_image_from_file(str(tar), repository=name, tag=tag)
    return f"{name}:{tag}"
