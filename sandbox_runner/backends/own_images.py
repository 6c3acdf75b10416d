"""The images that hold one runtime each: which are built, and how much of a disk each takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.image import reference
from sandbox_runner.image.selection import image_of, own_image
from sandbox_runner.limits import MB
from sandbox_runner.runtimes.registry import RUNTIMES

from .docker import ask_engine

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox_runner.runtimes.model import Runtime


def sizes_mb(backend: str) -> dict[str, int]:
    """By runtime, the megabytes of its own image for that backend; 0 where it is not built.

    :raises BackendUnavailable: the engine does not answer.
    """
    size = _in_docker_mb if backend == "docker" else _unpacked_mb
    return {each.identifier: size(each) for each in RUNTIMES if own_image(each.identifier)}


def _in_docker_mb(runtime: Runtime) -> int:
    tag = reference(image_of(runtime)).tag
    found = ask_engine(lambda engine: engine.images(tag))
    return round(sum(int(image["Size"]) for image in found) / MB)


def _unpacked_mb(runtime: Runtime) -> int:
    root = reference(image_of(runtime)).rootfs_path
    return round(size_of(root.parent) / MB) if root.is_dir() else 0


def size_of(folder: Path) -> int:
    """The bytes of all files below it; what has several names counts once."""
    sizes: dict[tuple[int, int], int] = {}
    for path in folder.rglob("*"):
        found = path.lstat()
        sizes[found.st_dev, found.st_ino] = found.st_blocks * 512
    return sum(sizes.values())
