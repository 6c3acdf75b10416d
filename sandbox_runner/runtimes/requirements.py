"""What a function asks of a package index: its manifest, and the lock that says which packages exactly. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from sandbox_runner.messages import cut, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox_runner.messages import Message

Index: TypeAlias = Literal["pypi", "npm"]
# A function of ordinary size asks for a dozen; a resolver that gets thousands is busy for minutes.
REQUIREMENTS_MAX: Final = 200


class RefusedRequirementError(Exception):
    """A manifest or lock that is not installed as it is written; ``message`` says why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.code)
        self.message = message


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Packages:
    """How a language names what it needs from an index.

    :ivar index: which one.
    :ivar manifest: the file that says what is needed; it stands at the top of the function's files.
    :ivar lock: the file that says which packages that are, beside it.
    :ivar build_handler: the handler by which one of its runtimes starts a build, see
        ``sandbox_runner/dependencies/inside``.
    :ivar read: the names that a manifest asks for, and the manifest as the resolver gets it; raises
        :class:`RefusedRequirementError`.
    :ivar add: a manifest with packages added, one a line as a person writes them, in place of others of that name where
        they say a version; an empty text begins one; raises the same.
    :ivar elsewhere: other files of a project that say what is needed, each with what reads it: a manifest, empty where
        it says nothing.
    :ivar once_brought: packages that runtimes of Lambda's had, each with the last of these.
    :ivar package_of: the package that has a module, as far as its name says; empty for what can be no package.
    :ivar loosened: a manifest, as the resolver gets it, that allows later versions where it asks for one exactly; empty
        where that would be the same.
    :ivar moved: the requirements that a lock for the loosened manifest meets by another version than is asked for, each
        with that version, as :attr:`add` takes them; raises the same.
    :ivar read_lock: the packages of a lock for such a manifest, and the lock as the installer gets it; raises the same.
    """

    index: Index
    manifest: str
    lock: str
    build_handler: str
    read: Callable[[str], tuple[tuple[str, ...], str]]
    read_lock: Callable[[str, str], tuple[tuple[Locked, ...], str]]
    add: Callable[[str, str], str]
    package_of: Callable[[str], str]
    elsewhere: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    loosened: Callable[[str], str] = lambda _manifest: ""
    once_brought: Mapping[str, str] = field(default_factory=dict)
    moved: Callable[[str, str], tuple[str, ...]] = lambda _manifest, _lock: ()


@dataclass(frozen=True, slots=True)
class Requirements:
    """What one function asks for.

    :ivar names: of the packages that are asked for, without what those need themselves.
    :ivar manifest: as the resolver gets it: nothing in it leads anywhere but to the index.
    :ivar lock: the function's own lock as the installer gets it; empty without one.
    """

    packages: Packages
    release: str
    names: tuple[str, ...]
    manifest: str
    lock: str = ""

    @property
    def index(self) -> Index:
        """Which index they are from."""
        return self.packages.index


def requirements_of(packages: Packages | None, release: str, files: Mapping[str, str]) -> Requirements | None:
    """What ``files`` ask for; ``None`` if they ask for nothing.

    :param release: of the language, ``3.13``.
    :raises RefusedRequirementError: something in them is not installed.
    """
    if packages is None or packages.manifest not in files:
        return None
    names, manifest = packages.read(files[packages.manifest])
    if not names:
        return None
    if len(names) > REQUIREMENTS_MAX:
        refuse("requirements-too-many", path=packages.manifest, count=len(names), most=REQUIREMENTS_MAX)
    lock = ""
    if packages.lock in files:
        _, lock = packages.read_lock(files[packages.lock], manifest)
    return Requirements(packages, release, names, manifest, lock)


def asks_for_packages(packages: Packages, files: Mapping[str, str]) -> bool:
    """Whether ``files`` ask for packages, or for something that is refused."""
    try:
        return bool(packages.manifest in files and packages.read(files[packages.manifest])[0])
    except RefusedRequirementError:
        return True


def refuse(code: str, **params: object) -> None:
    """:raises RefusedRequirementError: always, with that message."""
    raise RefusedRequirementError(say(code, **{key: _short(value) for key, value in params.items()}))


def _short(value: object) -> object:
    return cut(value) if isinstance(value, str) else value
