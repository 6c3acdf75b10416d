"""What a run's page says of a longer proof: what it would add, or how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.i18n.marking import told
from playground.run_page import live
from playground.runs import longer_proofs
from playground.text.display_text import readable

if TYPE_CHECKING:
    from playground.experiments.models import Run
    from playground.experiments.page_part.cutting import PagePart
    from playground.runs.longer_proofs import Budget


@dataclass(frozen=True, slots=True)
class LongerProofView:
    """``would`` says what it would add and take, ``most`` what it may use.

    ``going_on`` is the run that plays one, and ``now`` how far that is. ``failed`` is why the last one has no result.
    """

    would: str
    most: Budget
    going_on: Run | None
    now: str
    failed: str


def longer_proof_view(run: Run, part: PagePart | None = None) -> LongerProofView | None:
    """What is said below the verdict of ``run``; nothing where its proof came to its own end.

    :param part: what pages show of it, where that was read already.
    """
    would = longer_proofs.would_add(run, part)
    if not would:
        return None
    last = longer_proofs.latest(run)
    playing = last.run if last and not last.run.is_final else None
    return LongerProofView(
        would=readable(told(*would)),
        most=longer_proofs.largest_budget(),
        going_on=playing,
        now=live.now(playing) if playing else "",
        failed=readable(last.run.failure_sentence) if last and not playing else "",
    )
