"""The tools of build sandboxes: uv, and npm where there is a runtime of Node; a folder that is shown to them alone."""

from __future__ import annotations

import shutil
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.runtimes.model import CompiledRecipe

from . import downloads, pins
from .commands import lock, made_whole, say
from .fingerprint import short_name
from .manifest import machine
from .paths import data_dir
from .selection import selected

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# What npm needs to run; its pages of help are not.
_LEFT_OUT: Final = ("docs", "man")


@dataclass(frozen=True, slots=True)
class ToolsReference:
    """A folder, such as that with ``uv`` and ``npm/``, and the same as an archive. ``name`` says what is in it."""

    name: str
    files: Path
    archive: Path

    @property
    def is_built(self) -> bool:
        """Whether it is here."""
        return self.archive.exists()


def tools() -> ToolsReference:
    """Those of the sources as they are, made or not."""
    return named(f"tools-{short_name((pins.UV, _node(), machine()))}")


def named(name: str) -> ToolsReference:
    """The folder of that name, made or not."""
    folder = data_dir() / "image" / name
    return ToolsReference(name, folder / "files", folder / "packages.tar")


def ensure_tools() -> ToolsReference:
    """Make them unless they are here.

    :raises BackendUnavailable: they cannot be fetched.
    """
    return made(tools(), "fetching the tools that install packages", _fill)


def made(wanted: ToolsReference, doing: str, fill: Callable[[Path], None]) -> ToolsReference:
    """Make ``wanted`` unless it is here; ``fill`` makes the folder.

    :raises BackendUnavailable: it cannot be fetched.
    """
    with lock(data_dir() / "image"):
        if not wanted.is_built:
            say(doing)
            with made_whole(wanted.archive.parent) as draft:
                fill(draft / "files")
                with tarfile.open(draft / "packages.tar", "w") as archive:
                    archive.add(draft / "files", ".")
    return wanted


def _fill(folder: Path) -> None:
    folder.mkdir()
    shutil.copyfile(downloads.uv(), folder / "uv")
    (folder / "uv").chmod(0o755)
    if node := _node():
        packages = downloads.node(node) / "lib" / "node_modules" / "npm"
        shutil.copytree(packages, folder / "npm", ignore=shutil.ignore_patterns(*_LEFT_OUT))


def _node() -> str:
    """The first of the Nodes that the image has; its npm works with each of them."""
    recipes = (runtime.recipe for runtime in selected())
    return next((recipe.interpreter for recipe in recipes if isinstance(recipe, CompiledRecipe)), "")
