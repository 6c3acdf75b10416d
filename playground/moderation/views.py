"""The view for reporting a page."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from playground.experiments import selectors
from playground.experiments.viewer import viewer_of
from playground.infrastructure.problem_responses import refused_page
from playground.moderation.forms import ReportForm
from playground.moderation.models import Report
from playground.runs import throttling

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """The form; a POST stores a report for staff."""
    experiment = selectors.openable_experiment(experiment_id, viewer_of(request))
    if experiment is None:
        raise Http404
    form = ReportForm(request.POST or None)
    context = {"experiment": experiment, "form": form}
    if request.method != "POST":
        return render(request, "moderation/report.html", context)
    if not form.is_valid():
        return render(request, "moderation/report.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if refusal := throttling.report_refusal(request):
        return refused_page(request, refusal)
    Report.objects.create(experiment=experiment, **form.cleaned_data)
    return render(request, "moderation/reported.html", context)
