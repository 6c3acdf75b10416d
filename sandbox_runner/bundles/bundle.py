"""What a folder or a zip holds, and taking files out of it within a scenario's bounds. Pure, but for whoever reads."""

from __future__ import annotations

import base64
import io
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol, Self

from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import cut, say
from sandbox_runner.runtimes import registry
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import BinaryIO

    from sandbox_runner.messages import Message

NAMES_TOLD_MAX: Final = 5
# What tools leave beside code and no function needs; packages are installed from their own lists.
_ASIDE: Final = frozenset({"test", "tests", "__tests__", "spec", "docs", "examples", "scripts"})
LEFT_OUT_FOLDERS: Final = (".git", ".hg", ".svn", "__MACOSX", "__pycache__", "node_modules", "venv")
"""Folders that are left out with all that is in them."""


# Below a folder whose name ends in .dist-info: every file that an installed package of Python has.
_RECORD: Final = ".dist-info/RECORD"
_RECORD_BYTES_MAX: Final = 4 * limits.MB

PACKAGES: Final = frozenset({"node_modules"})
"""What a layer is made of, and a function's own folder is not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, by its path with slashes; ``size`` is in bytes, as declared. Links and devices are no regular files."""

    path: str
    size: int
    is_executable: bool = False
    is_regular: bool = True


@dataclass(slots=True)
class LeftOut:
    """Counts what is left out, by reason: ``folders`` by name, the rest by its first few paths.

    ``kept`` are folders that are taken although they are usually left out.
    """

    kept: frozenset[str] = frozenset()
    folders: Counter[str] = field(default_factory=Counter)
    others: dict[str, list[str]] = field(default_factory=dict)

    def folder_of(self, path: str) -> bool:
        """Count ``path`` where a folder above it is one that is left out."""
        for name in path.split("/")[:-1]:
            if self.leaves_out(name):
                self.folders[name] += 1
                return True
        return False

    def leaves_out(self, name: str) -> bool:
        """Whether a folder of that name is left out with all that is in it."""
        return name in LEFT_OUT_FOLDERS and name not in self.kept

    def add(self, reason: str, path: str) -> None:
        """Count one file."""
        self.others.setdefault(reason, []).append(path)

    def told(self) -> tuple[Message, ...]:
        """One sentence for each reason."""
        folders = [say("left-out-folder", name=name, files=count) for name, count in sorted(self.folders.items())]
        return (*folders, *(_told(reason, paths) for reason, paths in self.others.items()))


def _is_hidden(path: str) -> bool:
    """Whether it or a folder above it is hidden: settings of tools, and secrets as in ``.env``."""
    return any(part.startswith(".") for part in path.split("/"))


def shown_path(path: str) -> str:
    """A path for a sentence."""
    return cut(visible(path))


class Readable(Protocol):
    """The bytes of one file, piece by piece."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end.

        :raises ScenarioError: it is damaged, or not as large as it was declared.
        """
        ...


