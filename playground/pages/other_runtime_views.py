"""Plays the scenario of a run on another runtime, to compare the two."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from playground.editor.other_runtimes import on_runtime, other_runtimes
from playground.infrastructure.problem_responses import problem_page
from playground.pages import access
from playground.pages.starting import started
from playground.runs import submission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_POST
def run_on(request: HttpRequest, run_id: str) -> HttpResponse:
    """A run of a new revision, which differs in its runtime alone; its page offers to compare it with this one."""
    run = access.run_or_404(request, run_id)
    runtime, scenario = request.POST.get("runtime", ""), run.revision.scenario
    if runtime not in other_runtimes(scenario):
        sentence = _("This scenario cannot be played on %(runtime)s.") % {"runtime": runtime[:40]}
        return problem_page(request, HTTPStatus.NOT_FOUND, sentence)
    other = on_runtime(scenario, runtime)
    return started(request, lambda by: submission.submit(other, by=by, parent=run.revision))
