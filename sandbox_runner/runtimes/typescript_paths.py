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


@dataclass(frozen=True, slots=True)
class Settings:
    """What a ``tsconfig.json`` says about names: each pattern with the paths that it stands for."""

    base: str
    patterns: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=16)
def read_settings(path: str, text: str) -> Settings:
    """The settings in ``text``; empty where it is none of TypeScript's. What it ``extends`` is not read."""
    try:
        told: Any = json.loads(_LAST_COMMAS.sub(r"\1", _COMMENTS.sub(r"\1", text)))
        options = told.get("compilerOptions", {})
        folder, base = posixpath.dirname(path), options.get("baseUrl", "")
        patterns = {
            name: tuple(posixpath.join(folder, base or ".", each) for each in meant)
            for name, meant in options.get("paths", {}).items()
        }
        return Settings(posixpath.join(folder, base) if base else "", patterns)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Settings("", {})


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
