"""What a folder or a zip holds, and taking files out of it within a scenario's bounds. Pure, but for whoever reads."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import cut, say
from sandbox_runner.runtimes import registry
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sandbox_runner.messages import Message

NAMES_TOLD_MAX: Final = 5
# What tools leave beside code and no function needs; packages are installed from their own lists.
_ASIDE: Final = frozenset({"test", "tests", "__tests__", "spec", "docs", "examples", "scripts"})
LEFT_OUT_FOLDERS: Final = (".git", ".hg", ".svn", "__MACOSX", "__pycache__", "node_modules", "venv")
"""Folders that are left out with all that is in them."""


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
    """

    entries: Mapping[str, Entry]
    read: Callable[[Entry], bytes]
    left_out: tuple[Message, ...] = ()
    close: Callable[[], None] = _nothing_open

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def text(self, path: str, bytes_max: int = limits.FILE_BYTES_MAX) -> str | None:
        """The text of a file; ``None`` where there is no such file, it is larger, or it is no text."""
        entry = self.entries.get(path)
        return None if entry is None or entry.size > bytes_max else _text(self.read(entry))

    def below(self, folder: str) -> Bundle:
        """The files of one folder, by their paths in it; of the whole where ``folder`` is empty."""
        if not folder:
            return self
        inside = {path: entry for path, entry in self.entries.items() if path.startswith(f"{folder}/")}
        return Bundle({path.removeprefix(f"{folder}/"): each for path, each in inside.items()}, self.read)

    def whole(self) -> dict[str, bytes]:
        """All files, by path: what belongs together is carried together or not at all.

        :raises ScenarioError: they are more than a scenario can carry.
        """
        total = sum(each.size for each in self.entries.values())
        if total > limits.ATTACHED_BYTES_MAX:
            raise ScenarioError(say("layers-too-large", bytes=total, most=limits.ATTACHED_BYTES_MAX))
        if len(self.entries) > limits.ATTACHED_FILES_MAX:
            most = limits.ATTACHED_FILES_MAX
            raise ScenarioError(say("bundle-too-many-files", files=len(self.entries), most=most))
        return {path: self.read(entry) for path, entry in self.entries.items()}

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
            text = _text(data) if len(data) <= limits.FILE_BYTES_MAX else None
            if text is None or len(files) == limits.FILES_MAX - spare or used + len(data) > limits.FILES_BYTES_MAX:
                attached[path] = data
            else:
                files[path] = text
                used += len(data)
        _check_attached(attached)
        started = registry.runtime_of_program([path for path in first if path in wanted])
        program = started.language.default_file if started else ""
        is_refused = bool(program) and not self.entries[program].is_executable
        said = (say("program-not-executable", path=program),) if is_refused else ()
        return Taken(files, attached, (*left_out.told(), *said))


def layer_of(name: str, bundle: Bundle) -> dict[str, Any]:
    """The layer of a scenario that has all files of ``bundle``.

    :raises ScenarioError: they are more than a scenario can carry.
    """
    files = {path: base64.b64encode(data).decode("ascii") for path, data in bundle.whole().items()}
    return {"name": shown_path(name), "files": files}


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


def _text(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


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
    return replace(bundle, entries=bundle.below(top).entries)
