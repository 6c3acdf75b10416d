"""TypeScript: how it shows, and which files are made of a function's before Node can load them. Pure.

JavaScript is made of too, where a build is certain: in a file that Node refuses as it is, with the syntax of modules in
what it loads as CommonJS, beside TypeScript or a ``package.json`` that names what builds it.

Each file is transformed by itself, as a build without bundling does it. What a bundler resolves and Node does not, such
as ``./store`` for ``store.ts``, is written out here: in the text, where it stands, so that lines stay what they are.
"""

from __future__ import annotations

import json
import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox_runner.runtimes.dialect import Dialect, Transform, Transformed
from sandbox_runner.runtimes.node_grammars import JAVASCRIPT, TSX
from sandbox_runner.runtimes.node_grammars import TYPESCRIPT as GRAMMAR
from sandbox_runner.runtimes.typescript_imports import Scanned, has_decorator, scan
from sandbox_runner.runtimes.typescript_paths import Paths, built_from, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sandbox_runner.runtimes.model import Grammar

_SUFFIXES: Final = (".ts", ".mts", ".cts", ".tsx", ".jsx")
_GRAMMARS: Final = {".ts": GRAMMAR, ".mts": GRAMMAR, ".cts": GRAMMAR, ".tsx": TSX}
_DECLARATIONS: Final = (".d.ts", ".d.mts", ".d.cts")
# The first of two that would become the same file does.
_LOADERS: Final = {".js": "js", ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".jsx": "jsx"}
# Packages that build a function's JavaScript. SAM's own build asks for esbuild among them:
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build-typescript.html
_BUILDERS: Final = frozenset(
    {
        *("@babel/core", "@vercel/ncc", "esbuild", "parcel", "rolldown", "rollup", "tsup", "webpack"),
        *("serverless-bundle", "serverless-esbuild", "serverless-plugin-typescript", "serverless-webpack"),
    }
)
_MODULE_SYNTAX: Final = re.compile(r"""(?m)^[ \t]*(?:import\s*["'{*\w]|export\s+[{*\w])""")

# What tsyringe, inversify, TypeORM and TypeGraphQL say without types, and Node of what was therefore not injected.
_OF_TYPES: Final = re.compile(r"(?i)\b(?:type|typeinfo|inject\w*|metadata|dependenc(?:y|ies)|undefined)\b")

_Kind = Literal["cjs", "esm"]


def transformed(files: Mapping[str, str], first: tuple[str, ...]) -> Transformed:
    """What Node is given instead of TypeScript; a file that the person has under the name of one to be made stays.

    :param first: the paths at which the handler may be: what they lead to decides which kind of module is made.
    """
    if not any(map(_is_source, files)) and not any(map(_is_built(files), files)):
        return Transformed(files, {})
    return _transformed(tuple(files.items()), first)


@lru_cache(maxsize=16)
def _transformed(items: tuple[tuple[str, str], ...], first: tuple[str, ...]) -> Transformed:
    files = dict(items)
    scanned = _scanned(files, first)
    kinds = _kinds(files, scanned, first)
    made: dict[str, Transform] = {}
    taken = {path for path in files if path not in scanned}
    for path in sorted(scanned, key=lambda each: list(_LOADERS).index(_suffix(each))):
        target = path.removesuffix(_suffix(path)) + _target_suffix(files, path, kinds[path])
        if target not in taken:
            taken.add(target)
            settings = _nearest(files, path, "tsconfig.json")
            merged = settings_of(settings, files).merged
            made[path] = Transform(target, _LOADERS[_suffix(path)], kinds[path], settings, merged)
    targets = {path: made[path].target if path in made else path for path in files}
    for path, how in made.items():
        files[path] = scanned[path].rewritten(_paths(files, path, targets).written_out, how.kind)
    return Transformed(files, made)


def _paths(files: Mapping[str, str], path: str, targets: Mapping[str, str]) -> Paths:
    settings = _nearest(files, path, "tsconfig.json")
    return Paths(targets, path, settings_of(settings, files))


def _scanned(files: Mapping[str, str], first: tuple[str, ...]) -> dict[str, Scanned]:
    """What may be made of: TypeScript, and of JavaScript that is built what the handler leads to, unless it waits."""
    found = {path: scan(files[path], _grammar(path)) for path in files if _is_source(path)}
    of_script = {path: scan(files[path], JAVASCRIPT) for path in filter(_is_built(files), files)}
    both = found | of_script
    reached = _reached(files, both, first)
    if any(both[path].needs_module for path in reached):
        return found
    return found | {path: each for path, each in of_script.items() if path in reached}


def _is_source(path: str) -> bool:
    return path.endswith(_SUFFIXES) and not path.endswith(_DECLARATIONS) and _is_own(path)


def _is_own(path: str) -> bool:
    return "node_modules" not in path.split("/")[:-1]


