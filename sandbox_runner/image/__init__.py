"""The sandbox image: built here, named by the content of what it is made from, the same for every backend.

``reference()`` names it, ``ensure_docker_image()`` and ``ensure_rootfs()`` make it unless it is there and up to date.
Layout and start of the guest: ``README.md`` beside this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .reference import ENTRYPOINT, ImageReference, reference
from .rootfs import ensure_rootfs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.runtimes.model import Runtime

__all__ = ["ENTRYPOINT", "HOW_TO_BUILD", "ImageReference", "ensure_docker_image", "ensure_rootfs", "reference"]


HOW_TO_BUILD = "python -m sandbox_runner.image runtime"
"""The command that builds the image of the runtime whose name follows."""


def ensure_docker_image(runtimes: Sequence[Runtime] | None = None) -> ImageReference:
    """Build the image unless the engine has it already.

    :param runtimes: those of the image; by default the usual one's.
    :raises BackendUnavailable: no engine answers, or the image cannot be built; says what is missing.
    """
    from . import docker_image  # noqa: PLC0415 - the engine's client loads slowly; who needs no engine goes without

    return docker_image.ensure_docker_image(runtimes)
