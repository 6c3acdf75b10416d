"""A language that is transformed into one of a runtime, and what is made of a function's files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox_runner.runtimes.model import Grammar


@dataclass(frozen=True, slots=True)
class Transform:
    """A file that is made from one of the function's before anything runs.

    :ivar target: its path.
    :ivar loader: what it is made from, ``ts``.
    :ivar kind: as which kind of module, ``cjs`` or ``esm``.
    :ivar settings: the path of the function's file that says more about it, or empty.
    :ivar merged: what that file says together with others that it builds on; empty where it says all by itself.
    """

    target: str
    loader: str
    kind: Literal["cjs", "esm"]
    settings: str = ""
    merged: str = ""


@dataclass(frozen=True, slots=True)
class Transformed:
    """A function's files as the sandbox gets them, and what is made there, by the path of what it is made from."""

    files: Mapping[str, str]
    transforms: Mapping[str, Transform]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A language that is transformed into one of a runtime, file by file, before it is played.

    :ivar suffixes: the endings of its files.
    :ivar grammars: by the ending; the language's own grammar reads what is not among them.
    :ivar signs: a pattern that this language's texts have and the runtime's own never, comments and texts left out.
    :ivar is_read: whether a file is transformed, or says how others are, by its path.
    :ivar transformed: what there is to transform in a function's files, by the paths at which its handler may be.
    :ivar built_from: the modules that a build may have made a module from, by what is read of the function's files.
    :ivar asked_in_vain: the file that asks for types at run time, which are not made, where an error may come of that.
    """

    label: str
    suffixes: tuple[str, ...]
    grammars: Mapping[str, Grammar]
    signs: str
    is_read: Callable[[str], bool]
    transformed: Callable[[Mapping[str, str], tuple[str, ...]], Transformed]
    built_from: Callable[[str, Mapping[str, str]], Iterable[str]]
    asked_in_vain: Callable[[Mapping[str, str], str], str]
