"""What an engine has of sandboxes, and what of it nobody uses any more.

A container removes itself when it ends, not when it never began, and its volume stays. A worker removes what dead ones
of its installation left; what a killed command line left has no such heir.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from .docker_command import OWNER_LABEL

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import docker

# Longer than an engine takes from making a volume to starting the container that has it.
UNUSED_SECONDS: Final = 60.0


class Unused:
    """For how long things were seen unused.

    :param clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since_s: dict[str, float] = {}

    def for_a_while(self, unused: Collection[str]) -> Collection[str]:
        """Those of the unused that were so at each look for :data:`UNUSED_SECONDS`."""
        now_s = self._clock()
        self._since_s = {name: self._since_s.get(name, now_s) for name in unused}
        return {name for name, since_s in self._since_s.items() if now_s - since_s >= UNUSED_SECONDS}


def containers(engine: docker.APIClient, **filters: str) -> dict[str, str]:
    """The owners of sandboxes' containers, by name."""
    found: Any = engine.containers(all=True, filters={"label": OWNER_LABEL, **filters})
    return {_name(each): str(each["Labels"][OWNER_LABEL]) for each in found}


def volumes(engine: docker.APIClient, **filters: bool) -> dict[str, str]:
    """The owners of sandboxes' volumes, by name."""
    found = engine.volumes(filters={"label": OWNER_LABEL, **filters})["Volumes"] or []
    return {str(each["Name"]): str(each["Labels"][OWNER_LABEL]) for each in found}


def unused(engine: docker.APIClient) -> frozenset[str]:
    """The names of containers that were not started, and of volumes that no container has."""
    return frozenset(containers(engine, status="created")) | frozenset(volumes(engine, dangling=True))


def _name(container: dict[str, Any]) -> str:
    # An engine that has just begun to remove it may know only its id.
    return str((container["Names"] or [container["Id"]])[0]).removeprefix("/")
