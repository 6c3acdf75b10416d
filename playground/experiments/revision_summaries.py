"""What an experiment's page says of a revision: its runtimes, and what changed since the one before.

Revisions never change, so this is found out once, when a revision is stored, and kept beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from playground.experiments import stored_json
from playground.experiments.models import RevisionSummary
from playground.experiments.scenario_changes import Changes, changes
from playground.text.diffs import Room

if TYPE_CHECKING:
    from playground.experiments.models import Revision
    from sandbox_runner.scenario.model import Scenario

_CHANGES: Final = TypeAdapter(Changes)


@dataclass(frozen=True, slots=True)
class Summary:
    """``stored_changes`` is what :meth:`changes` reads."""

    runtimes: tuple[str, ...]
    stored_changes: Any

    def changes(self, room: Room) -> Changes | None:
        """As many of the changes as fit; None for a first revision."""
        if self.stored_changes is None:
            return None
        return _CHANGES.validate_python(self.stored_changes).within(room)


def keep(revision: Revision, scenario: Scenario, before: Scenario | None) -> Summary:
    """Make the summary of ``revision``, which holds ``scenario`` and came after ``before``, and store it."""
    stored = None if before is None else _CHANGES.dump_python(changes(before, scenario, Room()), mode="json")
    summary = Summary(tuple(scenario.runtimes), stored)
    blob = stored_json.pack({"runtimes": summary.runtimes, "changes": stored})
    RevisionSummary.objects.get_or_create(revision=revision, defaults={"blob": blob})
    return summary


def kept(revision: Revision) -> Summary | None:
    """The summary as it was stored; None for a revision from before there were summaries."""
    found: RevisionSummary | None = getattr(revision, "summary", None)
    if found is None:
        return None
    written = stored_json.unpack(found.blob)
    return Summary(tuple(written["runtimes"]), written["changes"])
