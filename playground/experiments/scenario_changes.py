"""What changed from one scenario to another. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.experiments.scenario_lines import scenario_lines
from playground.text.diffs import Diff, FileDiff, Room, file_diffs, lines_diff

if TYPE_CHECKING:
    from sandbox_runner.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class Changes:
    """The differences between two scenarios: files, and everything else."""

    files: tuple[FileDiff, ...]
    scenario: Diff

    def within(self, room: Room) -> Changes:
        """The same with as many lines as fit."""
        files = tuple(FileDiff(one.name, one.what, room.within(one.diff)) for one in self.files)
        return Changes(files, room.within(self.scenario))


def changes(before: Scenario, after: Scenario, room: Room) -> Changes:
    """The differences between two scenarios."""
    files = file_diffs(before.code, after.code, room)
    return Changes(files, lines_diff(scenario_lines(before), scenario_lines(after), room))
