"""AWS's SDK for JavaScript as the Node runtimes have it, fetched on the host and kept in the cache.

No code of a package runs while it is installed. Of each package what Node loads is kept, by ``require`` and by
``import``: not the types, and not the modules for browsers and bundlers.
"""

from __future__ import annotations

import json
import shutil
import threading
from typing import TYPE_CHECKING, Any, Final

from . import downloads
from .commands import made_whole, run, say
from .fingerprint import short_hash, short_name
from .paths import PACKAGE, cache_dir

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox_runner.runtimes.model import CompiledRecipe

_LOCK_FILE: Final = PACKAGE / "node_sdk.lock.json"
_UNNEEDED_FOLDERS: Final = ("dist-types", "dist-es")
_UNNEEDED_FILES: Final = ("*.d.ts", "*.d.mts", "*.d.cts", "*.map", "*.md")
# Runtimes that have the same packages share one folder, and are made side by side.
_one_at_a_time: Final = threading.Lock()


def node_sdk(recipe: CompiledRecipe) -> Path:
    """A folder with the packages of one Node runtime's SDK: what ``/var/runtime/node_modules`` holds beside the client.

    :raises BackendUnavailable: npm cannot install them, or they are not those of the lock file.
    """
    how = short_hash(PACKAGE / "node_sdk.py", _LOCK_FILE)
    target = cache_dir() / f"node-sdk-{short_name(recipe.sdk)}-{how}"
    with _one_at_a_time:
        if not target.exists():
            say("fetching AWS's SDK for JavaScript")
            with made_whole(target) as draft:
                _install(recipe, draft)
                _prune(draft)
    return target / "node_modules"


def _install(recipe: CompiledRecipe, folder: Path) -> None:
    home = downloads.node(recipe.interpreter)
    npm = (home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    wanted = dict(package.rsplit("@", 1) for package in recipe.sdk)
    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": wanted}))
    registry = run([*npm, "config", "get", "registry"], cwd=folder).strip().rstrip("/")
    (folder / "package-lock.json").write_text(json.dumps(_locked(registry)))
    quietly = ("--ignore-scripts", "--omit=dev", "--no-fund", "--no-audit", "--no-bin-links")
    run([*npm, "ci", *quietly], cwd=folder)


def _locked(registry: str) -> dict[str, Any]:
    """The lock with addresses: without them npm reads of each package what was ever published, five times as much."""
    lock: dict[str, Any] = json.loads(_LOCK_FILE.read_text())
    for path, package in lock["packages"].items():
        _, _, name = path.rpartition("node_modules/")
        if name:
            package["resolved"] = f"{registry}/{name}/-/{name.rpartition('/')[2]}-{package['version']}.tgz"
    return lock


def _prune(folder: Path) -> None:
    for name in _UNNEEDED_FOLDERS:
        for path in [*folder.rglob(name)]:
            shutil.rmtree(path)
    for pattern in _UNNEEDED_FILES:
        for path in [*folder.rglob(pattern)]:
            path.unlink()
