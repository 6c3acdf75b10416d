"""Zips that are kept in a folder of this machine, each under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Protocol

from sandbox_runner.bundles.folder import zip_bytes_max
from sandbox_runner.bundles.keeping import write_zip
from sandbox_runner.bundles.zip_archive import check_size
from sandbox_runner.errors import ArchiveMissing

if TYPE_CHECKING:
    from typing import BinaryIO

    from sandbox_runner.bundles.bundle import Bundle
    from sandbox_runner.scenario.carried import StoredArchive


class Archives(Protocol):
    """Where the zips are that scenarios name."""

    def open(self, archive: StoredArchive) -> BinaryIO:
        """Its bytes, from the beginning.

        :raises ArchiveMissing: it is not there.
        """
        ...


class ArchiveFolder:
    """Keeps zips in ``own``, and finds them there and in the folders of ``others``, by their digest or their name."""

    def __init__(self, own: Path, *others: Path) -> None:
        self._own = own
        self._others = others

    def keep(self, name: str, bundle: Bundle) -> dict[str, Any]:
        """See :class:`.keeping.Keeper`."""
        self._own.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=self._own)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                write_zip(bundle, file)
                size = check_size(file, zip_bytes_max())
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            Path(draft).rename(self._own / f"{digest}.zip")
        finally:
            Path(draft).unlink(missing_ok=True)
        return {"name": name, "sha256": digest, "bytes": size}

    def open(self, archive: StoredArchive) -> BinaryIO:
        """See :class:`Archives`."""
        for folder in (self._own, *self._others):
            for path in (*sorted(folder.glob(f"{archive.sha256}*.zip")), folder / PurePath(archive.name).name):
                if path.is_file():
                    return path.open("rb")
        raise ArchiveMissing(archive.name, archive.sha256, archive.bytes)