def _nothing_open() -> None:
    """A bundle of a folder opens its files one by one."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Files as a scenario has them: ``files`` can be shown and edited, ``attached`` is carried as it is."""

    files: Mapping[str, str]
    attached: Mapping[str, bytes]
    left_out: tuple[Message, ...] = ()

    def to_json(self) -> dict[str, dict[str, str]]:
        """The fields of a function in a scenario that have them."""
        attached = {path: base64.b64encode(data).decode("ascii") for path, data in self.attached.items()}
        return {"files": dict(self.files), **({"attached_files": attached} if attached else {})}


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of a folder or a zip. A context manager: nothing can be read of it afterwards.

    :ivar entries: all that may be taken, by path.
    :ivar read: all bytes of one; raises :class:`ScenarioError` where it is not as large as it was declared.
    :ivar left_out: what may not, a sentence for each reason.
    :ivar close: lets go of what is read from.
    :ivar stream: one as it comes, for those that are too large to be had at once; ``None`` where they are read.
    :ivar original: the zip that all of this is, path by path; ``None`` where it is a folder or something was changed.
    """

    entries: Mapping[str, Entry]
    read: Callable[[Entry], bytes]
    left_out: tuple[Message, ...] = ()
    close: Callable[[], None] = _nothing_open
    stream: Callable[[Entry], AbstractContextManager[Readable]] | None = None
    original: BinaryIO | None = None

    @property
    def size(self) -> int:
        """What all files have together, in bytes."""
        return sum(each.size for each in self.entries.values())

    def open(self, entry: Entry) -> AbstractContextManager[Readable]:
        """The bytes of one, piece by piece where they can be had so."""
        return nullcontext(io.BytesIO(self.read(entry))) if self.stream is None else self.stream(entry)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def text(self, path: str, bytes_max: int = limits.FILE_BYTES_MAX) -> str | None:
        """The text of a file; ``None`` where there is no such file, it is larger, or it is no text."""
        entry = self.entries.get(path)
        return None if entry is None or entry.size > bytes_max else _text(path, self.read(entry))

    def below(self, folder: str) -> Bundle:
        """The files of one folder, by their paths in it; of the whole where ``folder`` is empty."""
        if not folder:
            return self
        inside = {path: entry for path, entry in self.entries.items() if path.startswith(f"{folder}/")}
        return self.with_entries({path.removeprefix(f"{folder}/"): each for path, each in inside.items()})

    def with_entries(self, entries: Mapping[str, Entry]) -> Bundle:
        """These of its files, by other paths."""
        return replace(self, entries=entries, left_out=(), close=_nothing_open, original=None)

    def take(self, first: Sequence[str] = (), *, spare: int = 0) -> Taken:
        """All files within the bounds; those of ``first`` are shown before others.

        Then what is no test or example, of that code, of that the less deep.

        :param spare: for how many files there has to be room beside them.
        :raises ScenarioError: there are too many.
        """
        left_out = LeftOut()
        wanted = _that_fit(self.entries, left_out)
        files: dict[str, str] = {}
        attached: dict[str, bytes] = {}
        used = 0
        for path in sorted(wanted, key=lambda each: _rank(each, first)):
            data = self.read(self.entries[path])
            text = _text(path, data) if len(data) <= limits.FILE_BYTES_MAX else None
            if text is None or len(files) == limits.FILES_MAX - spare or used + len(data) > limits.FILES_BYTES_MAX:
                attached[path] = data
            else:
                files[path] = text
                used += len(data)
        _check_attached(attached)
        return Taken(files, attached, (*left_out.told(), *self._of_program([path for path in first if path in wanted])))

    def take_texts(self, first: Sequence[str] = (), *, spare: int = 0) -> Taken:
        """What can be shown of it, and what is read to transform; the rest is had from a zip that is kept.

        Files of packages are not among it: installers note which those are in ``RECORD``,
        https://packaging.python.org/en/latest/specifications/recording-installed-packages/.

        :param spare: as for :meth:`take`.
        """
        installed = {path for name in self.entries if name.endswith(_RECORD) for path in self._recorded(name)}
        files: dict[str, str] = {}
        waiting: list[str] = []
        used = 0
        for path in sorted(self.entries.keys() - installed, key=lambda each: _rank(each, first)):
            size = self.entries[path].size
            has_room = len(files) < limits.FILES_MAX - spare and used + size <= limits.FILES_BYTES_MAX
            if has_room and (text := self.text(path)) is not None:
                files[path] = text
                used += size
            elif registry.is_read_to_transform(path):
                waiting.append(path)
        attached, left_out = self._carried(waiting)
        said = self._of_program([path for path in first if path in self.entries])
        return Taken(files, attached, (*left_out.told(), *said))

    def _carried(self, paths: Sequence[str]) -> tuple[dict[str, bytes], LeftOut]:
        """What is read to transform, as far as a scenario carries it: settings first, because all others need them."""
        found: dict[str, bytes] = {}
        left_out, used = LeftOut(), 0
        for path in sorted(paths, key=lambda each: registry.language_of_file(each) is not None):
            size = self.entries[path].size
            if len(found) == limits.ATTACHED_FILES_MAX or used + size > limits.ATTACHED_BYTES_MAX:
                left_out.add("untransformed", path)
            else:
                found[path] = self.read(self.entries[path])
                used += size
        return found, left_out

    def _recorded(self, name: str) -> list[str]:
        folder = name.rpartition("/")[0].rpartition("/")[0]
        prefix = f"{folder}/" if folder else ""
        lines = (self.text(name, _RECORD_BYTES_MAX) or "").splitlines()
        return [prefix + line.partition(",")[0].strip('"') for line in lines]

    def _of_program(self, first: Sequence[str]) -> tuple[Message, ...]:
        started = registry.runtime_of_program(first)
        program = started.language.default_file if started else ""
        is_refused = bool(program) and not self.entries[program].is_executable
        return (say("program-not-executable", path=program),) if is_refused else ()


def is_aside(path: str) -> bool:
    """Whether a file is one of the tests or examples of a project, by its name."""
    *folders, file = path.split("/")
    return not _ASIDE.isdisjoint(folders) or "test" in file.partition(".")[0]


def _rank(path: str, first: Sequence[str]) -> tuple[int, bool, bool, int, str]:
    return (
        first.index(path) if path in first else len(first),
        is_aside(path),
        registry.language_of_file(path) is None,
        path.count("/"),
        path,
    )


def _that_fit(entries: Mapping[str, Entry], left_out: LeftOut) -> list[str]:
    """The paths that fit together; the largest are left out first, as no code is among them."""
    most = limits.ATTACHED_FILES_MAX + limits.FILES_MAX
    if len(entries) > most:
        raise ScenarioError(say("bundle-too-many-files", files=len(entries), most=most))
    total, kept = sum(each.size for each in entries.values()), []
    for path, entry in sorted(entries.items(), key=lambda each: -each[1].size):
        if total > limits.ATTACHED_BYTES_MAX:
            left_out.add("large", path)
            total -= entry.size
        else:
            kept.append(path)
    return kept


def _check_attached(attached: Mapping[str, bytes]) -> None:
    if len(attached) > limits.ATTACHED_FILES_MAX:
        raise ScenarioError(say("bundle-too-many-files", files=len(attached), most=limits.ATTACHED_FILES_MAX))


def _text(path: str, data: bytes) -> str | None:
    try:
        text = registry.text_of(path, data)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _told(reason: str, paths: Sequence[str]) -> Message:
    names = [shown_path(path) for path in paths[:NAMES_TOLD_MAX]]
    return say(f"left-out-{reason}", files=len(paths), names=names, more=max(0, len(paths) - NAMES_TOLD_MAX))


def checked(entries: Iterable[Entry], read: Callable[[Entry], bytes], left_out: LeftOut) -> Bundle:
    """The bundle of ``entries``, whose paths were never looked at.

    :raises ScenarioError: a path leads out of the bundle, is there twice, or is one that a scenario cannot have.
    """
    found: dict[str, Entry] = {}
    folded: dict[str, str] = {}
    total = 0
    for entry in entries:
        path = entry.path
        _check_inside(path)
        if left_out.folder_of(path):
            continue
        if reason := "hidden" if _is_hidden(path) else "" if entry.is_regular else "links":
            left_out.add(reason, path)
            continue
        _check_usual(path)
        if path in found:
            raise ScenarioError(say("bundle-twice", path=shown_path(path)))
        if (other := folded.setdefault(path.casefold(), path)) != path:
            raise ScenarioError(say("bundle-case", path=shown_path(path), other=shown_path(other)))
        found[path] = entry
        total += entry.size
    if total > limits.PACKAGE_BYTES_MAX:
        most = limits.PACKAGE_BYTES_MAX // limits.MB
        raise ScenarioError(
            say("bundle-too-large", mb=-(-total // limits.MB), most=most, bytes=limits.PACKAGE_BYTES_MAX)
        )
    _check_folders(found)
    return Bundle(found, read, left_out.told())


def _check_inside(path: str) -> None:
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
        raise ScenarioError(say("bundle-path-outside", path=shown_path(path)))


def _check_usual(path: str) -> None:
    if len(path) > 200 or any(ord(character) < 32 or ord(character) == 127 for character in path):
        raise ScenarioError(say("bundle-path-unusual", path=shown_path(path)))


def _check_folders(found: Mapping[str, Entry]) -> None:
    for path in found:
        folder = path
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            if folder in found:
                raise ScenarioError(say("file-is-folder", path=shown_path(folder), other=shown_path(path)))


def without_top_folder(bundle: Bundle) -> Bundle:
    """The bundle without the one folder that all of it is in, as archives of a folder have it.

    A package stays where it is: its modules import each other by its name.
    """
    tops = {path.partition("/")[0] for path in bundle.entries}
    if len(tops) != 1 or (top := tops.pop()) in bundle.entries:
        return bundle
    if any(f"{top}/{name}" in bundle.entries for name in registry.PACKAGE_FILES):
        return bundle
    return replace(bundle, entries=bundle.below(top).entries, original=None)
