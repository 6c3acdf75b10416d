"""Where sandboxes come from: containers of a Docker engine, or namespaces of this machine."""

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
    try:
        ask_engine(lambda engine: engine.ping())
    except BackendUnavailable as problem:
        if name == "docker":
            # Who may not use it is told so, and need not start it.
            told = str(problem) if isinstance(root_of(problem), PermissionError) else f"{problem}; {_CURE}"
            raise EngineAway(told) from problem
        return NamespaceBackend()
    return DockerBackend()
