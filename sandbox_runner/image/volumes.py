"""Volumes of an engine with folders that sandboxes are shown read-only, filled once.

The archive is copied into a container that is never started, so nothing of what is in it runs meanwhile. A volume is
known to be whole by a second, empty one that is made after it was filled.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from docker.errors import APIError, NotFound

from sandbox_runner.errors import BackendUnavailable

if TYPE_CHECKING:
    from pathlib import Path

LABEL: Final = "holdover.shown"
_TARGET: Final = "/opt"


def volume_of(name: str) -> str:
    """The name of the volume with the files of a shown folder."""
    return f"holdover-shown-{name}"


def fill(engine: Any, image: str, name: str, archive: Path) -> None:
    """Make sure that the engine has the volume. Blocks.

    :param image: any image that the engine has.
    :raises BackendUnavailable: there is nothing here to fill it with.
    :raises DockerException: the engine refused, or does not answer.
    """
    volume = volume_of(name)
    whole = f"{volume}-whole"
    if _exists(engine, volume) and _exists(engine, whole):
        return
    if not archive.exists():
        raise BackendUnavailable(
            f"the engine does not have the folder {name}, and it is not here; `make image` makes it"
        )
    labels = {LABEL: name}
    engine.create_volume(volume, labels=labels)
    mount = {"Type": "volume", "Source": volume, "Target": _TARGET, "VolumeOptions": {"NoCopy": True}}
    config = {"Image": image, "Labels": labels, "NetworkDisabled": True, "HostConfig": {"Mounts": [mount]}}
    container = f"{volume}-{secrets.token_hex(4)}"
    engine.create_container_from_config(config, container)
    try:
        with archive.open("rb") as data:
            engine.put_archive(container, _TARGET, data)
    finally:
        with suppress(NotFound):
            engine.remove_container(container, force=True)
    engine.create_volume(whole, labels=labels)


def forget(engine: Any, name: str) -> bool:
    """Remove the volume of a shown folder; false if a sandbox uses it."""
    for volume in (f"{volume_of(name)}-whole", volume_of(name)):
        try:
            engine.remove_volume(volume)
        except NotFound:
            continue
        except APIError:
            return False
    return True


def _exists(engine: Any, volume: str) -> bool:
    try:
        engine.inspect_volume(volume)
    except NotFound:
        return False
    return True
