"""What names the sandbox image; pure but for reading the files it is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .fingerprint import inputs
from .paths import data_dir
from .selection import selected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox_runner.runtimes.model import Runtime

REPOSITORY: Final = "holdover-sandbox"
ENTRYPOINT: Final = ("/usr/bin/python3", "-I", "-S", "-u", "/usr/lib/holdover/supervisor.py")
"""How the guest starts, in every backend; the Docker image has it as its entry point."""


@dataclass(frozen=True, slots=True)
class ImageReference:
    """One sandbox image.

    ``tag`` names its inputs and is known before it is built. ``digest`` (``sha256:…``) identifies what was built:
    the engine's image id, or the content of the root file system; empty while nothing is built. ``rootfs_path`` is
    where the unpacked root file system of this tag is, or will be.
    """

    tag: str
    digest: str
    rootfs_path: Path


def reference(runtimes: Sequence[Runtime] | None = None) -> ImageReference:
    """The image of the sources as they are, with the root file system's digest if that is built and up to date.

    :param runtimes: those of the image; by default the usual one's. Any other image has a folder of its own.
    """
    image = runtimes or selected()
    whole = inputs(image).whole
    folder = data_dir() / "image"
    if tuple(image) != selected():
        folder /= "+".join(runtime.identifier for runtime in image)
    path = folder / f"rootfs-{whole}"
    recorded = path.with_name(f"{path.name}.digest")
    digest = recorded.read_text().strip() if recorded.exists() and path.exists() else ""
    return ImageReference(f"{REPOSITORY}:{whole}", digest, path)
