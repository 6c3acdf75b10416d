"""An experiment's revisions for its page, each with the changes since the previous one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from playground.experiments import revision_summaries
from playground.text.diffs import Room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.experiments.models import Revision
    from playground.experiments.revision_summaries import Summary
    from playground.experiments.scenario_changes import Changes

REVISIONS_SHOWN_MAX: Final = 20
# Summaries of revisions from before there were any: each costs the reading of two scenarios.
MADE_AT_ONCE_MAX: Final = 1


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """``changes`` is None for the first revision, and where what changed is on the revision's own page alone."""

    revision: Revision
    runtimes: tuple[str, ...] = ()
    before: Revision | None = None
    changes: Changes | None = None


def revision_rows(revisions: Sequence[Revision]) -> tuple[RevisionRow, ...]:
    """Rows for at most :data:`REVISIONS_SHOWN_MAX` revisions, given newest first.

    One revision more than shown is passed in, for comparison. All rows together are one page.
    """
    pairs: list[tuple[Revision, Revision | None]] = list(pairwise(revisions))
    if revisions and len(revisions) <= REVISIONS_SHOWN_MAX:
        pairs.append((revisions[-1], None))
    room, made = Room(), 0
    rows = []
    for revision, before in pairs:
        summary = revision_summaries.kept(revision)
        if summary is None and made < MADE_AT_ONCE_MAX:
            summary, made = _made(revision, before), made + 1
        rows.append(_row(revision, before, summary, room))
    return tuple(rows)


def _made(revision: Revision, before: Revision | None) -> Summary:
    return revision_summaries.keep(revision, revision.scenario, before.scenario if before else None)


def _row(revision: Revision, before: Revision | None, summary: Summary | None, room: Room) -> RevisionRow:
    if summary is None:
        return RevisionRow(revision, before=before)
    return RevisionRow(revision, summary.runtimes, before, summary.changes(room) if room.lines else None)
