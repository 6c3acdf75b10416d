"""Content hashes: of the inputs, which name an image, and of a finished file system, which identify it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .manifest import machine, manifest
from .paths import GUEST, PACKAGE
from .selection import selected

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.runtimes.model import Runtime

_LENGTH: Final = 16
_GUEST_FILES: Final = ("Dockerfile.guest", "inside/supervisor.py")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an image is made from, as two short hashes: everything but the guest, and all of it."""

    system: str
    whole: str


def inputs(runtimes: Sequence[Runtime] | None = None) -> Inputs:
    """The hashes of the files as they are now.

    :param runtimes: those of the image; by default the usual one's.
    """
    image = runtimes or selected()
    guest_files = [PACKAGE / name for name in _GUEST_FILES]
    ours = [path for path in _sources(PACKAGE) if path not in guest_files and path.suffix != ".md"]
    recipes = [repr(runtime.recipe) for runtime in image]
    system = _hash(ours, machine(), image[0].suite, json.dumps(manifest(image), sort_keys=True), *recipes)
    return Inputs(system, _hash([*_sources(GUEST), *guest_files], system))


def short_hash(*files: Path) -> str:
    """Names what is made from ``files``, which are of this package, so that a change of them makes it anew."""
    return _hash(files)


def short_name(requirements: Iterable[str]) -> str:
    """Names what is made from these packages, whose own names are too many for the name of a folder."""
    return _hash((), *requirements)


def tree_digest(root: Path) -> str:
    """sha256 over every path, mode, link target and content below ``root``."""
    seal = hashlib.sha256()
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted([*names, *folders]):
            path = Path(folder, name)
            mode = path.lstat().st_mode
            seal.update(f"{path.relative_to(root)}\0{mode:o}\0".encode(errors="surrogateescape"))
            seal.update(_content(path, mode))
    return seal.hexdigest()


def joined(*digests: str) -> str:
    """One digest for several."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _content(path: Path, mode: int) -> bytes:
    if stat.S_ISLNK(mode):
        return os.fsencode(path.readlink())
    if stat.S_ISREG(mode):
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").digest()
    return b""


def _sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _hash(paths: Iterable[Path], *more: str) -> str:
    seal = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        content = path.read_bytes()
        seal.update(f"{path.relative_to(PACKAGE.parent)}\0{len(content)}\0".encode())
        seal.update(content)
    return seal.hexdigest()[:_LENGTH]
