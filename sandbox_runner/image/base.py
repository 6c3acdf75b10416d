"""Debian's part of a sandbox, as an archive made here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .commands import need, run, say
from .manifest import machine
from .paths import cache_dir

if TYPE_CHECKING:
    from pathlib import Path


def archive(suite: str) -> Path:
    """A tar of that suite's smallest system with Python and curl, without device nodes; kept in the cache.

    AWS's images have curl, and its own example of a ``bootstrap`` needs it:
    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-walkthrough.html.
    """
    target = cache_dir() / f"base-{suite}-curl-{machine()}.tar"
    if not target.exists():
        need("mmdebstrap", purpose="make a Debian file system")
        say(f"making a Debian {suite} file system (about 20 seconds)")
        draft = target.with_name(f".{os.getpid()}-{target.name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        run(
            [
                *("mmdebstrap", "--variant=minbase", "--include=python3,curl", "--skip=output/dev"),
                # A mirror may be days behind a suite that is not released; its signature is checked all the same.
                '--aptopt=Acquire::Check-Valid-Until "false"',
                *("--format=tar", suite, draft),
            ]
        )
        draft.rename(target)
    return target
