"""Every runtime, found by its folder, and what is asked of all of them. Pure.

A runtime here has an interpreter, or takes a function's own. Of the other identifiers that Lambda has
(:mod:`.managed`), those of a language that is played here have a stand-in: the next newer runtime of that language, or
the newest where none is newer.
"""

from __future__ import annotations

import codecs
import re
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

from sandbox_runner import runtimes
from sandbox_runner.runtimes.gone import gone
from sandbox_runner.runtimes.managed import BY_IDENTIFIER, MANAGED

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sandbox_runner.runtimes.managed import ManagedRuntime
    from sandbox_runner.runtimes.model import Language, Runtime


def _in_folders() -> tuple[Runtime, ...]:
    folders = (found.name for found in iter_modules(runtimes.__path__) if found.ispkg)
    found: list[Runtime] = [import_module(f"{runtimes.__name__}.{name}").RUNTIME for name in folders]
    (first,) = (each.language.key for each in found if each.is_default)
    return tuple(
        sorted(found, key=lambda each: (each.language.key != first, each.language.key, _numbers(each.release)))
    )


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", release)))


RUNTIMES: Final = _in_folders()
"""Those of the default's language first, each language's oldest first. What a sandbox offers, its supervisor says."""

IDENTIFIERS: Final = tuple(each.identifier for each in RUNTIMES)
CHOICE: Final = f"{', '.join(IDENTIFIERS[:-1])} or {IDENTIFIERS[-1]}"
"""The identifiers as a sentence lists them."""

(DEFAULT,) = (each for each in RUNTIMES if each.is_default)
"""What a new function has."""

PLAYED_LANGUAGES: Final = tuple({each.language.key: each.language for each in RUNTIMES}.values())
"""Whatever a runtime here plays: the languages that are read, and the function's own business."""

LANGUAGES: Final = tuple(each for each in PLAYED_LANGUAGES if each.suffixes)
"""Those whose files are known and read."""

PACKAGE_FILES: Final = tuple(each.package_file for each in LANGUAGES if each.package_file)
"""The files that make a folder a package."""

_BY_IDENTIFIER: Final = {each.identifier: each for each in RUNTIMES}


def _stand_ins() -> dict[str, Runtime]:
    found: dict[str, Runtime] = {}
    for language in PLAYED_LANGUAGES:
        family = [each.identifier for each in MANAGED if each.family == language.key]
        for at, identifier in enumerate(family):
            nearest = [*family[at:], *reversed(family[:at])]
            here = [_BY_IDENTIFIER[each] for each in nearest if each in _BY_IDENTIFIER]
            if here and here[0].identifier != identifier:
                found[identifier] = here[0]
    return found


_STAND_INS: Final = _stand_ins()
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

PLAYED: Final = (
    *IDENTIFIERS,
    *(each.identifier for each in MANAGED if each.identifier in _STAND_INS),
)
"""The identifiers that a function may have: those of a runtime here, then those with a stand-in."""


def runtime_of(identifier: str) -> Runtime:
    """The runtime that plays a function with that identifier: its own, or a stand-in.

    Of a language that nothing here plays it is what is left of its runtime, for what was kept while there was one.

    :raises KeyError: Lambda has no such runtime.
    """
    return _BY_IDENTIFIER.get(identifier) or _STAND_INS.get(identifier) or gone(BY_IDENTIFIER[identifier])


def stand_in_of(identifier: str) -> Runtime | None:
    """The runtime that plays that identifier in place of its own; ``None`` where its own is here, or nothing is."""
    return _STAND_INS.get(identifier)


def taken_on(day: date, identifier: str) -> str:
    """``identifier`` where Lambda still takes it on that day, else that of the runtime here that plays it."""
    known = BY_IDENTIFIER.get(identifier)
    return runtime_of(identifier).identifier if known is not None and known.is_refused(day) else identifier


def once_brought(identifier: str) -> tuple[str, ...]:
    """The packages that a runtime of Lambda's with that identifier had, and those that play it here have not."""
    stand_in = stand_in_of(identifier)
    packages = stand_in.language.packages if stand_in else None
    known = BY_IDENTIFIER.get(identifier)
    order = [each.identifier for each in MANAGED if known and each.family == known.family]
    had = packages.once_brought.items() if packages and known else ()
    return tuple(name for name, last in had if order.index(identifier) <= order.index(last))


def managed(identifier: str) -> ManagedRuntime | None:
    """What is known of one of Lambda's identifiers."""
    return BY_IDENTIFIER.get(identifier)


def language_of_file(path: str) -> Language | None:
    """The language that a file is in or transformed into, by its name; ``None`` where no runtime's is."""
    return next((each for each in LANGUAGES if path.endswith(each.all_suffixes)), None)


def text_of(path: str, data: bytes) -> str:
    """The text of a file. What asks for packages may begin with a byte order mark, as Windows PowerShell writes it.

    pip takes such a file as well: pypa/pip, src/pip/_internal/utils/encoding.py (auto_decode).

    :raises UnicodeDecodeError: it is no text.
    """
    asks = any(each.packages and each.packages.manifest == path.rpartition("/")[2] for each in LANGUAGES)
    return data.decode(next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8") if asks else "utf-8")


def is_read_to_transform(path: str) -> bool:
    """Whether a file has to be transformed before any runtime can load it, or says how others are, by its path."""
    return any(each.dialect is not None and each.dialect.is_read(path) for each in LANGUAGES)


def runtime_of_program(paths: Collection[str]) -> Runtime | None:
    """The runtime that starts a program which is among a function's files, where one is."""
    return next((each for each in RUNTIMES if each.entry_points and each.language.default_file in paths), None)


def newest_of(language: Language, *, calls_back: bool = False) -> Runtime:
    """The runtime that a new function in this language has: one that is there from the start, where there is one.

    :param calls_back: whether its handler has a third parameter, by which it calls back with its answer.
    """
    own = [each for each in RUNTIMES if each.language is language and (each.takes_callbacks or not calls_back)]
    return next((each for each in reversed(own) if not each.on_demand), own[-1])


def language_of_root(root: str) -> Language | None:
    """The language whose probe calls a place in the process that."""
    return next((each for each in LANGUAGES if each.module_root == root), None)