def _is_built(files: Mapping[str, str]) -> Callable[[str], bool]:
    """Says of a path whether it is JavaScript that only a build makes loadable, and is built."""
    has_source = any(map(_is_source, files))

    def is_built(path: str) -> bool:
        if not path.endswith(".js") or not _is_own(path) or not _MODULE_SYNTAX.search(files[path]):
            return False
        package = _package(files, path)
        asked = [package.get(kind) for kind in ("dependencies", "devDependencies")]
        names = {name for each in asked if isinstance(each, dict) for name in each}
        return package.get("type") != "module" and (has_source or not names.isdisjoint(_BUILDERS))

    return is_built


def is_read(path: str) -> bool:
    """Whether a file is TypeScript, or says how it is transformed."""
    name = posixpath.basename(path)
    return _is_source(path) or name == "package.json" or (name.startswith("tsconfig") and name.endswith(".json"))


def asked_in_vain(files: Mapping[str, str], said: str) -> str:
    """The ``tsconfig.json`` that asks for ``emitDecoratorMetadata`` for decorators, where ``said`` is about types.

    esbuild needs the types of other files for that, and does not make it:
    https://esbuild.github.io/content-types/#no-type-system
    """
    if not _OF_TYPES.search(said):
        return ""
    decorated = (path for path in files if _is_source(path) and has_decorator(files[path], _grammar(path)))
    settings = dict.fromkeys(_nearest(files, path, "tsconfig.json") for path in decorated)
    return next((each for each in settings if settings_of(each, files).metadata), "")


def _grammar(path: str) -> Grammar:
    return _GRAMMARS.get(_suffix(path), JAVASCRIPT)


def _suffix(path: str) -> str:
    return posixpath.splitext(path)[1]


def _kinds(files: Mapping[str, str], scanned: Mapping[str, Scanned], first: tuple[str, ...]) -> dict[str, _Kind]:
    """CommonJS, as the builds of SAM and CDK make it, where nothing asks for the other kind of module.

    ``await`` at a module's level and ``import.meta`` ask for it, and one file that the handler leads to asks for all
    that leave it open: what is CommonJS cannot load a module that waits. https://esbuild.github.io/api/#format,
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build-typescript.html
    """
    known: dict[str, _Kind] = {}
    for path in scanned:
        if path.endswith((".mts", ".cts")):
            known[path] = "esm" if path.endswith(".mts") else "cjs"
        elif _is_module(files, path):
            known[path] = "esm"
    left = [path for path in scanned if path not in known]
    reached = _reached(files, scanned, first)
    rest: _Kind = "esm" if any(scanned[path].needs_module for path in left if path in reached) else "cjs"
    return known | dict.fromkeys(left, rest)


def _reached(files: Mapping[str, str], scanned: Mapping[str, Scanned], first: tuple[str, ...]) -> Collection[str]:
    """The files that the handler's leads to; all of them where it is none of these."""
    waiting = [path for path in first if path in scanned]
    found = set(waiting)
    targets = {path: path for path in files}
    while waiting:
        path = waiting.pop()
        paths = _paths(files, path, targets)
        named = {paths.file_of(each.said) for each in scanned[path].named} & scanned.keys()
        waiting += named - found
        found |= named
    return found or scanned.keys()


def _target_suffix(files: Mapping[str, str], path: str, kind: _Kind) -> str:
    if path.endswith((".mts", ".cts")):
        return ".mjs" if kind == "esm" else ".cjs"
    return ".js" if _is_module(files, path) == (kind == "esm") else ".mjs"


def _is_module(files: Mapping[str, str], path: str) -> bool:
    """Whether Node takes a ``.js`` beside ``path`` for a module: https://nodejs.org/api/packages.html#type."""
    return _package(files, path).get("type") == "module"


def _package(files: Mapping[str, str], path: str) -> Mapping[str, Any]:
    """What the ``package.json`` says that ``path`` belongs to."""
    try:
        told = json.loads(files.get(_nearest(files, path, "package.json"), "{}"))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _nearest(files: Mapping[str, str], path: str, name: str) -> str:
    folder = path
    while folder:
        folder = posixpath.dirname(folder)
        if (found := posixpath.join(folder, name)) in files:
            return found
    return ""


TYPESCRIPT: Final = Dialect(
    "TypeScript",
    _SUFFIXES,
    _GRAMMARS,
    r"(?m)^[ \t]*(?:export[ \t]+)?(?:declare[ \t]+)?"
    r"(?:(?:interface|enum|namespace)[ \t]+\w+[^\n={};]{0,200}\{|type[ \t]+\w+(?:<[^>\n]{0,200}>)?[ \t]*=)"
    r"|\bimport[ \t]+type\b|\bimport[ \t]*\{[ \t]*type[ \t]+\w"
    r"|\([ \t\n]*\w+\??[ \t]*:"
    r"|\b(?:const|let|var)[ \t]+\w+[ \t]*:"
    r"|\)[ \t]*:[ \t]*(?:Promise<|void\b|string\b|number\b|boolean\b)"
    r"|\bas[ \t]+(?:const|string|number|any|unknown)\b"
    r"|\b(?:public|private|protected|readonly)[ \t]+(?:static[ \t]+|async[ \t]+|readonly[ \t]+)*\w+[ \t]*[(:?]",
    is_read,
    transformed,
    built_from,
    asked_in_vain,
)
