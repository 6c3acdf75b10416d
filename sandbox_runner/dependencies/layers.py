"""Layers and kept zips as folders that sandboxes are shown, unpacked once and found again by what is in them.

A zip is copied to this machine's disk and compared with its digest, and what is in it goes from there to the store file
by file: none is ever in memory as a whole.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self, cast

from sandbox_runner import limits
from sandbox_runner.bundles.zip_archive import read_zip
from sandbox_runner.errors import ArchiveMissing, ScenarioError
from sandbox_runner.messages import cut, say
from sandbox_runner.scenario.carried import Layer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import BinaryIO

    from sandbox_runner.bundles.archive_folder import Archives
    from sandbox_runner.bundles.bundle import Bundle, Entry, Readable
    from sandbox_runner.dependencies.store import Draft, Installed, Store
    from sandbox_runner.scenario.carried import StoredArchive

# Part of every key: another way of merging is another content.
_FORMAT: Final = "layers-2"
_PIECE_BYTES: Final = 1 * limits.MB


@dataclass(frozen=True, slots=True)
class _Content:
    """One file on its way into the folder."""

    size: int
    open: Callable[[], AbstractContextManager[Readable]]


def unpacked(layers: Sequence[Layer], store: Store, archives: Archives) -> Installed:
    """The entry of the store with the files of ``layers``, a later one's in place of an earlier one's. Blocks.

    Every file may be executed: a zip made on Windows says of none that it may.

    :raises ArchiveMissing: a zip that one of them names is not here, or is another one.
    :raises ScenarioError: a zip cannot be unpacked, or they are together more than Lambda takes.
    """
    written = json.dumps([_FORMAT, [layer.sha256 or sorted(layer.files.items()) for layer in layers]]).encode("ascii")
    key = hashlib.sha256(written).hexdigest()
    if known := store.find(key):
        return known
    with store.draft() as draft:
        with ExitStack() as exits:
            merged: dict[str, _Content] = {}
            for number, layer in enumerate(layers):
                if (named := layer.archive) is None:
                    merged |= {path: _carried(text) for path, text in layer.files.items()}
                else:
                    copy = exits.enter_context(_Copy(named, archives, draft.folder / f"{number}.zip"))
                    merged |= {path: _packed(copy.bundle, entry) for path, entry in copy.bundle.entries.items()}
            _check(merged)
            _write(merged, draft)
        return store.keep(draft, key, {})


def unpacked_archive(archive: StoredArchive, store: Store, archives: Archives) -> Installed:
    """The same for one zip."""
    layer = Layer(name=archive.name, sha256=archive.sha256, bytes=archive.bytes)
    return unpacked((layer,), store, archives)


def check_unzipped(total: int) -> None:
    """:raises ScenarioError: so many bytes are more than Lambda takes, unzipped and with layers."""
    if total > limits.UNZIPPED_BYTES_MAX:
        mb, most = -(-total // limits.MB), limits.UNZIPPED_BYTES_MAX // limits.MB
        raise ScenarioError(say("bundle-too-large", mb=mb, most=most, bytes=limits.UNZIPPED_BYTES_MAX))


class _Copy:
    """A zip on this machine's disk, while it is unpacked."""

    def __init__(self, archive: StoredArchive, archives: Archives, place: Path) -> None:
        self._place = place
        digest = hashlib.sha256()
        with archives.open(archive) as source, place.open("wb") as target:
            while piece := source.read(_PIECE_BYTES):
                digest.update(piece)
                target.write(piece)
        if digest.hexdigest() != archive.sha256:
            raise ArchiveMissing(archive.name, archive.sha256, archive.bytes)
        self._file = place.open("rb")
        # Whoever kept it has looked at how large it may be here.
        self.bundle: Bundle = read_zip(self._file, is_layer=True, bytes_max=limits.UNZIPPED_BYTES_MAX)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._place.unlink(missing_ok=True)


def _carried(text: str) -> _Content:
    data = base64.b64decode(text)
    return _Content(len(data), lambda: io.BytesIO(data))


def _packed(bundle: Bundle, entry: Entry) -> _Content:
    return _Content(entry.size, lambda: bundle.open(entry))


def _check(merged: Mapping[str, _Content]) -> None:
    check_unzipped(sum(each.size for each in merged.values()))
    for path in merged:
        for folder in _folders(path):
            if folder in merged:
                raise ScenarioError(say("file-is-folder", path=cut(folder), other=cut(path)))


def _write(merged: Mapping[str, _Content], draft: Draft) -> None:
    with tarfile.open(fileobj=cast("BinaryIO", _Target(draft)), mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for folder in sorted({folder for path in merged for folder in _folders(path)}):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for path, content in merged.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = content.size, 0o777
            with content.open() as source:
                archive.addfile(entry, source)


class _Target:
    """A draft as the file that tarfile writes to."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def write(self, data: bytes) -> None:
        self._draft.write(data, 2 * limits.UNZIPPED_BYTES_MAX)


def _folders(path: str) -> Iterable[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
