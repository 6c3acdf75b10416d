"""Opening what an address names: what somebody may not open does not exist for them, and what was deleted says so."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.http import Http404
from django.shortcuts import render

from playground.experiments import hard_delete, retention, selectors
from playground.experiments.models import TakedownReason, Visibility
from playground.experiments.viewer import viewer_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from playground.experiments.models import Experiment, Run
    from playground.experiments.viewer import Viewer

R = TypeVar("R", bound="HttpResponseBase")


def run_or_404(request: HttpRequest, run_id: str, *, light: bool = False) -> Run:
    """That run with its revision and experiment.

    :param light: without result, events and scenario.
    :raises Http404: there is none for whoever asks.
    """
    run = selectors.openable_run(run_id, viewer_of(request), light=light)
    if run is None:
        raise Http404
    return run


def kept(response: R, experiment: Experiment) -> R:
    """``response``, which shows something of ``experiment``, kept by nobody for whom it is not. It is a visit."""
    retention.note_visit(experiment)
    if experiment.visibility in (Visibility.TEAM, Visibility.PRIVATE):
        response.headers["Cache-Control"] = "private, no-store"
    if experiment.visibility != Visibility.PUBLIC:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def stub_or_404(request: HttpRequest, deleted: Experiment | None, viewer: Viewer) -> HttpResponse:
    """What stays at the address of something deleted: that it was there, and for its owner the way back.

    :raises Http404: there was nothing for whoever asks.
    """
    if deleted is None:
        raise Http404
    template, status = "experiments/deleted.html", HTTPStatus.GONE
    if deleted.taken_down_at is not None:
        template = "experiments/taken_down.html"
        by_law = deleted.taken_down_for == TakedownReason.LAW
        status = HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS if by_law else HTTPStatus.GONE
    elif deleted.pruned_at is not None:
        template = "experiments/pruned.html"
    context = {
        "experiment": deleted,
        "purged_after": hard_delete.purged_after(deleted),
        "may_restore": selectors.may_edit(deleted, viewer),
        "verdicts": selectors.verdicts_of(deleted) if template == "experiments/pruned.html" else (),
        "retention_days": settings.HOLDOVER.retention_days,
    }
    response = render(request, template, context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
