"""Naming an experiment from where one is: the page of a run, or the list of what one has run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from playground.experiments import editing, selectors
from playground.experiments.viewer import viewer_of
from playground.text import normalize

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_POST
def name(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """Give it the title that was typed; only for whoever may change it. An empty one takes the title away."""
    viewer = viewer_of(request)
    title = normalize.one_line(request.POST.get("title", ""))[: normalize.TITLE_CHARACTERS_MAX]
    if not editing.rename(experiment_id, title, viewer):
        raise Http404
    messages.success(request, _("Saved."))
    shown_on = request.POST.get("shown_on", "")
    return redirect("run", shown_on) if selectors.may_open_run(shown_on, viewer) else redirect("mine")
