"""Proving the verdict of a finished run further, and ending a proof that goes on."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from playground.experiments import browser_keys
from playground.experiments.viewer import viewer_of, with_browser
from playground.i18n.marking import _
from playground.infrastructure.problem_responses import problem_page, refused_page
from playground.pages import access
from playground.pages.proving import longer_proof_view
from playground.runs import longer_proofs, submission, throttling
from playground.runs.longer_proofs import NothingToProveError

if TYPE_CHECKING:
    from django.http import HttpRequest

    from playground.experiments.models import Run


@require_POST
def prove(request: HttpRequest, run_id: str) -> HttpResponse:
    """Let a proof that was cut short go on; the page says how far it is, and keeps its verdict until it is done."""
    run = access.run_or_404(request, run_id, light=True)
    by = with_browser(viewer_of(request))
    if not submission.may_steer(run, by):
        sentence = _("Only who started this run or may edit its experiment may prove it further.")
        return problem_page(request, HTTPStatus.FORBIDDEN, sentence)
    if refusal := throttling.refusal(request):
        return _part(request, run, refusal.sentence) if _is_beside(request) else refused_page(request, refusal)
    try:
        longer_proofs.prove_further(run, longer_proofs.largest_budget(), by=by)
    except NothingToProveError:
        sentence = _("A longer proof of this run would add nothing: it has no verdict yet, or nothing was left out.")
        return problem_page(request, HTTPStatus.CONFLICT, sentence)
    there = redirect(f"{run.get_absolute_url()}#longer-proof")
    response = _part(request, run) if _is_beside(request) else there
    browser_keys.remember(response, by.browser_key)
    return response


@never_cache
@require_safe
def longer_proof(request: HttpRequest, run_id: str) -> HttpResponse:
    """The part of the page that asks again for itself while a proof goes on; once it has ended, the whole page anew."""
    return _part(request, access.run_or_404(request, run_id, light=True))


def _part(request: HttpRequest, run: Run, refused: str = "") -> HttpResponse:
    """The part of a page that says what a longer proof would add, or how far it is.

    Once there is nothing to wait for, the page shows the result again: the run's own page all of it, the page with the
    code what is beside the code.

    :param refused: why none was begun.
    """
    view = longer_proof_view(run)
    if view is None or not (view.going_on or refused):
        again = trigger_client_event(HttpResponse(status=HTTPStatus.NO_CONTENT), "holdover:proven", {"run": run.id})
        return access.kept(again if _is_beside(request) else HttpResponseClientRefresh(), run.revision.experiment)
    context = {
        "run": run,
        "longer": view,
        "refused": refused,
        "beside_code": _is_beside(request),
        "may_steer": submission.may_steer(run, viewer_of(request)),
    }
    return access.kept(render(request, "experiments/_longer_proof.html", context), run.revision.experiment)


def _is_beside(request: HttpRequest) -> bool:
    """Whether a script asks, for the page that holds the code."""
    return "beside" in request.GET


@require_POST
def stop(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask a run to end its proof and to keep what was proven."""
    run = access.run_or_404(request, run_id, light=True)
    if not submission.may_steer(run, viewer_of(request)):
        sentence = _("Only who started this run or may edit its experiment may stop its proof.")
        return problem_page(request, HTTPStatus.FORBIDDEN, sentence)
    submission.stop_proof(run)
    return redirect(run)
