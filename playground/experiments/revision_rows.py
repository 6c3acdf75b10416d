"""An experiment's revisions as its page shows them: each with what changed since the one before. Pure."""

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
    """What differs from one scenario to the next: its files, and the rest of it."""

    files: tuple[FileDiff, ...]
    scenario: Diff


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """``changes`` are None for the first revision, which has none ``before`` it."""

    revision: Revision
    scenario: Scenario
    before: Revision | None = None
    changes: Changes | None = None


def revision_rows(revisions: Sequence[Revision]) -> tuple[RevisionRow, ...]:
    """A row for each of at most :data:`REVISIONS_SHOWN_MAX` revisions, which come newest first.

    The one after the last that is shown is there to compare with.
    """
    known = [(revision, revision.scenario) for revision in revisions]
    rows = [
        RevisionRow(newer, after, older, changes(before, after)) for (newer, after), (older, before) in pairwise(known)
    ]
    if known and len(known) <= REVISIONS_SHOWN_MAX:
        rows.append(RevisionRow(*known[-1]))
    return tuple(rows)


def changes(before: Scenario, after: Scenario) -> Changes:
    """What differs between two scenarios."""
    files = file_diffs(before.code, after.code)
    return Changes(files, lines_diff(scenario_lines(before), scenario_lines(after)))
