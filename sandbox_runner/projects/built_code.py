"""Templates that name what a build makes, where the bundle has what it is made from. Pure but for reading settings."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sandbox_runner.messages import cut, say
from sandbox_runner.runtimes import registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.bundles.bundle import Bundle
    from sandbox_runner.projects.planned import Planned

_SETTINGS_MAX: Final = 20


def from_source(bundle: Bundle, planned: Planned) -> Planned:
    """The function with the source of its handler, where only that is here; as it is otherwise."""
    if planned.file or planned.inline or not planned.runtime:
        return planned
    runtime = registry.runtime_of(planned.runtime)
    dialect = runtime.language.dialect
    if dialect is None:
        return planned
    folder = _there(bundle, planned.folder)
    module, _, function = planned.handler.rpartition(".")
    built = posixpath.relpath(posixpath.join(planned.folder, module), folder or ".")
    for source in dialect.built_from(built, _settings(bundle.below(folder), dialect.is_read)):
        handler = f"{source}.{function}"
        there = (path for path in runtime.handler_files(handler) if posixpath.join(folder, path) in bundle.entries)
        if file := next(there, ""):
            said = tuple(each for each in planned.said if each.code != "template-code-elsewhere")
            named = posixpath.join(posixpath.relpath(planned.folder or ".", folder or "."), planned.handler)
            told = say("built-from", handler=cut(posixpath.normpath(named)), path=cut(file))
            return replace(planned, folder=folder, handler=handler, file=file, is_elsewhere=False, said=(*said, told))
    return planned


def _there(bundle: Bundle, folder: str) -> str:
    """``folder``, or the nearest around it that the bundle has."""
    while folder and not any(path.startswith(f"{folder}/") for path in bundle.entries):
        folder = posixpath.dirname(folder)
    return folder


def _settings(inside: Bundle, is_read: Callable[[str], bool]) -> dict[str, str]:
    paths = [path for path in inside.entries if path.endswith(".json") and is_read(path)]
    return {path: inside.text(path) or "" for path in sorted(paths, key=len)[:_SETTINGS_MAX]}
