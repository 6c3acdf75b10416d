"""The rest of the sandbox image, made in the background while people play on what is there already."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.local_stack.children import Child, StartError
from sandbox_runner.image import selection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BUILDER: Final = (sys.executable, "-m", "sandbox_runner.image")
# It takes whatever processor time the runs that people wait for leave.
_NICE: Final = ("nice", "-n", "10")
_CHECK_S: Final = 60


def first_runtimes(environment: Mapping[str, str]) -> str:
    """What :data:`selection.VARIABLE` must say for a worker to play at once; empty where the whole image is there."""
    if _is_built(environment):
        return ""
    first = selection.first().identifier
    return first if _is_built({**environment, selection.VARIABLE: first}) else ""


def _is_built(environment: Mapping[str, str]) -> bool:
    # In a process of its own: an engine's client is much to load for a process that only watches others.
    command = (*_BUILDER, "is-built")
    return subprocess.run(command, env={**os.environ, **environment}, timeout=_CHECK_S, check=False).returncode == 0


@dataclass(slots=True)
class ImageBuild:
    """The builder, under way."""

    child: Child

    @classmethod
    def start(cls, environment: Mapping[str, str], log: Path) -> ImageBuild:
        """Make what ``environment`` asks for; its output goes to ``log``."""
        return cls(Child("image", (*_NICE, *_BUILDER, "auto"), environment=environment, log=log, restarts=0))

    def outcome(self) -> str | None:
        """None while it goes on; then nothing where it went well, and else the sentence that says what came of it."""
        if self.child.status is None:
            return None
        if self.child.status == 0:
            return ""
        try:
            self.child.check()
        except StartError as error:
            return f"{error}\nRuns in {selection.first().label} go on; `make image` tries the others again."
        return ""
