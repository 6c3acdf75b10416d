"""Which file of a bundle has the handler, where no template says it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sandbox_runner.bundles.bundle import is_aside
from sandbox_runner.handler_code.detection import calls_back, functions, likeliest
from sandbox_runner.runtimes import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox_runner.bundles.bundle import Bundle
    from sandbox_runner.runtimes.model import Language

# What tools and tutorials call the file, the usual name first.
_STEMS: Final = ("lambda_function", "app", "index", "handler", "main", "lambda", "function")
_READ_MAX: Final = 100
_UPWARDS: Final = re.compile(r"""(?:\bfrom|\brequire\(|\bimport)[ \t]*["'](\.\./[^"'\n]{1,200})["']""")
_IMPORTED: Final = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """A handler. ``file`` is empty where nothing looks like one, and the rest is then what a new function has.

    :ivar folder: the folder that has to be the task root, so that the handler finds what it imports.
    :ivar beside: what else goes with it: files of the bundle by the names that they get at the task root.
    """

    runtime: str
    handler: str
    file: str
    folder: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)


def find_handler(bundle: Bundle) -> Found:
    """The program that a function brings as its runtime, else the likeliest handler: by the function's name first."""
    if own := registry.runtime_of_program(bundle.entries):
        return Found(own.identifier, own.language.default_handler, own.language.default_file)
    ranked = [(rank, at, found) for at, (rank, found) in enumerate(_candidates(bundle))]
    if not ranked:
        return Found(registry.DEFAULT.identifier, registry.DEFAULT.language.default_handler, "")
    language, path, text = min(ranked, key=lambda each: each[:2])[2]
    return _rooted(bundle, language, path, text)


def handler_in(language: Language, path: str, text: str) -> str:
    """The handler that a file has, as a configuration names it; empty where no function looks like one."""
    found = functions(language, text)
    return f"{path.rpartition('.')[0]}.{found[0]}" if found else ""


def _candidates(bundle: Bundle) -> Iterator[tuple[int, tuple[Language, str, str]]]:
    """Files that Lambda could load: a handler's module has no point in its name.

    aws/aws-lambda-nodejs-runtime-interface-client, src/UserFunction.js (FUNCTION_EXPR).
    """
    written = (path for path in bundle.entries if registry.language_of_file(path) and _is_plain(path))
    for path in sorted(written, key=_order)[:_READ_MAX]:
        language, text = registry.language_of_file(path), bundle.text(path)
        if language and text and (found := likeliest(language, text)):
            rank, name = found
            yield 0 if name in language.handler_names else rank, (language, path, text)


def _is_plain(path: str) -> bool:
    return "." not in posixpath.splitext(posixpath.basename(path))[0]


def _rooted(bundle: Bundle, language: Language, path: str, text: str) -> Found:
    """The handler below the task root that its code was written for: the top, or its own folder."""
    folder = posixpath.dirname(path)
    function = handler_in(language, path, text).rpartition(".")[2]
    runtime = registry.newest_of(language, calls_back=calls_back(language, text, function)).identifier
    manifest, lock = (language.packages.manifest, language.packages.lock) if language.packages else ("", "")
    lists_packages = f"{folder}/{manifest}" in bundle.entries
    if folder and manifest and _leads_out(bundle, folder, text):
        own = {name: f"{folder}/{name}" for name in (manifest, lock)}
        moved = {name: path for name, path in own.items() if path in bundle.entries and manifest not in bundle.entries}
        return Found(runtime, handler_in(language, path, text), path, beside=moved)
    if not folder or not (lists_packages or _names_siblings(bundle, language, path, text)):
        return Found(runtime, handler_in(language, path, text), path)
    inside = path.removeprefix(f"{folder}/")
    beside = {} if lists_packages else {name: name for name in (manifest, lock) if name in bundle.entries}
    return Found(runtime, handler_in(language, inside, text), inside, folder, beside)


def _leads_out(bundle: Bundle, folder: str, text: str) -> bool:
    """Whether code in ``folder`` names a file that the bundle has outside of it."""
    named = (posixpath.normpath(posixpath.join(folder, each)) for each in _UPWARDS.findall(text))
    outside = [each for each in named if not each.startswith(("..", f"{folder}/"))]
    return any(path.startswith((f"{each}.", f"{each}/")) for each in outside for path in bundle.entries)


def _names_siblings(bundle: Bundle, language: Language, path: str, text: str) -> bool:
    """Whether it imports what lies beside it as it would from the task root, and the top has nothing of that name."""
    if not language.package_file:
        return False
    named = set(_IMPORTED.findall(text))
    return bool(named & _modules_in(bundle.below(posixpath.dirname(path))) - _modules_in(bundle))


def _modules_in(bundle: Bundle) -> set[str]:
    return {posixpath.splitext(path)[0] if "/" not in path else path.partition("/")[0] for path in bundle.entries}


def _order(path: str) -> tuple[bool, int, int, str]:
    *folders, file = path.split("/")
    stem = file.partition(".")[0]
    return (
        is_aside(path),
        len(folders),
        _STEMS.index(stem) if stem in _STEMS else len(_STEMS),
        path,
    )
