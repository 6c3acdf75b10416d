"""Builds the rest of the sandbox image in the background, while people use what is ready."""

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
# It only takes processor time that runs leave over.
_NICE: Final = ("nice", "-n", "10")
_CHECK_S: Final = 60


def first_runtimes(environment: Mapping[str, str]) -> str:
    """The value of :data:`selection.VARIABLE` for a worker to start at once; empty if the whole image is ready."""
    if _is_built(environment):
        return ""
    first = selection.first().identifier
    return first if _is_built({**environment, selection.VARIABLE: first}) else ""


def _is_built(environment: Mapping[str, str]) -> bool:
    # In its own process: an engine's client is too much to load for a process that only monitors others.
    command = (*_BUILDER, "is-built")
    return subprocess.run(command, env={**os.environ, **environment}, timeout=_CHECK_S, check=False).returncode == 0


@dataclass(slots=True)
class ImageBuild:
    """A build in progress."""

    child: Child

    @classmethod
    def start(cls, environment: Mapping[str, str], log: Path) -> ImageBuild:
        """Build what ``environment`` requests; output goes to ``log``."""
        return cls(Child("image", (*_NICE, *_BUILDER, "auto"), environment=environment, log=log, restarts=0))

    def outcome(self) -> str | None:
        """None while it runs; then empty on success, else the error message."""
        if self.child.status is None:
            return None
        if self.child.status == 0:
            return ""
        try:
            self.child.check()
        except StartError as error:
            return f"{error}\nRuns in {selection.first().label} go on; `make image` tries the others again."
        return ""
