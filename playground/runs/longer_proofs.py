"""Proving the verdict of a finished run further: another proof of the same answers, within a larger budget.

It is a run of its own that plays replays alone. The verdict that there is stays until it is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from playground.experiments import page_parts, stored_json
from playground.experiments.longer_proof import LongerProof
from playground.experiments.models import FINAL, HEAVY, Run
from playground.experiments.viewer import STRANGER
from playground.runs.submission import play_again
from sandbox_runner.projections.longer_proof import longer_proof

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from playground.experiments.page_part.cutting import PagePart
    from playground.experiments.viewer import Viewer
    from sandbox_runner.messages import Message


class NothingToProveError(Exception):
    """The run has no verdict, or one whose proof came to its own end."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a longer proof may use."""

    seconds: int
    replays: int


def largest_budget() -> Budget:
    """What this installation allows at once; whoever needs more goes on from there."""
    return Budget(settings.HOLDOVER.proof_seconds_max, settings.HOLDOVER.proof_replays_max)


def would_add(run: Run, part: PagePart | None = None) -> tuple[Message, ...]:
    """What a longer proof of ``run`` would add and take; nothing where it has no verdict or none was cut short.

    :param part: what pages show of it, where that was read already.
    """
    if run.longer_messages:
        return stored_json.unpack_messages(run.longer_messages)
    part = part or page_parts.of(run)
    return longer_proof(part.result) if part and part.result.proof and part.result.proof.stopped else ()


def prove_further(original: Run, budget: Budget, *, by: Viewer = STRANGER) -> LongerProof:
    """Store a queued proof of ``original`` that goes on, or return the one that is still under way.

    :raises NothingToProveError: a longer proof would add nothing.
    """
    would = would_add(original)
    if not would:
        raise NothingToProveError
    with transaction.atomic():
        # Held until the transaction ends, so that two presses of the button do not become two runs.
        Run.objects.select_for_update().only("id").get(pk=original.pk)
        if going_on := under_way(original):
            return going_on
        # Found out now for a run from before it was stored: whoever watches the proof asks each second.
        Run.objects.filter(pk=original.pk).update(longer_messages=stored_json.pack_messages(would))
        run = play_again(original.revision, by=by)
        return LongerProof.objects.create(original=original, run=run, seconds=budget.seconds, replays=budget.replays)


def under_way(original: Run) -> LongerProof | None:
    """The proof of ``original`` that goes on now, if any."""
    return _longer_proofs_of(original).exclude(run__status__in=FINAL).first()


def latest(original: Run) -> LongerProof | None:
    """The newest longer proof of ``original``, if any."""
    return _longer_proofs_of(original).order_by("-pk").first()


def _longer_proofs_of(original: Run) -> QuerySet[LongerProof]:
    return original.longer_proofs.select_related("run__revision").defer(*(f"run__{each}" for each in HEAVY))
