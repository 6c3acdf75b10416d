"""Runtimes still being built on this machine, while a new installation is already in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.conf import settings

from playground.experiments.models import Status
from sandbox_runner.image import progress, selection
from sandbox_runner.runtimes.registry import IDENTIFIERS

if TYPE_CHECKING:
    from playground.experiments.models import Run
    from sandbox_runner.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class Preparing:
    """What is still missing. ``made`` of ``parts`` parts of the sandbox image are built."""

    runtimes: tuple[str, ...]
    made: int
    parts: int

    @classmethod
    def now(cls) -> Self | None:
        """The current state; None if everything is built, as far as this machine knows."""
        parts = progress.read(settings.HOLDOVER.data)
        # A new installation starts with its first runtime, for which nothing is left to build.
        missing = tuple(name for name in IDENTIFIERS if name in parts and name != selection.first().identifier)
        return cls(missing, sum(state == progress.MADE for state in parts.values()), len(parts)) if missing else None

    @classmethod
    def holding_up(cls, run: Run) -> Self | None:
        """What that run waits for; None if it does not wait for a runtime."""
        preparing = cls.now() if run.status == Status.QUEUED else None
        return preparing if preparing is not None and preparing.concerns(run.revision.scenario) else None

    def concerns(self, scenario: Scenario) -> bool:
        """Whether that scenario has to wait."""
        return bool(set(scenario.interpreters) & set(self.runtimes))
