"""How a name in an ``import`` becomes the path of a file that Node loads. Pure."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What a name may leave out: https://esbuild.github.io/api/#resolve-extensions, and the other endings that there are.
_LEFT_OUT: Final = (".tsx", ".ts", ".jsx", ".js", ".json", ".mts", ".cts", ".mjs", ".cjs")
# What a name in TypeScript says, and what it means:
# https://www.typescriptlang.org/docs/handbook/modules/reference.html#file-extension-substitution
_MEANT: Final = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
_COMMENTS: Final = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*[\s\S]*?\*/')
_LAST_COMMAS: Final = re.compile(r'("(?:\\.|[^"\\\n])*")|,(?=\s*[}\]])')


# Where builds put what they make, if no settings say it.
_OUT: Final = ("dist", "build", ".build", "lib", "out", "output")
# How far a chain of settings goes that extend each other; a circle of them is cut there too.
_EXTENDS_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """What a ``tsconfig.json`` and those that it extends say about names: each pattern with what it stands for.

    :ivar merged: their options as one text, where there are several; else empty.
    :ivar out: the folder in which a build puts what it makes, empty where nothing says it.
    :ivar root: the folder of what it is made from, as far as that is said.
    :ivar metadata: whether decorators are to be given the types of what they stand at.
    """

    base: str
    patterns: Mapping[str, tuple[str, ...]]
    merged: str = ""
    out: str = ""
    root: str = ""
    metadata: bool = False


def settings_of(path: str, files: Mapping[str, str]) -> Settings:
    """The settings in the function's file ``path``, which may be empty for none."""
    return _read(_extended(path, files)) if path else Settings("", {})


def built_from(module: str, files: Mapping[str, str]) -> Iterator[str]:
    """The modules that a build may have made ``module`` from, the likeliest first; none where no build made it.

    What ``outDir`` has is below ``rootDir``, or below the folder that all sources have in common:
    https://www.typescriptlang.org/tsconfig/#rootDir

    :param files: the function's ``tsconfig.json`` and those that it extends, by path.
    """
    settings = settings_of("tsconfig.json" if "tsconfig.json" in files else "", files)
    for out in (settings.out,) if settings.out else _OUT:
        if module.startswith(f"{out}/"):
            inside = module.removeprefix(f"{out}/")
            yield from dict.fromkeys(
                posixpath.normpath(posixpath.join(root, inside)) for root in (settings.root, "", "src")
            )


def _extended(path: str, files: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The files that it extends, each before what extends it, and itself: https://www.typescriptlang.org/tsconfig/#extends.

    One of a package is not read: packages bring none that say where a function's files are.
    """
    found: list[tuple[str, str]] = []
    waiting = [path]
    while waiting and len(found) < _EXTENDS_MAX:
        at = waiting.pop(0)
        found.insert(0, (at, files[at]))
        named = _told(files[at]).get("extends", [])
        for each in [named] if isinstance(named, str) else reversed(named) if isinstance(named, list) else ():
            waiting += [other for other in _places(at, each) if other in files][:1]
    return tuple(found)


def _places(path: str, named: object) -> tuple[str, ...]:
    if not isinstance(named, str) or not named.startswith("."):
        return ()
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), named))
    return found, f"{found}.json"


@lru_cache(maxsize=64)
def _told(text: str) -> Mapping[str, Any]:
    """What a ``tsconfig.json`` says; nothing where it is none of TypeScript's."""
    try:
        told: Any = json.loads(_LAST_COMMAS.sub(r"\1", _COMMENTS.sub(r"\1", text)))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


@lru_cache(maxsize=16)
def _read(chain: tuple[tuple[str, str], ...]) -> Settings:
    base = out = root = ""
    patterns: dict[str, tuple[str, ...]] = {}
    merged: dict[str, Any] = {}
    for path, text in chain:
        options = _told(text).get("compilerOptions", {})
        try:
            folder = posixpath.dirname(path)
            base = posixpath.join(folder, options["baseUrl"]) if options.get("baseUrl") else base
            out = posixpath.normpath(posixpath.join(folder, options["outDir"])) if options.get("outDir") else out
            root = posixpath.normpath(posixpath.join(folder, options["rootDir"])) if options.get("rootDir") else root
            if "paths" in options:
                patterns = {
                    name: tuple(posixpath.join(base or folder, each) for each in meant)
                    for name, meant in options["paths"].items()
                }
            merged |= options
        except (TypeError, AttributeError):
            continue
    told = json.dumps({"compilerOptions": merged}) if len(chain) > 1 else ""
    return Settings(base, patterns, told, out, root, merged.get("emitDecoratorMetadata") is True)


@dataclass(frozen=True, slots=True)
class Paths:
    """What names mean in the file ``importer``, by the function's files: where each is, and what Node loads for it."""

    targets: Mapping[str, str]
    importer: str
    settings: Settings

    def written_out(self, said: str) -> str:
        """``said`` as Node understands it; as it is where it names no file of the function."""
        found = self.file_of(said)
        if not found:
            return said
        written = posixpath.relpath(self.targets[found], posixpath.dirname(self.importer) or ".")
        return written if written.startswith("../") else f"./{written}"

    def file_of(self, said: str) -> str:
        """The function's file that ``said`` names, empty where it names none."""
        meant = self._meant(posixpath.dirname(self.importer), said)
        return next((found for each in meant if (found := self._file(posixpath.normpath(each)))), "")

    def _meant(self, folder: str, said: str) -> Iterator[str]:
        if said.startswith("."):
            yield posixpath.join(folder, said)
        else:
            yield from _by_patterns(self.settings, said)

    def _file(self, path: str) -> str:
        stem, suffix = posixpath.splitext(path)
        meant = (stem + other for other in _MEANT.get(suffix, ()))
        left_out = (path + other for other in _LEFT_OUT)
        inside = (posixpath.normpath(f"{path}/index{other}") for other in _LEFT_OUT)
        return next((each for each in (path, *meant, *left_out, *inside) if each in self.targets), "")


def _by_patterns(settings: Settings, said: str) -> Iterator[str]:
    """https://www.typescriptlang.org/tsconfig/#paths: of several patterns the one with the longest beginning."""
    for name in sorted(settings.patterns, key=len, reverse=True):
        before, star, after = name.partition("*")
        if said == name or (star and said.startswith(before) and said.endswith(after)):
            middle = said[len(before) : len(said) - len(after)]
            yield from (each.replace("*", middle) for each in settings.patterns[name])
    if settings.base:
        yield posixpath.join(settings.base, said)
