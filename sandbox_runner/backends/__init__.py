"""Where sandboxes come from: containers of a Docker engine, or namespaces of this machine."""

from __future__ import annotations

import os

from sandbox_runner.errors import BackendUnavailable

from .base import Backend
from .docker import DockerBackend, engine_answers
from .namespace import NamespaceBackend
from .pool import Pool

__all__ = ["Backend", "DockerBackend", "NamespaceBackend", "Pool", "choose"]

NAMES = ("docker", "namespace")


def choose(name: str | None = None) -> Backend:
    """The backend for the life of a process: the one that was asked for, by argument or by ``HOLDOVER_BACKEND``.

    Nobody having asked, it is docker if an engine answers, else namespace. Whoever asks gets what was asked for or
    an error, never something weaker in its place. Blocks for up to two seconds.

    :raises BackendUnavailable: the name is unknown, or no Docker engine answers although docker was asked for.
    """
    name = name or os.environ.get("HOLDOVER_BACKEND") or None
    if name not in {None, *NAMES}:
        raise BackendUnavailable(f"there is no backend {name!r}; there are {' and '.join(NAMES)}")
    if name == "namespace":
        return NamespaceBackend()
    if engine_answers():
        return DockerBackend()
    if name == "docker":
        raise BackendUnavailable(
            "no Docker engine answers; start it (`systemctl start docker`), or name another with DOCKER_HOST, "
            "or choose the namespace sandbox for your own code (--backend namespace)"
        )
    return NamespaceBackend()
