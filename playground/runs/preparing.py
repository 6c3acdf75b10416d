"""Runtimes that are still being prepared on this machine, which happens while a new installation is used already."""

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
    """What is missing yet. ``made`` of ``parts`` parts of the sandbox image are there."""

    runtimes: tuple[str, ...]
    made: int
    parts: int

    @classmethod
    def now(cls) -> Self | None:
        """None where everything is there, as far as this machine knows."""
        parts = progress.read(settings.HOLDOVER.data)
        # Nothing has to be made for the first runtime that a new installation has; it is played on already.
        missing = tuple(name for name in IDENTIFIERS if name in parts and name != selection.first().identifier)
        return cls(missing, sum(state == progress.MADE for state in parts.values()), len(parts)) if missing else None

    @classmethod
    def holding_up(cls, run: Run) -> Self | None:
        """What that run waits for; None where it does not wait for a runtime."""
        preparing = cls.now() if run.status == Status.QUEUED else None
        return preparing if preparing is not None and preparing.concerns(run.revision.scenario) else None

    def concerns(self, scenario: Scenario) -> bool:
        """Whether that scenario has to wait."""
        return bool(set(scenario.runtimes) & set(self.runtimes))
