"""Backends that start sandboxes: containers of a Docker engine, or namespaces of this machine."""

from __future__ import annotations

import os

from sandbox_runner.errors import BackendUnavailable, EngineAway

from .base import Backend
from .docker import DockerBackend, ask_engine
from .docker_problems import root_of
from .namespace import NamespaceBackend
from .pool import Pool

__all__ = ["Backend", "DockerBackend", "NamespaceBackend", "Pool", "choose"]

NAMES = ("docker", "namespace")
_CURE = (
    "start it (`systemctl start docker`), or name another with DOCKER_HOST, "
    "or choose the namespace sandbox for your own code (--backend namespace)"
)


def choose(name: str | None = None) -> Backend:
    """Choose the backend of this process, by argument or by ``HOLDOVER_BACKEND``.

    By default it is docker if an engine answers, else namespace. A named backend is used or raises an error; it is
    never replaced by a weaker one. Blocks for up to two seconds.

    :raises BackendUnavailable: the name is unknown, or docker was named and no engine answers.
    """
    name = name or os.environ.get("HOLDOVER_BACKEND") or None
    if name not in {None, *NAMES}:
        raise BackendUnavailable(f"there is no backend {name!r}; there are {' and '.join(NAMES)}")
    if name == "namespace":
        return NamespaceBackend()
    try:
        ask_engine(lambda engine: engine.ping())
    except BackendUnavailable as problem:
        if name == "docker":
            # Someone without permission is told so, not told to start the engine.
            told = str(problem) if isinstance(root_of(problem), PermissionError) else f"{problem}; {_CURE}"
            raise EngineAway(told) from problem
        return NamespaceBackend()
    return DockerBackend()
