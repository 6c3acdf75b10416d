"""What of a bundle a scenario carries, and what it names instead: a zip that is kept beside scenarios."""

from __future__ import annotations

import base64
import stat
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from sandbox_runner import limits
from sandbox_runner.bundles.bundle import shown_path
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    from sandbox_runner.bundles.bundle import Bundle
    from sandbox_runner.messages import Message

_PIECE_BYTES: Final = 1 * limits.MB
# The same files are the same zip, whenever they were written.
_DATE: Final = (1980, 1, 1, 0, 0, 0)


class Keeper(Protocol):
    """Where zips are kept that are more than a scenario carries."""

    def keep(self, name: str, bundle: Bundle) -> dict[str, Any]:
        """Keep all of ``bundle``; returns its ``name``, ``sha256`` and ``bytes`` as a scenario has them.

        :raises ScenarioError: it is damaged, or more than may be kept.
        """
        ...


def layer_of(name: str, bundle: Bundle, room: int, keeper: Keeper | None) -> dict[str, Any]:
    """The layer of a scenario that has all files of ``bundle``: carried where they fit into ``room``, else kept.

    :raises ScenarioError: they do not fit and nobody keeps them, or the keeper refuses.
    """
    if bundle.size <= room and len(bundle.entries) <= limits.ATTACHED_FILES_MAX:
        files = {path: base64.b64encode(bundle.read(each)).decode("ascii") for path, each in bundle.entries.items()}
        return {"name": shown_path(name), "files": files}
    if keeper is None:
        raise ScenarioError(say("layers-too-large", bytes=bundle.size, most=limits.ATTACHED_BYTES_MAX))
    return keeper.keep(shown_path(name), bundle)


def code_of(
    name: str, bundle: Bundle, first: Sequence[str], keeper: Keeper | None, *, spare: int = 0
) -> tuple[dict[str, Any], tuple[Message, ...]]:
    """The fields of a scenario's function that have the files of ``bundle``, and what has to be said of them.

    :param first: the paths that are shown before others.
    :param spare: for how many files there has to be room beside them.
    :raises ScenarioError: there are too many and nobody keeps them, or the keeper refuses.
    """
    is_carried = bundle.size <= limits.ATTACHED_BYTES_MAX and len(bundle.entries) <= limits.ATTACHED_FILES_MAX
    if keeper is None or is_carried:
        taken = bundle.take(first, spare=spare)
        return taken.to_json(), taken.left_out
    taken = bundle.take_texts(first, spare=spare)
    return {**taken.to_json(), "archive": keeper.keep(shown_path(name), bundle)}, taken.left_out


def room_beside(function: Mapping[str, Any]) -> int:
    """How many bytes a function of a scenario may carry besides what it has."""
    layers = [each["files"] for each in function.get("layers", ()) if isinstance(each, dict) and "files" in each]
    written = [text for files in (function.get("attached_files") or {}, *layers) for text in files.values()]
    return limits.ATTACHED_BYTES_MAX - sum(len(text) * 3 // 4 for text in written if isinstance(text, str))


def write_zip(bundle: Bundle, file: BinaryIO) -> None:
    """Write all of ``bundle`` as a zip: the one that it is, or a new one.

    :raises ScenarioError: something of it is damaged.
    """
    if bundle.original is None:
        _pack(bundle, file)
        return
    check_whole(bundle)
    bundle.original.seek(0)
    while piece := bundle.original.read(_PIECE_BYTES):
        file.write(piece)


def check_whole(bundle: Bundle) -> None:
    """Read all of ``bundle``, so that what is damaged is found now, and not when it is wanted.

    :raises ScenarioError: something of it is damaged.
    """
    for entry in bundle.entries.values():
        with bundle.open(entry) as content:
            while content.read(_PIECE_BYTES):
                pass


def _pack(bundle: Bundle, file: BinaryIO) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, entry in sorted(bundle.entries.items()):
            member = zipfile.ZipInfo(path, _DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = (stat.S_IFREG | (0o755 if entry.is_executable else 0o644)) << 16
            with archive.open(member, "w") as packed, bundle.open(entry) as content:
                while piece := content.read(_PIECE_BYTES):
                    packed.write(piece)


def below(folder: str, bundle: Bundle) -> Bundle:
    """All of ``bundle`` with ``folder`` above it."""
    return replace(bundle, entries={f"{folder}/{path}": each for path, each in bundle.entries.items()}, original=None)
