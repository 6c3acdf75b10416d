"""The image that Docker builds on: the public base where a registry answers, else the archive made here."""

from __future__ import annotations

from contextlib import closing

import docker
from docker.errors import DockerException

from . import pins
from .base import archive
from .commands import say


def base_image(engine: docker.DockerClient, suite: str) -> str:
    """The reference of a base image of that suite that ``engine`` can build from."""
    public = pins.PUBLIC_BASE.format(suite=suite)
    if _registry_answers(public):
        say(f"building on the public base {public}")
        return public
    say("no image registry answers: building on a base made here")
    return _imported(engine, suite)


def _registry_answers(public: str) -> bool:
    """Whether the public base can be had: it is there already, or its registry names it within a few seconds."""
    try:
        with closing(docker.from_env(timeout=8)) as engine:
            if engine.images.list(name=public):
                return True
            engine.images.get_registry_data(public)
    except (DockerException, OSError):
        return False
    return True


def _imported(engine: docker.DockerClient, suite: str) -> str:
    name = "holdover-base"
    tar = archive(suite)
    tag = f"{suite}-{int(tar.stat().st_mtime)}"
    if not engine.images.list(name=f"{name}:{tag}"):
        engine.api.import_image_from_file(str(tar), repository=name, tag=tag)
    return f"{name}:{tag}"
