"""Running the few programs the builder needs, with errors that name cause and cure."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sandbox_runner.errors import BackendUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_TAIL_LINES: Final = 15


def run(argv: Sequence[str | Path], *, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed.

    :raises BackendUnavailable: it failed; the message holds the end of its output.
    """
    words = [str(word) for word in argv]
    done = subprocess.run(
        words,
        cwd=cwd,
        env=None if environment is None else {**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-_TAIL_LINES:])
        raise BackendUnavailable(f"`{' '.join(words[:6])}` failed with status {done.returncode}:\n{tail}")
    return done.stdout


def need(*programs: str, purpose: str) -> None:
    """:raises BackendUnavailable: one of ``programs`` is not installed; says how to get it."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise BackendUnavailable(
            f"{', '.join(missing)} missing, needed to {purpose}: run `scripts/install-packages image`"
        )


def within(root: Path, argv: Sequence[str]) -> str:
    """Run a program of the file system at ``root`` inside it, as root there."""
    chroot = ["chroot", str(root), *argv]
    return run(chroot if os.geteuid() == 0 else ["unshare", "--map-root-user", *chroot])


def say(sentence: str) -> None:
    """One line of progress for the person who waits."""
    sys.stderr.write(f"sandbox image: {sentence}\n")
    sys.stderr.flush()


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """One builder at a time per folder; others wait and then find the work done."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def made_whole(target: Path) -> Iterator[Path]:
    """A folder to fill that becomes ``target`` only when the block ends well, so ``target`` is whole or absent."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        yield draft
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
