"""The layers of a function as a folder that its sandboxes are shown at ``/opt``, merged and kept by what is in them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.backends.base import ShownFolder
    from sandbox_runner.dependencies.store import Store

# Part of every key: another way of merging is another content.
_FORMAT: Final = "layers-1"


def folder_of(files: Mapping[str, str], store: Store) -> ShownFolder:
    """The folder with these files, which are Base64 by path. Blocks.

    Every file may be executed: a zip made on Windows says of none that it may.
    """
    written = json.dumps([_FORMAT, sorted(files.items())]).encode("ascii")
    key = hashlib.sha256(written).hexdigest()
    if known := store.find(key):
        return known.folder
    with store.draft() as draft:
        draft.write(_archive(files), 2 * limits.UNZIPPED_BYTES_MAX)
        return store.keep(draft, key, {}).folder


def _archive(files: Mapping[str, str]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for folder in sorted({folder for path in files for folder in _folders(path)}):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for path, text in files.items():
            data = base64.b64decode(text)
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), 0o777
            archive.addfile(entry, io.BytesIO(data))
    return written.getvalue()


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
