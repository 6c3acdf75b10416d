"""Debian's part of a sandbox, as an archive made here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from .commands import need, run, say
from .manifest import machine
from .paths import cache_dir

if TYPE_CHECKING:
    from pathlib import Path

# Debian keeps a module of its Python 3.11 in a package of its own; later releases of Python have it no more.
_APART: Final = {"bookworm": ("python3-distutils",)}


def archive(suite: str) -> Path:
    """A tar of that suite's smallest system with Python and curl, without device nodes; kept in the cache.

    AWS's images have curl, and its own example of a ``bootstrap`` needs it:
    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-walkthrough.html.
    """
    packages = ("python3", "curl", *_APART.get(suite, ()))
    target = cache_dir() / f"base-{suite}-{'-'.join(packages[1:])}-{machine()}.tar"
    if not target.exists():
        need("mmdebstrap", purpose="make a Debian file system")
        say(f"making a Debian {suite} file system (about 20 seconds)")
        draft = target.with_name(f".{os.getpid()}-{target.name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        run(
            [
                *("mmdebstrap", "--variant=minbase", f"--include={','.join(packages)}", "--skip=output/dev"),
                # A mirror may be days behind a suite that is not released; its signature is checked all the same.
                '--aptopt=Acquire::Check-Valid-Until "false"',
                *("--format=tar", suite, draft),
            ]
        )
        draft.rename(target)
    return target
