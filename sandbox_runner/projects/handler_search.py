"""Which file of a bundle has the handler, where no template says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code.detection import functions
from sandbox_runner.runtimes import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.bundles.bundle import Bundle
    from sandbox_runner.runtimes.model import Language

# What tools and tutorials call the file, the usual name first.
_STEMS: Final = ("lambda_function", "app", "index", "handler", "main", "lambda", "function")
_ASIDE: Final = frozenset({"test", "tests", "__tests__", "spec", "docs", "examples", "scripts"})
_READ_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A handler. ``file`` is empty where nothing looks like one, and the rest is then what a new function has."""

    runtime: str
    handler: str
    file: str


def find_handler(bundle: Bundle) -> Found:
    """The likeliest handler: by the function's name first, then by the file's."""
    candidates = [(rank, at, found) for at, (rank, found) in enumerate(_candidates(bundle))]
    if candidates:
        return min(candidates, key=lambda each: each[:2])[2]
    return Found(registry.DEFAULT.identifier, registry.DEFAULT.language.default_handler, "")


def handler_in(language: Language, path: str, text: str) -> str:
    """The handler that a file has, as a configuration names it; empty where no function looks like one."""
    found = functions(language, text)
    return f"{path.rpartition('.')[0]}.{found[0]}" if found else ""


def _candidates(bundle: Bundle) -> Iterator[tuple[int, Found]]:
    for path in sorted(filter(registry.language_of_file, bundle.entries), key=_order)[:_READ_MAX]:
        language, text = registry.language_of_file(path), bundle.text(path)
        handler = handler_in(language, path, text) if language and text else ""
        if language and handler:
            name = handler.rpartition(".")[2]
            names = language.handler_names
            rank = 0 if name in names else 1 if "handler" in name.lower() else 2
            yield rank, Found(registry.newest_of(language).identifier, handler, path)


def _order(path: str) -> tuple[bool, int, int, str]:
    *folders, file = path.split("/")
    stem = file.partition(".")[0]
    return (
        not _ASIDE.isdisjoint(folders) or "test" in stem,
        len(folders),
        _STEMS.index(stem) if stem in _STEMS else len(_STEMS),
        path,
    )
