"""The program that transforms TypeScript inside a sandbox, fetched on the host and kept in the cache.

It is the one file of its npm package. Nothing of the package runs while it is fetched, and it must be the one that is
written down here, byte for byte.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import tarfile
from typing import TYPE_CHECKING, Final

from sandbox_runner.errors import BackendUnavailable

from . import downloads
from .commands import made_whole, run, say
from .manifest import machine
from .paths import cache_dir

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox_runner.runtimes.model import CompiledRecipe

# By version and machine: the name of the package, and the hash of its archive as the registry publishes it.
_PACKAGES: Final = {
    ("0.28.2", "x86_64"): (
        "@esbuild/linux-x64",
        "4xTZr1FUmSoQW4XIWmit3tzQrUTZM+N3P0XV8xROKYF50XfI7xeO90+1bZvNwxIufQ9hDQVRJH5YhgPVF8A/HQ==",
    ),
    ("0.28.2", "aarch64"): (
        "@esbuild/linux-arm64",
        "pW4AC0P3it8c7do9MVM4p51FzHzdM/TZrerurgRcHJ2WTa1VQ1CIq18xncfpBJw4ojkiZZrKW2yIBWBP92j6Ug==",
    ),
}
_PROGRAM: Final = "package/bin/esbuild"


def esbuild(recipe: CompiledRecipe) -> Path:
    """A folder with ``bin/esbuild``.

    :raises BackendUnavailable: npm cannot fetch it, or it is another than the one written down here.
    """
    target = cache_dir() / f"esbuild-{recipe.esbuild}-{machine()}"
    if not target.exists():
        say(f"fetching esbuild {recipe.esbuild}")
        with made_whole(target) as draft:
            archive = _fetched(recipe, draft)
            (draft / "bin").mkdir()
            with tarfile.open(archive) as tar, (draft / "bin" / "esbuild").open("wb") as program:
                packed = tar.extractfile(_PROGRAM)
                if packed is None:
                    raise BackendUnavailable(f"the package of esbuild {recipe.esbuild} has no {_PROGRAM}")
                shutil.copyfileobj(packed, program)
            (draft / "bin" / "esbuild").chmod(0o755)
            archive.unlink()
    return target


def _fetched(recipe: CompiledRecipe, folder: Path) -> Path:
    name, wanted = _PACKAGES[recipe.esbuild, machine()]
    home = downloads.node(recipe.interpreter)
    npm = (home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    run([*npm, "pack", "--ignore-scripts", f"{name}@{recipe.esbuild}"], cwd=folder)
    (archive,) = folder.glob("*.tgz")
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != wanted:
        raise BackendUnavailable(
            f"{name} {recipe.esbuild} from the registry is not the one that this version was made with"
        )
    return archive
