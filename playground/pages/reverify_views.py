"""Verifying a finished run again: the button, and the dated results below its verdict."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from playground.experiments import browser_keys
from playground.experiments.viewer import viewer_of, with_browser
from playground.infrastructure.problem_responses import problem_page, refused_page
from playground.pages import access, reverifying
from playground.runs import throttling

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_POST
def reverify(request: HttpRequest, run_id: str) -> HttpResponse:
    """Play a run and its proof once more; the page of the original shows what becomes of it."""
    run = access.run_or_404(request, run_id)
    if refusal := throttling.refusal(request):
        return refused_page(request, refusal)
    by = with_browser(viewer_of(request))
    try:
        reverifying.reverify(run, by=by)
    except reverifying.NothingToVerifyError:
        sentence = _("This run has no verdict that could be verified; run it again instead.")
        return problem_page(request, HTTPStatus.CONFLICT, sentence)
    response = redirect(f"{run.get_absolute_url()}#reverifications")
    browser_keys.remember(response, by.browser_key)
    return response


@never_cache
@require_safe
def reverifications(request: HttpRequest, run_id: str) -> HttpResponse:
    """The part of the page that asks again for itself while a verification is under way."""
    run = access.run_or_404(request, run_id)
    context = {"run": run, "verifications": reverifying.shown(run)}
    return access.kept(render(request, "experiments/_reverifications.html", context), run.revision.experiment)
