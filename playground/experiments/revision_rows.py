"""An experiment's revisions for its page, each with the changes since the previous one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from playground.experiments.scenario_lines import scenario_lines
from playground.text.diffs import file_diffs, lines_diff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.experiments.models import Revision
    from playground.text.diffs import Diff, FileDiff
    from sandbox_runner.scenario.model import Scenario

REVISIONS_SHOWN_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Changes:
    """The differences between two scenarios: files, and everything else."""

    files: tuple[FileDiff, ...]
    scenario: Diff


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """``changes`` is None for the first revision."""

    revision: Revision
    scenario: Scenario
    before: Revision | None = None
    changes: Changes | None = None


def revision_rows(revisions: Sequence[Revision]) -> tuple[RevisionRow, ...]:
    """Rows for at most :data:`REVISIONS_SHOWN_MAX` revisions, given newest first.

    One revision more than shown is passed in, for comparison.
    """
    known = [(revision, revision.scenario) for revision in revisions]
    rows = [
        RevisionRow(newer, after, older, changes(before, after)) for (newer, after), (older, before) in pairwise(known)
    ]
    if known and len(known) <= REVISIONS_SHOWN_MAX:
        rows.append(RevisionRow(*known[-1]))
    return tuple(rows)


def changes(before: Scenario, after: Scenario) -> Changes:
    """The differences between two scenarios."""
    files = file_diffs(before.code, after.code)
    return Changes(files, lines_diff(scenario_lines(before), scenario_lines(after)))
