"""The unpacked root file system that the ``namespace`` backend uses: the image's content without an engine.

``<data>/image/system-<hash>/`` holds Debian and the runtimes; ``<data>/image/rootfs-<hash>/`` is the same by hard
links, plus the guest. ``<data>/image/rootfs`` points at the newest and ``<data>/image/digest`` is its digest. A new
guest is a new folder, so sandboxes that run on the old one are not disturbed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import base, overlay
from .commands import lock, made_whole, run, say, within
from .fingerprint import inputs, joined, tree_digest
from .parts import make_parts
from .paths import PACKAGE, data_dir
from .progress import Progress
from .reference import ImageReference, reference
from .selection import selected

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sandbox_runner.runtimes.model import Runtime

_KEPT: Final = 3
_HOLDOVER: Final = Path("usr/lib/holdover")
_FINISH: Final = ("/usr/bin/python3", "-I", "/usr/lib/holdover/finish.py")


def ensure_rootfs(runtimes: Sequence[Runtime] | None = None) -> ImageReference:
    """Build the root file system unless it is there and up to date.

    :param runtimes: those of the image; by default the usual one's.
    :raises BackendUnavailable: it cannot be built here; says what is missing and how to get it.
    """
    image = runtimes or selected()
    wanted = reference(image)
    if not wanted.digest:
        with lock(data_dir() / "image"):
            wanted = reference(image)
            if not wanted.digest:
                _build(wanted.rootfs_path, image)
                wanted = reference(image)
    return wanted


def _build(target: Path, image: Sequence[Runtime]) -> None:
    with Progress() as progress:
        system = _system(target.parent / f"system-{inputs(image).system}", image, progress)
    say("adding the guest to the root file system")
    with made_whole(target) as draft:
        run(["cp", "--archive", "--link", f"{system}/.", draft])
        shutil.rmtree(draft / _HOLDOVER)
        overlay.assemble_guest(draft / _HOLDOVER)
        within(draft, [*_FINISH, "guest"])
        digest = joined(_recorded(system), tree_digest(draft / _HOLDOVER))
    _record(target, digest)
    _publish(target, digest)
    forget_old(target.parent, in_use=(target, system))


def _system(target: Path, image: Sequence[Runtime], progress: Progress) -> Path:
    if not target.exists():
        debian = make_parts(lambda: base.archive(image[0].suite), progress, image)
        with progress.part("image"), made_whole(target) as draft:
            _unpack(debian, draft)
            finish = draft / _HOLDOVER / "finish.py"
            finish.parent.mkdir()
            shutil.copyfile(PACKAGE / "inside" / "finish.py", finish)
            say("slimming and precompiling the root file system")
            within(draft, [*_FINISH, "system"])
            _overlay(draft, image)
            within(draft, [*_FINISH, "runtimes"])
            digest = tree_digest(draft)
        _record(target, digest)
    return target


def _unpack(archive: Path, target: Path) -> None:
    owner = [] if os.geteuid() == 0 else ["--no-same-owner"]
    run(["tar", "--extract", "--file", archive, "--directory", target, *owner, "--exclude=./dev/*"])


def _overlay(root: Path, image: Sequence[Runtime]) -> None:
    with made_whole(root.with_name(f"{root.name}-overlay")) as layer:
        overlay.assemble_system(layer, image)
        run(["cp", "--recursive", "--no-dereference", "--preserve=mode,links", f"{layer}/.", root])
    shutil.rmtree(root.with_name(f"{root.name}-overlay"))


def _record(path: Path, digest: str) -> None:
    path.with_name(f"{path.name}.digest").write_text(f"sha256:{digest}\n")


def _recorded(path: Path) -> str:
    return path.with_name(f"{path.name}.digest").read_text().strip()


def _publish(target: Path, digest: str) -> None:
    (target.parent / "digest").write_text(f"sha256:{digest}\n")
    link = target.parent / ".rootfs"
    link.unlink(missing_ok=True)
    link.symlink_to(target.name)
    link.rename(target.parent / "rootfs")


def forget_old(folder: Path, *, in_use: Collection[Path]) -> None:
    """Remove all but the newest trees, never one of ``in_use``.

    Those are told by name: a tree copied with its times is as old as what it was copied from.
    """
    for kind in ("rootfs-*[!t]", "system-*[!t]"):
        newest_first = sorted(folder.glob(kind), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in newest_first[_KEPT:]:
            if path not in in_use:
                path.with_name(f"{path.name}.digest").unlink(missing_ok=True)
                shutil.rmtree(path, ignore_errors=True)
