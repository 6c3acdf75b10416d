"""A run's result beside the code that was run: a fragment for the home page, live until the run has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from playground.experiments import page_parts
from playground.experiments.viewer import viewer_of
from playground.infrastructure.site_address import site_address
from playground.pages import access
from playground.pages.proving import longer_proof_view
from playground.run_page import live, presenter
from playground.run_page.finding_actions import with_actions
from playground.run_page.timeline.time_range import WHOLE
from playground.runs import submission
from playground.runs.preparing import Preparing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from playground.experiments.models import Run
    from playground.experiments.page_part.cutting import PagePart
    from playground.experiments.viewer import Viewer
    from playground.run_page.presenter import RunPage
    from playground.run_page.timeline.time_range import Window
    from playground.run_page.verdict import PlaceView


# Of the half of a window that is 1,280 pixels wide.
_ROOM_PX: Final = 560


def result_beside(request: HttpRequest, run: Run, viewer: Viewer) -> HttpResponse:
    """The fragment of that run for ``viewer``, whose browser may be told its key by this very answer.

    The header ``Holdover-Run`` names the run, so that no other answer is taken for one.
    """
    part = page_parts.of(run)
    page = page_of(part, room_px=_ROOM_PX, in_brief=True) if part else None
    context = {
        "run": run,
        "beside_code": True,
        "page": page,
        "code_marks": _code_marks(page) if page else (),
        "live": None if part else live.live_page(run),
        "preparing": Preparing.holding_up(run),
        "share_url": site_address(request, run.get_absolute_url()),
        "longer": longer_proof_view(run, part),
        "may_cancel": submission.may_cancel(run, viewer),
        "may_steer": submission.may_steer(run, viewer),
    }
    response = render(request, "experiments/_result.html", context)
    response.headers["Holdover-Run"] = run.id
    return access.kept(response, run.revision.experiment)


def page_of(part: PagePart, window: Window = WHOLE, room_px: int | None = None, *, in_brief: bool = False) -> RunPage:
    """What a finished run's page shows, with what its reader can do about each finding."""
    page = presenter.run_page(part.result, window, room_px, part.left_out, in_brief=in_brief)
    return with_actions(page, part.result, get_language() or "en")


def _code_marks(page: RunPage) -> Iterator[PlaceView]:
    """The lines to mark in the editor, the gravest finding's first."""
    if page.failed_line:
        yield page.failed_line
    for finding in page.findings:
        yield from finding.places


@never_cache
@require_safe
def run_result(request: HttpRequest, run_id: str) -> HttpResponse:
    """The same as an address, for a page that is opened again and for the end of a live run."""
    return result_beside(request, access.run_or_404(request, run_id), viewer_of(request))
