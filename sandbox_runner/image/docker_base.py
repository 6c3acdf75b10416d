"""The image that Docker builds on: the public base where a registry answers, else the archive made here."""

from __future__ import annotations

from contextlib import closing

import docker
from docker.errors import DockerException

from . import pins
from .base import archive
from .commands import say


def base_image(engine: docker.DockerClient) -> str:
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
