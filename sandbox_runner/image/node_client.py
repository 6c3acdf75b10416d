"""AWS's runtime clients for Node, compiled on the host against the very Node they will run on.

Their native part links nothing but the C and C++ libraries; built against an older C library than the sandbox's, it
runs on the newer one. Only what runs is kept: compilers, headers and npm's folders stay in the cache.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Final

from sandbox_runner.errors import BackendUnavailable

from . import downloads
from .commands import made_whole, need, run, say
from .fingerprint import short_hash
from .manifest import machine
from .paths import PACKAGE, cache_dir

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox_runner.runtimes.model import CompiledRecipe

_TOOLS: Final = ("g++", "make", "cmake", "autoconf", "automake", "libtoolize")
_LICENCES: Final = ("LICENSE", "NOTICE", "THIRD-PARTY-LICENSES")
_KEEP: Final = {
    "3": ("dist/index.mjs", "dist/rapid-client.node"),
    "4": ("index.mjs", "rapid-client.node"),
}
_STORE: Final = "@aws/lambda-invoke-store"


def node_client(recipe: CompiledRecipe) -> Path:
    """A folder with what one Node runtime's ``/var/runtime`` holds."""
    how = short_hash(PACKAGE / "node_client.py", PACKAGE / "inside" / "start_node_client.mjs")
    target = cache_dir() / f"node-client-{recipe.client}-node-{recipe.interpreter}-{machine()}-{how}"
    if not target.exists():
        _compile(recipe, target)
    return target


def _compile(recipe: CompiledRecipe, target: Path) -> None:
    if sys.platform != "linux":
        raise BackendUnavailable("the Node runtime clients compile on Linux only: build the image on a Linux machine")
    need(*_TOOLS, purpose="compile the Node runtime clients")
    say(f"compiling the Node runtime client {recipe.client}")
    with made_whole(target.with_name(f"{target.name}-work")) as work:
        _npm_install(recipe, work)
        with made_whole(target) as draft:
            _keep_what_runs(recipe, work / "node_modules", draft)
    shutil.rmtree(target.with_name(f"{target.name}-work"))


def _npm_install(recipe: CompiledRecipe, work: Path) -> None:
    home = downloads.node(recipe.interpreter)
    tools = work / "tools"
    tools.mkdir()
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    (tools / "node").symlink_to(home / "bin" / "node")
    (tools / "npm").write_text(f'#!/bin/sh\nexec "{home}/bin/node" "{npm}" "$@"\n')
    (tools / "npm").chmod(0o755)
    (work / "package.json").write_text('{"private": true}')
    run(
        [
            *(tools / "npm", "install", "--omit=dev", "--no-save", "--no-package-lock", "--no-fund", "--no-audit"),
            *("--foreground-scripts", f"aws-lambda-ric@{recipe.client}"),
        ],
        cwd=work,
        environment={
            "PATH": f"{tools}:{os.environ.get('PATH', os.defpath)}",
            "npm_config_nodedir": str(home),
            "MAKEFLAGS": f"-j{os.cpu_count() or 1}",
        },
    )


def _keep_what_runs(recipe: CompiledRecipe, modules: Path, target: Path) -> None:
    major = recipe.client.partition(".")[0]
    for name in (*_KEEP[major], *_LICENCES):
        _copy(modules / "aws-lambda-ric" / name, target / name)
    if major == "3":
        _copy(PACKAGE / "inside" / "start_node_client.mjs", target / "index.mjs")
    else:
        shutil.copytree(modules / _STORE, target / "node_modules" / _STORE)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
