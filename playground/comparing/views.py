"""The page that compares two runs."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from playground.comparing.comparison import compare
from playground.experiments import page_parts, selectors
from playground.experiments.viewer import viewer_of
from playground.infrastructure.problem_responses import problem_page
from playground.infrastructure.site_address import site_address
from playground.pages import access
from playground.pages.run_views import asked_window

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from playground.experiments.models import Run


@never_cache
@require_safe
def comparison(request: HttpRequest, first_id: str, second_id: str) -> HttpResponse:
    """Compare two finished runs that the visitor may open."""
    viewer = viewer_of(request)
    first, second = access.run_or_404(request, first_id), access.run_or_404(request, second_id)
    one, other = page_parts.of(first), page_parts.of(second)
    if one is None or other is None:
        waiting = first if one is None else second
        status = waiting.get_status_display().lower()
        sentence = _("Run %(run)s is %(status)s and has no result to compare.") % {"run": waiting.id, "status": status}
        return problem_page(request, HTTPStatus.NOT_FOUND, sentence)
    window, problem = asked_window(request)
    page = compare(one.result, other.result, window)
    context = {
        "first": first,
        "second": second,
        "page": page,
        "sides": [
            (first, page.first, one.left_out.sentences_with_log),
            (second, page.second, other.left_out.sentences_with_log),
        ],
        "range_problem": problem,
        "is_fix": is_later(first, second),
        "others": selectors.comparable_runs(second, viewer),
        "share_url": site_address(request, request.path),
    }
    response = render(request, "comparing/comparison.html", context)
    for run in (first, second):
        response = access.kept(response, run.revision.experiment)
    return response


def is_later(first: Run, second: Run) -> bool:
    """Whether the second run is of an edited copy of the first one's revision: before and after a fix."""
    one, other = first.revision, second.revision
    if one.experiment_id == other.experiment_id:
        return other.number > one.number
    return one.id in (other.parent_id, other.experiment.forked_from_id)
