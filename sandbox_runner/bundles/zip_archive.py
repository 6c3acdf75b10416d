"""Reads a zip that a stranger made: nothing is unpacked to a disk, and only what is asked for is unpacked at all.

How a zip is built: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, in the sections named here.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits
from sandbox_runner.bundles.bundle import (
    PACKAGES,
    Bundle,
    Entry,
    LeftOut,
    checked,
    shown_path,
    without_top_folder,
)
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import IO, BinaryIO
    from zipfile import ZipInfo

    from sandbox_runner.bundles.bundle import Readable

# Sections 4.3.7 and 4.3.12: the least bytes of a file's own header; what its entry in the directory begins with.
_HEADER_BYTES: Final = 30
_ENTRY_MARK: Final = b"PK\x01\x02"
# Section 4.4.4: bit 0 is encryption, bit 11 says that names are UTF-8.
_ENCRYPTED: Final = 0x1
_UTF_8: Final = 0x800
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK_BYTES: Final = 1 * limits.MB
# What zipfile raises for bytes that are no zip, for numbers that cannot be, and for what it does not know.
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, ValueError, OverflowError, OSError)


def read_zip(file: BinaryIO, *, is_layer: bool = False, bytes_max: int = limits.ARCHIVE_BYTES_MAX) -> Bundle:
    """The files of a zip; ``file`` has to stay open for as long as they are read.

    :param is_layer: whether it is one for ``/opt``: packages are taken, and every path is as it is.
    :param bytes_max: how large the zip itself may be.

    :raises ScenarioError: it is none, is larger than Lambda takes, or holds what no scenario can have.
    """
    check_size(file, bytes_max)
    _check_count(file)
    try:
        archive = zipfile.ZipFile(file)
    except UnicodeDecodeError:
        raise ScenarioError(say("archive-name-not-utf-8")) from None
    except _BROKEN:
        raise ScenarioError(say("archive-broken")) from None
    infos = [(_name(info), info) for info in archive.infolist()]
    _check_overlaps([info for _, info in infos], archive.start_dir)
    left_out = LeftOut(PACKAGES if is_layer else frozenset())
    by_path = {path: info for path, info in infos if not path.endswith("/")}
    for path in (path for path, _ in infos if path.endswith("/")):
        # A folder that was left out by whoever made the zip, so that it is told.
        if left_out.leaves_out(name := path.rstrip("/").rpartition("/")[2]):
            left_out.folders[name] += 0

    def read(entry: Entry) -> bytes:
        with stream(entry) as member:
            return member.read(entry.size + 1)

    def stream(entry: Entry) -> AbstractContextManager[Readable]:
        return _opened(archive, by_path[entry.path], entry.path)

    found = checked(_entries(infos), read, left_out)
    bundle = replace(found, stream=stream, original=None if found.left_out else file)
    return bundle if is_layer else without_top_folder(bundle)


def check_size(file: BinaryIO, bytes_max: int) -> int:
    """The size of a zip in bytes.

    :raises ScenarioError: it is more than ``bytes_max``.
    """
    size = file.seek(0, io.SEEK_END)
    if size > bytes_max:
        mb, most = -(-size // limits.MB), bytes_max // limits.MB
        if bytes_max != limits.ARCHIVE_BYTES_MAX:
            raise ScenarioError(say("archive-too-large-here", mb=mb, most=most))
        raise ScenarioError(say("archive-too-large", mb=mb, most=most, bytes=limits.CREATE_REQUEST_BYTES_MAX))
    return size


def _check_count(file: BinaryIO) -> None:
    """Refuse too many entries before an object is made of each; what the zip says of their number proves nothing."""
    count, kept = 0, b""
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        count += (kept + chunk).count(_ENTRY_MARK)
        kept = chunk[-len(_ENTRY_MARK) + 1 :]
    if count > limits.ARCHIVE_ENTRIES_MAX:
        raise ScenarioError(say("archive-too-many-files", files=count, most=limits.ARCHIVE_ENTRIES_MAX))


def _check_overlaps(infos: Sequence[ZipInfo], end: int) -> None:
    """Two files in the same bytes are how a small zip becomes a large one: https://www.bamsoftware.com/hacks/zipbomb/."""
    starts = sorted((info.header_offset, info.header_offset + _HEADER_BYTES + info.compress_size) for info in infos)
    if starts and starts[0][0] < 0:
        raise ScenarioError(say("archive-broken"))
    for (_, ends), (begins, _) in pairwise([*starts, (end, end)]):
        if ends > begins:
            raise ScenarioError(say("archive-overlaps"))


def _name(info: ZipInfo) -> str:
    """The name as its maker meant it: many write UTF-8 without saying so, and zipfile then reads code page 437."""
    name = info.orig_filename
    if info.flag_bits & _UTF_8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        raise ScenarioError(say("archive-name-not-utf-8")) from None


def _entries(infos: Sequence[tuple[str, ZipInfo]]) -> Iterator[Entry]:
    for path, info in infos:
        mode = info.external_attr >> 16
        if not path.endswith("/"):
            is_regular = stat.S_IFMT(mode) in (0, stat.S_IFREG)
            yield Entry(path, info.file_size, bool(mode & 0o111), is_regular)
        elif any(part in ("", "..") for part in path[:-1].split("/")):
            raise ScenarioError(say("bundle-path-outside", path=shown_path(path)))


@contextmanager
def _opened(archive: zipfile.ZipFile, info: ZipInfo, path: str) -> Iterator[Readable]:
    if info.flag_bits & _ENCRYPTED:
        raise ScenarioError(say("archive-encrypted", path=shown_path(path)))
    if info.compress_type not in _METHODS:
        raise ScenarioError(say("archive-method", path=shown_path(path)))
    try:
        member = archive.open(info)
    except (*_BROKEN, EOFError, RuntimeError):
        raise ScenarioError(say("archive-damaged", path=shown_path(path))) from None
    with member:
        yield _Member(member, info.file_size, path)


class _Member:
    """One file of a zip, whose end is where the zip says it is."""

    def __init__(self, member: IO[bytes], size: int, path: str) -> None:
        self._member = member
        self._left = size
        self._path = path

    def read(self, size: int = -1, /) -> bytes:
        try:
            data = self._member.read(size)
        except (*_BROKEN, EOFError, RuntimeError):
            raise self._damaged() from None
        self._left -= len(data)
        if self._left < 0 or (self._left > 0 and (size < 0 or len(data) < size)):
            raise self._damaged()
        return data

    def _damaged(self) -> ScenarioError:
        return ScenarioError(say("archive-damaged", path=shown_path(self._path)))
