"""Verifying a finished run again: the button, and the dated results below its verdict."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from playground.infrastructure.problem_responses import problem_page
from playground.pages import access, reverifying
from playground.pages.starting import started

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from playground.experiments.models import Run
    from playground.experiments.viewer import Viewer


@require_POST
def reverify(request: HttpRequest, run_id: str) -> HttpResponse:
    """Play a run and its proof once more; the page of the original shows what becomes of it."""
    run = access.run_or_404(request, run_id)

    def start(by: Viewer) -> Run:
        reverifying.reverify(run, by=by)
        return run

    try:
        return started(request, start, "#reverifications")
    except reverifying.NothingToVerifyError:
        sentence = _("This run has no verdict that could be verified; run it again instead.")
        return problem_page(request, HTTPStatus.CONFLICT, sentence)


@never_cache
@require_safe
def reverifications(request: HttpRequest, run_id: str) -> HttpResponse:
    """The part of the page that asks again for itself while a verification is under way."""
    run = access.run_or_404(request, run_id)
    context = {"run": run, "verifications": reverifying.shown(run)}
    return access.kept(render(request, "experiments/_reverifications.html", context), run.revision.experiment)
