"""Installed packages on this machine's disk, by what they are: unpacked, and as a tar file for an engine.

What comes out of a build sandbox is believed in nothing: it is unpacked by this module alone, which makes folders and
regular files and refuses everything else. An entry is whole or absent. When all of them together are larger than they
may be, those that were not used for longest go first; one that was used within :data:`KEPT_S` stays.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import tarfile
import time
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from sandbox_runner.backends.base import ShownFolder
from sandbox_runner.limits import MB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Longer than any run takes: its sandboxes still show the folder.
KEPT_S: Final = 2 * 3600
# Who changes his code and runs it again has the same packages, and waits for no index.
RECENT_S: Final = 3600
_NAME_BYTES_MAX: Final = 255
_PATH_CHARACTERS_MAX: Final = 1_000
_DEPTH_MAX: Final = 60


Held: TypeAlias = AbstractContextManager[object]


class RefusedArchiveError(Exception):
    """An archive that is not unpacked, with the name of the entry that is to blame."""


@dataclass(frozen=True, slots=True)
class Installed:
    """One entry of the store.

    :ivar facts: what was noted when it was made.
    """

    folder: ShownFolder
    facts: dict[str, Any]


class Store:
    """A folder with an entry for each key.

    :param bytes_max: what all entries together may take.
    :param forget: called with an entry's name before it is removed; false keeps it.
    """

    def __init__(self, root: Path, bytes_max: int, forget: Callable[[str], bool] = lambda _: True) -> None:
        self._root = root
        self._bytes_max = bytes_max
        self._forget = forget

    def find(self, key: str) -> Installed | None:
        """The entry of that key, which counts as used now."""
        entry = self._root / key
        try:
            facts = json.loads((entry / "facts.json").read_text())
            os.utime(entry)
        except (OSError, ValueError):
            return None
        return Installed(self._shown(key), facts)

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """A place to receive an archive; it is gone afterwards unless it was kept."""
        folder = self._root / f".draft-{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir(parents=True, mode=0o755)
        try:
            yield Draft(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, draft: Draft, key: str, facts: dict[str, Any]) -> Installed:
        """Unpack what a draft received and make it the entry of ``key``.

        :raises RefusedArchiveError: there is something else in it than files and folders.
        """
        draft.close()
        size = unpack(draft.archive, draft.folder / "files")
        whole = {**facts, "bytes": size, "stored_bytes": size + draft.archive.stat().st_size}
        (draft.folder / "facts.json").write_text(json.dumps(whole))
        draft.folder.chmod(0o755)
        # Somebody else may have made the same meanwhile: that one is as good.
        with suppress(OSError):
            draft.folder.rename(self._root / key)
        kept = self.find(key)
        if kept is None:
            raise OSError(f"the entry {key} of the package store is not complete")
        self.tidy()
        return kept

    def tidy(self) -> int:
        """Remove what is too much, and what a dead process left; returns how many entries went."""
        entries = sorted(
            (each for each in self._root.iterdir() if each.is_dir() and each.name not in {".locks", ".recent"}),
            key=_used_at,
        )
        now = time.time()
        total = sum(map(_stored_bytes, entries))
        removed = 0
        for entry in entries:
            is_idle = now - _used_at(entry) > KEPT_S
            is_left = entry.name.startswith(".")
            if is_idle and (is_left or total > self._bytes_max) and (is_left or self._forget(self.name_of(entry.name))):
                total -= _stored_bytes(entry)
                removed += 1
                self._remove(entry)
        return removed

    def note_lock(self, key: str, lock: str) -> None:
        """Note what was found out for a manifest, for those who ask again soon."""
        folder = self._root / ".recent"
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{key}-{secrets.token_hex(4)}"
        draft.write_text(lock)
        draft.rename(folder / key)
        for old in folder.iterdir():
            with suppress(OSError):
                if time.time() - old.stat().st_mtime > RECENT_S:
                    old.unlink()

    def recent_lock(self, key: str) -> str:
        """What was found out within :data:`RECENT_S`; empty where nothing was."""
        noted = self._root / ".recent" / key
        try:
            return noted.read_text() if time.time() - noted.stat().st_mtime <= RECENT_S else ""
        except OSError:
            return ""

    def try_to_hold(self, key: str) -> Held | None:
        """The right to make the entry of ``key``; ``None`` while another process has it. It ends with the process."""
        folder = self._root / ".locks"
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / key).open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return closing(file)

    def _remove(self, entry: Path) -> None:
        going = self._root / f".going-{secrets.token_hex(8)}"
        with suppress(OSError):
            entry.rename(going)
            shutil.rmtree(going, ignore_errors=True)

    def _shown(self, key: str) -> ShownFolder:
        entry = self._root / key
        return ShownFolder(self.name_of(key), str(entry / "files"), str(entry / "packages.tar"))

    def name_of(self, key: str) -> str:
        """What the shown folder of that entry is called."""
        return f"{self._id()}-{key}"

    def _id(self) -> str:
        """Tells the volumes of this store from those of another on the same engine."""
        place = self._root / ".id"
        if not place.exists():
            draft = self._root / f".id-{secrets.token_hex(4)}"
            draft.write_text(secrets.token_hex(4))
            with suppress(FileExistsError):
                os.link(draft, place)
            draft.unlink()
        return place.read_text()


class Draft:
    """Receives one archive. What is over ``bytes_max`` is refused."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = folder / "packages.tar"
        self._file = self.archive.open("wb")
        self._size = 0

    def write(self, data: bytes, bytes_max: int) -> None:
        """:raises RefusedArchiveError: it is too large."""
        self._size += len(data)
        if self._size > bytes_max:
            raise RefusedArchiveError("the archive as a whole")
        self._file.write(data)

    def close(self) -> None:
        """Everything is there."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def unpack(archive: Path, target: Path) -> int:
    """Unpack folders and regular files below ``target``, which must not exist; returns their bytes.

    :raises RefusedArchiveError: an entry is anything else, or its name leads elsewhere or comes twice.
    """
    target.mkdir(mode=0o755)
    total = 0
    try:
        with tarfile.open(archive, "r:") as entries:
            for entry in entries:
                path = target.joinpath(*_parts(entry.name))
                if entry.isdir():
                    path.mkdir(mode=0o755)
                elif entry.isreg() and not entry.issparse():
                    total += _write(entries, entry, path)
                else:
                    raise RefusedArchiveError(entry.name)
    except (
        tarfile.TarError,
        FileExistsError,
        NotADirectoryError,
        FileNotFoundError,
        UnicodeError,
        ValueError,
    ) as problem:
        raise RefusedArchiveError(str(problem)) from problem
    return total


def _write(entries: tarfile.TarFile, entry: tarfile.TarInfo, path: Path) -> int:
    source = entries.extractfile(entry)
    assert source is not None  # of a regular file
    mode = 0o777 if entry.mode & 0o100 else 0o666
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode), "wb") as file:
        shutil.copyfileobj(source, file, MB)
        os.fchmod(file.fileno(), mode)
        return file.tell()


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a relative path that stays below where it begins."""
    parts = PurePosixPath(name).parts
    sound = (
        parts
        and not name.startswith("/")
        and len(name) <= _PATH_CHARACTERS_MAX
        and len(parts) <= _DEPTH_MAX
        and all(part not in {".", ".."} and "\0" not in part for part in parts)
        and all(len(os.fsencode(part)) <= _NAME_BYTES_MAX for part in parts)
    )
    if not sound:
        raise RefusedArchiveError(name)
    return parts


def _used_at(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except OSError:
        return 0.0


def _stored_bytes(entry: Path) -> int:
    try:
        return int(json.loads((entry / "facts.json").read_text())["stored_bytes"])
    except (OSError, ValueError, KeyError):
        return 0
