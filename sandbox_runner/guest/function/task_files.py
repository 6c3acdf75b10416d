"""Writes the function's files before any user code runs, which reads them below ``/var/task``.

That mount is read-only; the same file system is also mounted for us, writable, at ``/run/store/task``.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from ..manifest import RUNTIMES
from .processes import TASK_STORE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The code of a zip that the function names, and packages that were installed for it, mounted read-only; absent without.
ARCHIVE: Final = Path("/run/archive")
PACKAGES: Final = Path("/run/packages")
# The image's `/var/runtime` and `/var/lang` point here, because its own file system is read-only.
LINKS: Final = Path("/run/holdover")
# Where the links of the image's trust stores lead to.
TRUST: Final = "trusted.pem"
# Bundles of certificates that programs bring along and that their clients trust instead of the image's.
_BUNDLES: Final = (("certifi", "cacert.pem"), ("botocore", "cacert.pem"))


class RefusedPathError(Exception):
    """A file's path leads out of the task root."""


def write_task_files(files: Mapping[str, str | Mapping[str, str]], root: Path = Path(TASK_STORE)) -> None:
    """Create every file below ``root``: folders 0755, files 0777. ``root`` must be empty.

    A file is its text, or a mapping whose ``base64`` is its bytes.

    The kernel checks a file's mode before it checks for a read-only mount. On Lambda the whole file system is
    read-only, which it checks first: the error is the same, EROFS and not EACCES, only if everyone may write.
    Everyone may execute: a zip made on Windows says of no file that it may be, and a text says nothing.

    :raises RefusedPathError: a path is absolute, empty or leads out of ``root``; nothing has been written then.
    :raises OSError: there is no room, or two paths contradict each other.
    """
    targets = {task_path(root, name): written for name, written in files.items()}
    for target, written in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(target, flags), "wb") as file:  # noqa: PTH123 - O_EXCL and O_NOFOLLOW matter here
            os.fchmod(file.fileno(), 0o777)
            file.write(_bytes(written))


def _bytes(written: str | Mapping[str, str]) -> bytes:
    return written.encode("utf-8", "surrogatepass") if isinstance(written, str) else base64.b64decode(written["base64"])


def task_path(root: Path, name: str) -> Path:
    """The path of the file ``name``.

    :raises RefusedPathError: it is not below ``root``.
    """
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or name.endswith("/") or ".." in parts or "\0" in name:
        raise RefusedPathError(f"{name!r} is no path inside of the task root")
    return root.joinpath(*parts)


def link_shown(root: Path = Path(TASK_STORE), places: Sequence[Path] = (ARCHIVE, PACKAGES)) -> bool:
    """Show what is mounted at ``places`` beneath the function's own files; returns whether there is any.

    Its own win, and what comes from an earlier place wins over what comes from a later one.
    """
    mounted = [place for place in places if place.is_dir()]
    for place in mounted:
        _link_all(root, place)
    return bool(mounted)


def _link_all(root: Path, place: Path) -> None:
    waiting = [place]
    while waiting:
        folder = waiting.pop()
        for entry in sorted(folder.iterdir()):
            shown = root / entry.relative_to(place)
            if not shown.exists():
                shown.symlink_to(entry)
            elif shown.is_dir() and entry.is_dir():
                _unfolded(shown)
                waiting.append(entry)


def link_runtime(name: str, links: Path = LINKS, root: Path = Path(TASK_STORE), *, trust: str = "") -> None:
    """Point ``/var/runtime`` and ``/var/lang`` at a runtime of the image, and the trust stores at ``trust``.

    Among these are those that the function's files and packages below ``root`` bring along.

    :param trust: certificates in PEM; there are none without.
    """
    links.mkdir(parents=True, exist_ok=True)
    (links / TRUST).unlink(missing_ok=True)
    if trust:
        (links / TRUST).write_text(trust)
        _link_bundles(root, links / TRUST)
    for part in ("runtime", "lang"):
        link = links / part
        link.unlink(missing_ok=True)
        link.symlink_to(RUNTIMES / name / part)


def _link_bundles(root: Path, trusted: Path) -> None:
    for folder in [root, *(each for each in root.rglob("*") if each.is_dir() and not each.is_symlink())]:
        for package, name in _BUNDLES:
            bundle = folder / package / name
            if bundle.is_file():
                _unfolded(folder / package)
                bundle.unlink()
                bundle.symlink_to(trusted)


def _unfolded(folder: Path) -> None:
    """Of a folder that is one link, make a folder with a link for each entry."""
    if folder.is_symlink():
        packages = folder.readlink()
        folder.unlink()
        folder.mkdir()
        for entry in packages.iterdir():
            (folder / entry.name).symlink_to(entry)
