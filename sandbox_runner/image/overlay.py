"""The files that we lay over Debian's: runtimes, manifest, accounts and mount points.

The one place that says what a sandbox's file system looks like. The Docker image and the unpacked root file system
both copy the folders that are assembled here, and nothing else.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Final

from sandbox_runner.runtimes.model import CompiledRecipe, WheelsRecipe

from . import downloads
from .esbuild import esbuild
from .manifest import INTERPRETERS, manifest
from .parts import client_of, sdk_of
from .paths import GUEST, PACKAGE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox_runner.runtimes.model import Recipe, Runtime

_ACCOUNTS: Final = """\
root:x:0:0:root:/root:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
sbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin
"""
_GROUP: Final = """\
root:x:0:
nogroup:x:65534:
sbx_user1051:x:990:
"""
# Read by ``site`` when an interpreter starts. The first line is what AWS's own starter does, where the function has no
# PYTHONPATH of its own: layers before the SDK, both before /var/runtime. With one of its own these two come last.
# https://docs.aws.amazon.com/lambda/latest/dg/python-image.html (search path), public.ecr.aws/lambda/python:3.13
# (/var/runtime/bootstrap.py).
_SEARCH_PATH: Final = """\
import os, sys; sys.path[:0] = [{layers!r}, "/opt/python", {sdk!r}] * (os.environ.get("PYTHONPATH") == "/var/runtime")
{sdk}
/var/runtime
"""
_TRUSTED: Final = "/run/holdover/trusted.pem"
_EMPTY: Final = ("dev", "home", "opt", "run", "tmp", "var/task")
_LINKS: Final = {
    # The supervisor points these at one runtime when a sandbox is configured: /run is a tmpfs, the rest read-only.
    "var/runtime": "/run/holdover/runtime",
    "var/lang": "/run/holdover/lang",
    # Where Node looks when code below /var/task imports a package. AWS's Node looks along NODE_PATH, as `require` does:
    # https://aws.amazon.com/blogs/compute/node-js-18-x-runtime-now-available-in-aws-lambda/
    "var/node_modules": "/opt/nodejs/node_modules",
    "node_modules": "/var/runtime/node_modules",
    # The stores of OpenSSL, and of Debian's and other programs; botocore has one of its own, see `_runtime`. Nothing
    # outside is in them, because a sandbox has no network.
    "usr/lib/ssl/cert.pem": _TRUSTED,
    "etc/ssl/certs/ca-certificates.crt": _TRUSTED,
}


def assemble_system(target: Path, image: Sequence[Runtime]) -> None:
    """Fill ``target`` with everything of an image of these runtimes but the guest."""
    _accounts(target / "etc")
    for name in _EMPTY:
        (target / name).mkdir(parents=True)
    for name, points_to in _LINKS.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).symlink_to(points_to)
    runtimes = target / INTERPRETERS.lstrip("/")
    for runtime in image:
        _runtime(runtime.recipe, runtimes / runtime.identifier)
        if isinstance(runtime.recipe, WheelsRecipe):
            _search_path(runtime.recipe.interpreter, target)
    (runtimes / "runtimes.json").write_text(json.dumps(manifest(image), indent=2) + "\n")
    _settle_modes(target)
    (target / "tmp").chmod(0o1777)


def assemble_guest(target: Path) -> None:
    """Fill ``target`` with what ``/usr/lib/holdover`` holds."""
    shutil.copytree(GUEST, target / "guest", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("supervisor.py", "finish.py"):
        shutil.copyfile(PACKAGE / "inside" / name, target / name)
    _settle_modes(target)


def _accounts(etc: Path) -> None:
    etc.mkdir(parents=True)
    (etc / "passwd").write_text(_ACCOUNTS)
    (etc / "group").write_text(_GROUP)


def _runtime(recipe: Recipe, home: Path) -> None:
    programs = home / "lang" / "bin"
    programs.mkdir(parents=True)
    shutil.copytree(client_of(recipe), home / "runtime")
    match recipe:
        case WheelsRecipe(interpreter=release):
            for name in ("python", "python3", f"python{release}"):
                (programs / name).symlink_to(f"/usr/bin/python{release}")
            packages = home / "lang" / "lib" / f"python{release}" / "site-packages"
            shutil.copytree(sdk_of(recipe), packages)
            (packages / "botocore" / "cacert.pem").unlink()
            (packages / "botocore" / "cacert.pem").symlink_to(_TRUSTED)
        case CompiledRecipe(interpreter=version):
            shutil.copyfile(downloads.node(version) / "bin" / "node", programs / "node")
            _add_packages(sdk_of(recipe), home / "runtime" / "node_modules")
            # One for all runtimes: whatever transforms a file is no part of the runtime that loads it.
            shutil.copytree(esbuild(recipe), home.parent / "esbuild", dirs_exist_ok=True)


def _add_packages(source: Path, target: Path) -> None:
    """What ``target`` has already, which the client brought, stays as it is."""
    for package in sorted(path.parent.relative_to(source) for path in source.glob("**/package.json")):
        is_inside_another = any((source / parent / "package.json").exists() for parent in package.parents)
        if not is_inside_another and not (target / package).exists():
            shutil.copytree(source / package, target / package)


def _search_path(release: str, target: Path) -> None:
    site = target / "usr" / "lib" / "python3" / "dist-packages"
    site.mkdir(parents=True)
    packages = f"lib/python{release}/site-packages"
    text = _SEARCH_PATH.format(layers=f"/opt/python/{packages}", sdk=f"/var/lang/{packages}")
    (site / "lambda.pth").write_text(text)


def _settle_modes(root: Path) -> None:
    """The same modes whatever the umask of the person who builds."""
    root.chmod(0o755)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or _is_program(path) else 0o644)


def _is_program(path: Path) -> bool:
    return path.parent.name == "bin" or path.suffix in {".so", ".node"}
