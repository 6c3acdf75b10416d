"""Playing a finished run once more, on today's image, to see whether it comes to the same claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from playground.experiments.models import FINAL, Reverification, Run, Status
from playground.experiments.viewer import STRANGER
from playground.run_page import live, reverification
from playground.runs.submission import play_again

if TYPE_CHECKING:
    from playground.experiments.viewer import Viewer
    from playground.run_page.reverification import ReverificationView

# A page compares each with the original; older ones are counted and stay at their own addresses.
SHOWN_MAX: Final = 10


class NothingToVerifyError(Exception):
    """The run has no verdict that could be verified."""


def reverify(original: Run, *, by: Viewer = STRANGER) -> Reverification:
    """Store a queued run that verifies ``original``, or return the one that is still under way.

    :raises NothingToVerifyError: it has no verdict (yet).
    """
    if original.status != Status.FINISHED:
        raise NothingToVerifyError
    with transaction.atomic():
        # Held until the transaction ends, so that two presses of the button do not become two runs.
        Run.objects.select_for_update().only("id").get(pk=original.pk)
        if under_way := original.reverifications.exclude(run__status__in=FINAL).first():
            return under_way
        run = play_again(original.revision, by=by)
        return Reverification.objects.create(original=original, run=run)


def shown(original: Run) -> tuple[ReverificationView, ...]:
    """The newest verifications of ``original``, at most :data:`SHOWN_MAX`; none where it has no result."""
    # The page of a run asks whether there are any together with the run.
    if not getattr(original, "is_verified_again", True):
        return ()
    asked = original.reverifications.select_related("run__revision").order_by("-run__created_at", "-pk")
    again = [one.run for one in asked[:SHOWN_MAX]]
    # A result is large; it is only read where there is something to compare it with.
    if not again or (result := original.result_json) is None:
        return ()
    claims = reverification.claims_of(result)
    return tuple(_view(run, claims) for run in again)


def _view(run: Run, claims: reverification.Claims) -> ReverificationView:
    if (again := run.result_json) is not None:
        return reverification.finished(
            run.id, run.finished_at or run.created_at, claims, reverification.claims_of(again)
        )
    now = run.failure_sentence if run.is_final else live.live_page(run).now
    return reverification.without_verdict(run.id, run.finished_at or run.created_at, run.status, now)
