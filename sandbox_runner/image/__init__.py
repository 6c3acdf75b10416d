"""The sandbox image: built here, named by the content of what it is made from, the same for every backend.

``reference()`` names it, ``ensure_docker_image()`` and ``ensure_rootfs()`` make it unless it is there and up to date.
Layout and start of the guest: ``README.md`` beside this file.
"""

from __future__ import annotations

from .reference import ENTRYPOINT, ImageReference, reference
from .rootfs import ensure_rootfs

__all__ = ["ENTRYPOINT", "ImageReference", "ensure_docker_image", "ensure_rootfs", "reference"]


def ensure_docker_image() -> ImageReference:
    """Build the image unless the engine has it already.

    :raises BackendUnavailable: no engine answers, or the image cannot be built; says what is missing.
    """
    from . import docker_image  # noqa: PLC0415 - the engine's client loads slowly; who needs no engine goes without

    return docker_image.ensure_docker_image()
